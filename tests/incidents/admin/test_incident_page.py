import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents import conversation, facts, timeline
from incidents.models import Task
from incidents.models.timeline import Kind
from incidents.states import Confidentiality, Phase, State
from tests.console import on, words_of
from tests.factories import fresh, make_incident, make_report, make_task, make_user
from workflows.models import Alert, Match, MatchRun

PAGES = "facts grade breach milestone assess write evidence task".split()


def test_it_shows_facts_steps_tasks_thread_and_what_the_next_step_lacks(agent, handler):
    incident = make_incident(State.TRIAGE, handler=handler.user)
    make_task(incident, title="Count the doors")
    conversation.note(incident, "The janitor was asked.", by=agent.user)

    page = words_of(handler.get(on(incident)))

    assert incident.subject in page
    assert "Count the doors" in page
    assert "The janitor was asked." in page
    assert "Before Declare : category severity set by a person risk assessment" in page
    assert "Declare… 3 lacking" in page


def test_it_takes_the_same_queries_with_three_of_everything_and_with_three_hundred(handler):
    incident = make_incident(State.TRIAGE, handler=handler.user, reporter=make_user("ann"))
    fill(incident, range(3), by=handler.user)
    handler.get(on(incident))
    with CaptureQueriesContext(connection) as few:
        handler.get(on(incident))
    fill(incident, range(3, 300), by=handler.user)

    with CaptureQueriesContext(connection) as many:
        page = handler.get(on(incident))

    assert len(many) == len(few)
    assert "Piece of work 299" in words_of(page)


def fill(incident, numbers, *, by):
    """A task, a word of each voice, an alert and a match for each number."""
    for n in numbers:
        kind = (Kind.NOTE, Kind.REPLY, Kind.MESSAGE)[n % 3]
        author = incident.reporter if kind == Kind.MESSAGE else by
        timeline.append(incident, kind, by=author, text=f"Said {n}", public=kind != Kind.NOTE)
    now = timezone.now()
    Task.objects.bulk_create(
        Task(
            incident=incident,
            title=f"Piece of work {n}",
            phase=Phase.ASSESS,
            role="IH",
            assignee=by,
            dedupe_key=f"n{n}",
        )
        for n in numbers
    )
    Alert.objects.bulk_create(
        Alert(incident=incident, recipient=by, priority=2, dedupe_key=f"n{n}", next_try_at=now)
        for n in numbers
    )
    run = MatchRun.objects.create(incident=incident, cause="report", digest="")
    Match.objects.bulk_create(
        Match(
            run=run,
            incident=incident,
            playbook=f"P{n % 3}",
            version=1,
            phrase_id=f"{n}",
            phrase="door",
            language="en",
            field="description",
            start=0,
            end=4,
            text="door",
        )
        for n in numbers
    )


def test_a_new_incident_is_acknowledged_by_one_press(agent):
    incident = make_incident()

    page = agent.get(on(incident)).content.decode()
    agent.post(on(incident, "transition/acknowledge"))

    assert f'action="/admin/{on(incident, "transition/acknowledge")}"' in page
    assert fresh(incident).state == State.TRIAGE
    assert fresh(incident).owner == agent.user


def test_markup_in_a_report_is_only_text(agent):
    incident = make_report(
        subject="<script>alert(1)</script>", description="<img src=x onerror=alert(1)> and text"
    )

    page = agent.get(on(incident)).content.decode()

    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_the_stock_form_is_not_there_and_a_posted_state_changes_nothing(manager):
    incident = make_incident(State.RESOLVED)

    answer = manager.post(on(incident), state=State.CLOSED, outcome="confirmed", subject="Changed")

    assert answer.status_code == 405
    assert fresh(incident).state == State.RESOLVED
    assert fresh(incident).subject == incident.subject


def test_what_one_may_not_see_is_not_there(agent, handler, superuser, administrator, reporter):
    incident = make_incident(confidentiality=Confidentiality.RESTRICTED)
    incident.named_people.create(person=handler.user)
    task = make_task(incident)
    paths = [on(incident, page) for page in ["change", *PAGES, "transition/close", "evidence/1"]]

    for path in [*paths, f"incidents/task/{task.pk}/change/"]:
        assert agent.get(path).status_code == 404, path
        assert administrator.get(path).status_code == 404, path
        assert superuser.get(path).status_code == 403, path
        assert reporter.get(path).status_code == 403, path
        assert agent.post(path).status_code in {404, 405}, path
    assert handler.get(on(incident)).status_code == 200


def test_looking_at_a_restricted_incident_is_put_on_record(handler):
    incident = make_incident(confidentiality=Confidentiality.RESTRICTED)
    incident.named_people.create(person=handler.user)

    handler.get(on(incident))

    assert incident.timeline.filter(kind="access", actor=handler.user).count() == 1


def test_an_auditor_reads_everything_and_changes_nothing(auditor):
    incident = make_incident(State.RESOLVED)
    before = fresh(incident).version

    page = auditor.get(on(incident))
    answers = [auditor.post(on(incident, name)) for name in PAGES]
    step = auditor.post(on(incident, "transition/close"), outcome="confirmed")

    assert page.status_code == 200
    assert 'class="composer"' not in page.content.decode()
    assert {answer.status_code for answer in answers} == {403}
    assert step.status_code == 403
    assert fresh(incident).version == before


def test_a_confidential_name_is_shown_to_those_who_may_know_it(agent, manager, reporter):
    reporter.user.first_name = "Wilhelmina"
    reporter.user.save()
    answers = {"is_name_confidential": True}
    incident = make_report(reporter.user, answers=answers)
    conversation.receive(incident, "One thing more.", by=reporter.user)

    assert "Wilhelmina" in words_of(manager.get(on(incident)))
    assert "Wilhelmina" not in words_of(agent.get(on(incident)))
    assert "name kept confidential" in words_of(agent.get(on(incident)))


def test_the_thread_tells_how_to_reach_an_unnamed_reporter_to_those_only_who_may_know(
    agent, manager, reporter
):
    answers = {"is_name_confidential": True, "contact_phone": "555-0199"}
    incident = make_report(reporter.user, answers=answers)
    facts.edit(incident, {"contact_phone": "555-0100", "safe_channel": "Zoe"}, by=manager.user)
    facts.edit(incident, {"on_behalf_of": "Yan", "waiting_on": "reporter"}, by=manager.user)

    hidden, shown = words_of(agent.get(on(incident))), words_of(manager.get(on(incident)))

    words = ("555-0199", "555-0100", "Zoe", "Yan")
    assert [word for word in words if word in hidden] == []
    assert [word for word in words if word in shown] == list(words)
    assert "changed how to reach the reporter" in hidden


@pytest.mark.parametrize("show", ["messages", "notes", "work", "nonsense"])
def test_the_thread_shows_one_voice_at_a_time(agent, show):
    incident = make_incident()
    conversation.note(incident, "Among us.", by=agent.user)
    conversation.reply(incident, "To you.", by=agent.user)

    page = words_of(agent.get(on(incident), show=show))

    assert ("Among us." in page) == (show in {"notes", "nonsense"})
    assert ("To you." in page) == (show in {"messages", "nonsense"})
