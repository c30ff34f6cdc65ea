import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents import conversation
from incidents.models import Incident
from incidents.states import Confidentiality, State
from tests.console import words_of
from tests.factories import fresh, make_incident, make_task, make_user

QUEUE = "incidents/incident/"


def queries_of(console, path, **query):
    console.get(path, **query)  # roles, content types and the like are read once
    with CaptureQueriesContext(connection) as captured:
        assert console.get(path, **query).status_code == 200
    return len(captured)


@pytest.mark.parametrize("path", ["", QUEUE, "incidents/task/"])
def test_a_list_takes_the_same_queries_for_three_rows_and_for_thirty(handler, path):
    for _n in range(3):
        make_task(make_incident(State.TRIAGE, handler=handler.user))
    few = queries_of(handler, path)
    for _n in range(27):
        make_task(make_incident(State.TRIAGE, handler=handler.user))

    many = queries_of(handler, path)

    assert many == few


def test_three_hundred_rows_take_the_queries_of_three_on_the_queue_and_on_a_page(handler):
    busy, calm = (make_incident(State.TRIAGE, handler=handler.user) for _n in range(2))
    make_task(calm)
    few = queries_of(handler, QUEUE), queries_of(handler, f"{QUEUE}{calm.pk}/change/")
    for n in range(100):
        make_task(busy, title=f"Task {n}")
        conversation.note(busy, f"Note {n}", by=handler.user)
    rows = [clone_of(calm) for _n in range(300)]
    Incident.objects.bulk_create(rows)

    many = queries_of(handler, QUEUE), queries_of(handler, f"{QUEUE}{busy.pk}/change/")

    assert many == few


def test_a_full_page_of_the_queue_weighs_less_than_a_hundred_kilobytes(handler):
    calm = make_incident(
        State.TRIAGE, handler=handler.user, subject="A subject of usual length, " * 3
    )
    Incident.objects.bulk_create([clone_of(calm, state=State.NEW) for _n in range(60)])

    page = handler.get(QUEUE)

    assert page.content.count(b'name="_selected_action"') == 50
    assert len(page.content) < 100_000


def clone_of(incident, **changes):
    """An unsaved row that looks like it."""
    row = Incident.objects.get(pk=incident.pk)
    row.pk, row.key = None, uuid.uuid4()
    row._state.adding = True
    for name, value in changes.items():
        row.__dict__[name] = value
    return row


def test_the_queue_shows_what_is_open_and_the_most_urgent_first(agent):
    calm = make_incident(subject="Calm thing", priority=3)
    burning = make_incident(subject="Burning thing", priority=1)
    make_incident(State.CLOSED, subject="Settled thing")

    page = words_of(agent.get(QUEUE))

    assert page.index("Burning thing") < page.index("Calm thing")
    assert "Settled thing" not in page
    assert burning.reference in page
    assert calm.reference in page


def test_filters_hold_as_chips_that_can_be_taken_away(agent):
    make_incident(subject="Mine now", owner=agent.user)
    make_incident(subject="Nobody yet", owner=None)

    mine = agent.get(QUEUE, owner="me", state="all")

    assert "Mine now" in words_of(mine)
    assert "Nobody yet" not in words_of(mine)
    assert 'aria-label="Remove filter owner Me"' in mine.content.decode()
    assert "Nobody yet" in words_of(agent.get(QUEUE, owner="none"))


@pytest.mark.parametrize("term", ["cohort", "COHORT list", "INC-{pk:06d}", "inc-{pk}", "{pk}"])
def test_search_finds_words_and_references(agent, term):
    found = make_incident(subject="A cohort is visible", description="The list is open to all.")
    make_incident(subject="Something else", description="Nothing of the kind was seen.")

    page = words_of(agent.get(QUEUE, q=term.format(pk=found.pk)))

    assert "A cohort is visible" in page
    assert "Something else" not in page


def test_a_late_task_is_what_is_due_next(agent):
    incident = make_incident()
    make_task(incident, title="Lock the door", due_at=timezone.now() - timedelta(minutes=30))

    page = words_of(agent.get(QUEUE))

    assert "30 min late Lock the door" in page


def test_taking_a_new_incident_acknowledges_it_and_makes_one_its_owner(agent):
    new, running = make_incident(), make_incident(State.RESPONDING)

    answer = agent.post(QUEUE, action="take", index="0", _selected_action=[new.pk, running.pk])

    assert answer.status_code == 302
    assert fresh(new).state == State.TRIAGE
    assert {fresh(new).owner, fresh(running).owner} == {agent.user}


def test_what_cannot_be_taken_is_told_and_the_rest_is_done(agent):
    closed, new = make_incident(State.CLOSED), make_incident()
    rows = [closed.pk, new.pk]

    page = agent.client.post(
        "/admin/incidents/incident/?state=all",
        {"action": "take", "index": "0", "_selected_action": rows},
        follow=True,
    )

    assert f"{closed.reference}: This incident is closed." in words_of(page)
    assert fresh(new).owner == agent.user
    assert fresh(closed).owner != agent.user


def test_an_auditor_reads_the_queue_and_takes_nothing(auditor):
    incident = make_incident()

    page = auditor.get(QUEUE)
    auditor.post(QUEUE, action="take", index="0", _selected_action=[incident.pk])
    by_row = auditor.post(f"{QUEUE}{incident.pk}/take/")

    assert incident.subject in words_of(page)
    assert "Take" not in words_of(page).split()
    assert by_row.status_code == 403
    assert fresh(incident).owner is None


def test_nobody_deletes_by_an_action(manager):
    incident = make_incident()

    manager.post(
        QUEUE, action="delete_selected", index="0", _selected_action=[incident.pk], post="yes"
    )

    assert Incident.objects.filter(pk=incident.pk).exists()


def test_a_restricted_incident_is_in_the_queue_of_named_people_only(agent, handler, superuser):
    incident = make_incident(subject="Secret matter", confidentiality=Confidentiality.RESTRICTED)
    incident.named_people.create(person=handler.user)

    assert "Secret matter" in words_of(handler.get(QUEUE))
    assert "Secret matter" not in words_of(agent.get(QUEUE, q="secret", state="all"))
    assert superuser.get(QUEUE).status_code == 403


def test_people_with_a_task_see_that_incident_and_no_other(agent):
    jurist = make_user("jurist", "legal")
    asked, other = make_incident(subject="Ask a jurist"), make_incident(subject="Not for jurists")
    make_task(asked, assignee=jurist)
    console = type(agent)(jurist)

    page = words_of(console.get(QUEUE))

    assert "Ask a jurist" in page
    assert "Not for jurists" not in page
    assert console.get(f"{QUEUE}{asked.pk}/change/").status_code == 200
    assert console.get(f"{QUEUE}{other.pk}/change/").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        {"q": "\x00"},
        {"q": "x" * 5000},
        {"q": "99999999999999999999999"},
        {"state": "gone"},
        {"owner": "😀"},
        {"priority__exact": "high"},
        {"p": "-7"},
        {"o": "1.x.-99"},
        {"reported_at__gte": "yesterday"},
        {"reporter__password__startswith": "a"},
    ],
)
def test_a_senseless_address_is_no_error_of_ours(agent, query):
    make_incident()

    assert agent.get(QUEUE, **query).status_code in {200, 302, 400}


@pytest.mark.parametrize("keys", [["abc"], ["1 OR 1=1"], ["-1"], ["\x00"], ["9" * 40]])
def test_a_senseless_selection_is_no_error_of_ours(agent, keys):
    make_incident()

    answer = agent.post(QUEUE, action="take", index="0", _selected_action=keys)

    assert answer.status_code in {200, 302}
