"""Playbooks: those in use, those at work on an incident, and finishing their tasks."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from incidents import tasks
from incidents.api import sight
from incidents.api.endpoints import ADMIN, READ, TASKS, WRITE, Endpoint, ListEndpoint
from incidents.api.serializers import TaskShape
from incidents.api.tasks import find, shown
from workflows import playbooks
from workflows.api.rules import require_role
from workflows.api.serializers import FinishBody, PlaybookShape, RunBody, RunShape
from workflows.models import PlaybookRun, PlaybookVersion

FIRST_WORDS = {
    "confirm": "confirm",
    "confirmed": "confirm",
    "dismiss": "dismiss",
    "dismissed": "dismiss",
}


class Playbooks(ListEndpoint):
    required_scopes = {"GET": (READ, ADMIN)}

    @extend_schema(responses=PlaybookShape(many=True))
    def get(self, request) -> Response:
        """The playbooks in use, each whole."""
        require_role(request.user)
        rows = PlaybookVersion.objects.filter(is_current=True)
        return self.page(rows.order_by("pk"), PlaybookShape)


class Runs(ListEndpoint):
    required_scopes = {"GET": READ, "POST": WRITE}

    @extend_schema(responses=RunShape(many=True))
    def get(self, request, reference: str) -> Response:
        """The playbooks at work on an incident."""
        incident = sight.find_inside(request.user, reference)
        rows = incident.playbook_runs.select_related("playbook", "started_by")
        return self.page(rows.order_by("pk"), RunShape)

    @extend_schema(request=RunBody, responses={201: RunShape, 200: RunShape})
    def post(self, request, reference: str) -> Response:
        """Attach a playbook by hand. 200 when it was at work already, and nothing changed."""
        incident = sight.find_inside(request.user, reference)
        body = self.read(RunBody)
        at_work = PlaybookRun.objects.filter(
            incident=incident, code=body["code"], mode=PlaybookRun.Mode.FULL
        )
        status = 200 if at_work.exists() else 201
        run = playbooks.attach(incident, body["code"], by=request.user, why=body["reason"])
        return Response(RunShape(run).data, status=status)


class Finish(Endpoint):
    required_scopes = {"POST": TASKS}

    @extend_schema(request=FinishBody, responses=TaskShape)
    def post(self, request, id: int) -> Response:
        """Finish a task with its result.

        The task that asks whether a playbook applies also takes the `decision`; without one the
        result must begin with “confirmed” or “dismissed”.
        """
        task = find(request.user, id)
        body = self.read(FinishBody)
        run = playbooks.asked_about(task)
        if run is not None:
            decide(run, decision_in(body), body["result"], by=request.user)
        elif "decision" in body:
            raise ValidationError({"decision": [_("There is nothing to confirm or dismiss.")]})
        else:
            tasks.finish(task, by=request.user, result=body["result"])
        return shown(task)


def decision_in(body: dict[str, str]) -> str:
    """Raises ValidationError naming `decision` when neither it nor the result tells."""
    first = re.match(r"\W*(\w+)", body["result"])
    decision = body.get("decision") or FIRST_WORDS.get(first[1].lower() if first else "")
    if decision is None:
        raise ValidationError({"decision": [_("Say confirm or dismiss.")]})
    return decision


def decide(run: PlaybookRun, decision: str, result: str, *, by) -> None:
    if decision == "confirm":
        playbooks.confirm(run, by=by, note=result)
    else:
        playbooks.dismiss(run, by=by, why=result)
