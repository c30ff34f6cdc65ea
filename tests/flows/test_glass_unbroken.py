"""A superuser without break-glass meets nothing of a restricted incident, by no door."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from incidents import access, break_glass, conversation, facts, need_to_know
from incidents.states import State
from tests.calling import Caller
from tests.console import Console, about, on
from tests.factories import make_incident, make_task, make_user
from tests.flows.crawler import routes

MARKER = "qzxglassmarker"
WHY = "The named people are all on the plane."
PAGES = ["", "?all=1", "incidents/incident/", "incidents/task/", "workflows/alert/"]
QUERIES = [{"q": MARKER}, {"state": "all"}, {"state": "closed"}, {"owner": "manager"}]


@pytest.fixture
def hidden(manager, ciso, dpo, reporter):
    """Restricted, with the marker wherever somebody writes."""
    incident = make_incident(State.TRIAGE, handler=manager, reporter=reporter)
    facts.edit(incident, {"concerned": MARKER, "supplier": MARKER}, by=manager)
    type(incident).objects.filter(pk=incident.pk).update(subject=f"About {MARKER}")
    conversation.note(incident, f"@ciso {MARKER}", by=manager)
    make_task(incident, by=manager, title=f"Call {MARKER}", assignee=manager)
    return need_to_know.restrict(incident, [ciso], by=manager, reason=f"{MARKER}, a colleague.")


@pytest.fixture(params=["root", "rootish"])
def root(request, db):
    """One superuser without a role, and one who is a handler too."""
    groups = ["handler", "admin"] if request.param == "rootish" else []
    return make_user(request.param, *groups, is_superuser=True, is_staff=True)


def addresses(incident) -> list[str]:
    """Every address of the console, with the numbers of this incident in its places."""
    task = incident.tasks.last()
    paths = []
    for route in routes():
        if not route.path.startswith("/admin/") or "logout" in route.path:
            continue
        key = task.pk if "/task/" in route.path else incident.pk
        known = {"show": "1", "change": "name", "answer": "agree", "step": "merge"}
        values = {name: known.get(name, str(key)) for name in route.names}
        paths.append(route.path.format(**values))
    return paths


def tells(answer, incident) -> bool:
    body = answer.getvalue() if answer.streaming else answer.content
    return MARKER.encode() in body or incident.reference.encode() in body


def test_no_address_of_the_console_shows_it(hidden, root):
    client = Console(root).client

    telling = [path for path in addresses(hidden) if tells(client.get(path), hidden)]

    assert telling == []


def test_no_search_count_export_or_list_shows_it(hidden, root):
    console = Console(root)
    before = LogEntry.objects.count()

    answers = [console.get(page, **query) for page in PAGES for query in QUERIES[1:]]
    searched = [console.get(page, q=MARKER) for page in PAGES]
    files = [console.get(f"incidents/incident/export.{kind}", state="all")
             for kind in ("csv", "xlsx")]  # fmt: skip

    assert not any(tells(answer, hidden) for answer in [*answers, *files])
    assert not any(hidden.reference.encode() in answer.content for answer in searched)
    assert not access.visible_to(root).exists()
    assert not any(hidden.reference in str(row) for row in LogEntry.objects.all()[before:])


def test_no_act_reaches_it(hidden, root):
    console, task = Console(root), hidden.tasks.last()
    before = hidden.timeline.count()
    other = make_incident(State.TRIAGE)

    answers = [
        console.post(on(hidden, "write"), audience="internal", text="Me."),
        console.post(on(hidden, "take")),
        console.post(on(hidden, "named/name"), person=root.username, reason="Me."),
        console.post(on(hidden, "transition/close")),
        console.post(on(hidden, "presence")),
        console.post(about(task), result="Done."),
    ]
    linked = console.post(on(other, "link"), other=hidden.reference, note="Look.")

    assert {answer.status_code for answer in answers} <= {403, 404}
    assert linked.status_code in {200, 403}
    assert hidden.timeline.count() == before


def test_the_api_has_no_such_incident(hidden, root):
    caller = Caller(root)
    reference = hidden.reference
    parts = ["", "timeline/", "tasks/", "evidence/", "alerts/", "matches/", "playbooks/"]

    answers = [caller.get(f"incidents/{reference}/{part}") for part in parts]
    lists = [caller.get(f"incidents/?{query}") for query in (f"search={MARKER}", "page_size=200")]

    assert {answer.status_code for answer in answers} == {404}
    assert not any(tells(answer, hidden) for answer in lists)


def test_with_the_glass_broken_it_is_there_for_four_hours_and_every_look_is_written_down(
    hidden, root, monkeypatch
):
    console = Console(root)
    if access.roles.of(root):
        assert console.get(on(hidden)).status_code == 404
    break_glass.open_for(hidden.reference, by=root, reason=WHY)
    now = timezone.now()

    monkeypatch.setattr(access.clock, "now", lambda: now + timedelta(hours=3, minutes=59))
    during = console.get(on(hidden))
    monkeypatch.setattr(access.clock, "now", lambda: now + timedelta(hours=4, seconds=5))
    after = console.get(on(hidden))

    assert during.status_code == 200
    assert tells(during, hidden)
    assert after.status_code in {403, 404}
    assert not tells(after, hidden)
    looks = hidden.timeline.filter(text=need_to_know.LOOKED, actor=root)
    assert looks.count() == 1
