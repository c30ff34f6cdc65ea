"""Tasks of an incident. Finishing one is in workflows/api: it may confirm a playbook."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from incidents import need_to_know, tasks
from incidents.api import inputs, sight
from incidents.api.endpoints import READ, TASKS, Endpoint, ListEndpoint
from incidents.api.serializers import TaskShape
from incidents.api.views import link
from incidents.models import Task

RENAMED = {"mandatory": "is_mandatory"}


def find(user, key: int) -> Task:
    """A task of an incident that `user` sees from inside. Raises Task.DoesNotExist."""
    seen = Task.objects.filter(incident__in=sight.inside(user))
    task = seen.select_related("incident", "assignee", "settled_by").get(pk=key)
    need_to_know.note_view(task.incident, user)
    return task


def shown(task: Task, **options) -> Response:
    """The task as it is now."""
    people = Task.objects.select_related("incident", "assignee", "settled_by")
    return Response(TaskShape(people.get(pk=task.pk)).data, **options)


class TaskList(ListEndpoint):
    required_scopes = {"GET": READ, "POST": TASKS}

    @extend_schema(responses=TaskShape(many=True))
    def get(self, request, reference: str) -> Response:
        """The work on an incident, oldest first."""
        incident = sight.find_inside(request.user, reference)
        rows = incident.tasks.select_related("incident", "assignee", "settled_by")
        return self.page(rows.order_by("pk"), TaskShape)

    @extend_schema(request=inputs.TaskBody, responses={201: TaskShape})
    def post(self, request, reference: str) -> Response:
        """Add a task by hand. Without `assignee` it goes to whoever holds the role."""
        incident = sight.find_inside(request.user, reference)
        body = self.read(inputs.TaskBody)
        given = {RENAMED.get(name, name): value for name, value in body.items()}
        task = tasks.add(incident, by=request.user, **given)
        return shown(task, status=201, headers={"Location": link(request, "api-task", task.pk)})


class TaskDetail(Endpoint):
    required_scopes = {"GET": READ, "PATCH": TASKS}

    @extend_schema(responses=TaskShape)
    def get(self, request, id: int) -> Response:
        return shown(find(request.user, id))

    @extend_schema(request=inputs.TaskChangeBody, responses=TaskShape)
    def patch(self, request, id: int) -> Response:
        """Hand it to somebody, start it, block it with a reason, or put it back."""
        task = find(request.user, id)
        body = self.read(inputs.TaskChangeBody)
        if "reason" in body and "state" not in body:
            raise ValidationError({"state": [_("Say which state this is the reason for.")]})
        with transaction.atomic():
            if "assignee" in body:
                tasks.assign(task, body["assignee"], by=request.user)
            if "state" in body:
                reason = body.get("reason", "")
                tasks.set_state(task, body["state"], by=request.user, reason=reason)
        return shown(task)


class Waive(Endpoint):
    required_scopes = {"POST": TASKS}

    @extend_schema(request=inputs.WaiveBody, responses=TaskShape)
    def post(self, request, id: int) -> Response:
        """Do without this task, for a reason."""
        task = find(request.user, id)
        return shown(tasks.waive(task, by=request.user, **self.read(inputs.WaiveBody)))
