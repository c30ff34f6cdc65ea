"""Every address asks for a scope: the whole table."""

import pytest
from django.urls import get_resolver

from portal.models.tokens import Scope
from tests.calling import ROOT, Caller, problem

pytestmark = pytest.mark.django_db

READ, WRITE, TASKS, ALERTS, ADMIN = (
    "incidents:read",
    "incidents:write",
    "tasks:write",
    "alerts:write",
    "admin:read",
)
OPEN = {"schema/", "docs/"}
TABLE = [
    # method, address, scopes of which one is enough
    ("get", "me/", set(Scope.values)),
    ("get", "incidents/", {READ}),
    ("post", "incidents/", {WRITE}),
    ("get", "incidents/INC-000001/", {READ}),
    ("patch", "incidents/INC-000001/", {WRITE}),
    ("get", "incidents/INC-000001/transitions/", {READ}),
    ("post", "incidents/INC-000001/transitions/", {WRITE}),
    ("get", "incidents/INC-000001/timeline/", {READ}),
    ("post", "incidents/INC-000001/timeline/", {WRITE}),
    ("get", "incidents/INC-000001/assessments/", {READ}),
    ("post", "incidents/INC-000001/assessments/", {WRITE}),
    ("get", "incidents/INC-000001/tasks/", {READ}),
    ("post", "incidents/INC-000001/tasks/", {TASKS}),
    ("get", "tasks/1/", {READ}),
    ("patch", "tasks/1/", {TASKS}),
    ("post", "tasks/1/finish/", {TASKS}),
    ("post", "tasks/1/waive/", {TASKS}),
    ("get", "incidents/INC-000001/evidence/", {READ}),
    ("post", "incidents/INC-000001/evidence/", {WRITE}),
    ("get", "evidence/1/content/", {READ}),
    ("get", "incidents/INC-000001/matches/", {READ}),
    ("get", "incidents/INC-000001/playbooks/", {READ}),
    ("post", "incidents/INC-000001/playbooks/", {WRITE}),
    ("get", "incidents/INC-000001/alerts/", {READ}),
    ("post", "alerts/1/acknowledge/", {ALERTS}),
    ("post", "rules/test/", {READ, WRITE, ADMIN}),
    ("get", "rules/", {READ, ADMIN}),
    ("get", "playbooks/", {READ, ADMIN}),
    ("get", "on-call/", {READ, ADMIN}),
    ("get", "departments/", {READ, WRITE, ADMIN}),
    ("get", "categories/", {READ, WRITE, ADMIN}),
]


@pytest.mark.parametrize(("method", "path", "enough"), TABLE)
def test_a_scope_opens_its_addresses_and_no_other(handler, method, path, enough):
    for scope in Scope.values:
        answer = getattr(Caller(handler, scope), method)(path)

        if scope in enough:
            assert answer.status_code != 403, scope
        else:
            assert "scope" in problem(answer, 403)["detail"]


def test_the_table_holds_every_address():
    asked = {
        path.replace("INC-000001", "<str:reference>").replace("/1/", "/<int:id>/")
        for _, path, _ in TABLE
    }

    assert addresses() - OPEN == asked


def addresses() -> set[str]:
    """Every address under /api/v1/, as the URL files write it; the last one catches the rest."""
    found = set()
    for prefix in get_resolver().url_patterns:
        if str(prefix.pattern) == ROOT.lstrip("/"):
            for each in prefix.url_patterns:
                inner = getattr(each, "url_patterns", None)
                found |= {str(leaf.pattern) for leaf in (inner if inner is not None else [each])}
    return {path for path in found if not path.startswith("^")}


@pytest.mark.parametrize("method", ["put", "delete", "options"])
def test_other_methods_are_405(handler, method):
    answer = getattr(Caller(handler).client, method)(
        f"{ROOT}incidents/INC-000001/", headers=Caller(handler, READ).headers
    )

    problem(answer, 405)


def test_head_is_as_get(handler):
    caller = Caller(handler, READ)

    assert caller.client.head(f"{ROOT}incidents/", headers=caller.headers).status_code == 200
