"""The record speaks English, whatever language the people use who make it."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.utils import timezone, translation

from incidents import (
    answers,
    breach,
    conversation,
    evidence,
    facts,
    grading,
    lifecycle,
    milestones,
    risk,
    signatures,
    tasks,
)
from incidents.models import (
    Incident,
    PriorityChange,
    RiskAssessment,
    SecondSignature,
    Task,
    TimelineEntry,
)
from incidents.models.evidence import CustodyEvent, Evidence
from incidents.states import SETTLED_TASK_STATES, Door, Priority
from tests.factories import ASSESSMENT, fresh, make_category, make_report, resolving
from tests.spoken import CLOSE, OPEN, mark_translations
from workflows import alerts, delivery, escalation, playbooks
from workflows.models import Alert, Attempt, Escalation, Match, MatchRun, PlaybookRun

STORY = """A data breach: the participant list was sent to a stranger.
The supplier was told. We do not think that it was ransomware, and no laptop was stolen."""
# What the record of one incident is made of, and how each row leads to it.
RECORD = {
    Incident: "pk",
    TimelineEntry: "incident",
    Task: "incident",
    PriorityChange: "incident",
    RiskAssessment: "incident",
    Evidence: "incident",
    CustodyEvent: "evidence__incident",
    Alert: "incident",
    Attempt: "alert__incident",
    Escalation: "incident",
    MatchRun: "incident",
    Match: "run__incident",
    PlaybookRun: "incident",
}
OWN_TO_A_ROW = {"hash", "previous_hash", "dedupe_key", "sha256", "content", "policy"}
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.]+(Z|[+-]\d\d:\d\d)?")
NUMBER = re.compile(r"\d+")


def live_through(people, language) -> list[Incident]:
    """Two stories, with everything that the machine has something to say about."""
    with translation.override(language):
        incident = report(people["reporter"])
        ring(incident)
        triage(incident, people)
        respond(incident, people)
        end(incident, people)
        return [incident, *start_low(people)]


def report(reporter) -> Incident:
    listed = SimpleUploadedFile("list.txt", b"a list of names")
    incident = make_report(
        reporter,
        subject="Data breach",
        description=STORY,
        files=[listed],
        answers={"personal_data": "yes", "ongoing": "yes", "about": "data_breach"},
    )
    changed = {"description": f"{STORY} It goes on.", "people_affected": "101-1000"}
    answers.give(incident, changed, by=reporter)
    return incident


def ring(incident) -> None:
    alerts.send(incident.alerts.filter(kind=Alert.Kind.ALERT).last().pk)
    delivery.give_up(incident.alerts.get(kind=Alert.Kind.RECEIPT), "550 no")
    delivery.give_up(incident.alerts.filter(kind=Alert.Kind.ALERT).first(), "550 no")
    escalation.ring_due(incident, timezone.now() + timedelta(days=2))
    alerts.request(incident, roles=["SUP"], why="A test", cause="void", priority=Priority.P1)


def triage(incident, people) -> None:
    handler, manager, dpo = people["handler"], people["manager"], people["dpo"]
    mine = incident.alerts.filter(recipient=handler, kind=Alert.Kind.ALERT).first()
    alerts.acknowledge(mine, by=handler)
    lifecycle.transition(incident, "acknowledge", by=handler)
    tag = {"tags": ["x-ransomware"], "users_affected": "11-100"}
    facts.edit(fresh(incident), tag, by=manager, reason="As seen")
    grading.regrade(incident, by=manager, why="It spreads.", urgency=1, priority=1)
    answers.give(fresh(incident), {"users_affected": "2-10"}, by=people["reporter"])
    conversation.reply(incident, "Which list?", by=handler, asks=True)
    conversation.receive(incident, "That of November.", by=people["reporter"])
    conversation.note(incident, "It is an old list.", by=handler)
    evidence.store(incident, SimpleUploadedFile("log.txt", b"a log"), by=handler)
    breach.judge(fresh(incident), "confirmed", by=dpo, reason="It is one.")
    milestones.record(incident, "aware_at", timezone.now(), by=dpo, reason="Read it.")


def respond(incident, people) -> None:
    handler, manager = people["handler"], people["manager"]
    risk.assess(fresh(incident), by=handler, **ASSESSMENT)
    graded = {"category": "fraud/phishing", "severity": 1}
    lifecycle.transition(incident, "declare", by=handler, inputs=graded)
    for run in PlaybookRun.objects.filter(incident=incident, mode="confirm").order_by("code"):
        playbooks.confirm(run, by=manager, note="")
    playbooks.attach(fresh(incident), "SUPP", by=manager, why="It was theirs.", mode="full")
    extra = tasks.add(fresh(incident), by=manager, title="Call", phase="assess", role="IH")
    tasks.assign(extra, handler, by=manager)
    tasks.set_state(extra, "blocked", by=handler, reason="Nobody answers.")
    waived = incident.tasks.filter(is_no_waive=False, is_mandatory=True).order_by("pk").first()
    tasks.waive(waived, by=manager, reason="Done by another team.")
    tasks.cancel(extra, reason="Another one covers it.")
    settle(incident, manager)


def settle(incident, manager) -> None:
    """Finish what is open, in an order that each task allows."""
    for _round in range(20):
        for task in incident.tasks.exclude(state__in=SETTLED_TASK_STATES).order_by("pk"):
            if not tasks.waiting_for(task):
                tasks.answer(task, by=manager, result="Done, see the notes.")


def end(incident, people) -> None:
    manager, dpo = people["manager"], people["dpo"]
    lifecycle.transition(incident, "resolve", by=manager, inputs=resolving())
    lifecycle.transition(incident, "resume", by=manager, inputs={"reason": "It came back."})
    breach.judge(fresh(incident), "suspected", by=dpo, reason="Look again.")
    settle(incident, manager)
    lifecycle.transition(incident, "resolve", by=manager, inputs=resolving())
    close = SecondSignature.Act.CLOSE
    signatures.agree(signatures.ask(incident, close, {}, by=manager, reason="Done."), by=dpo)
    lifecycle.transition(incident, "reopen", by=manager, inputs={"reason": "Once more."})


def start_low(people) -> list[Incident]:
    """Two that begin without any alarm: a floor lifts one, a person the other."""
    unknown = make_report(contact_name="Anna", door=Door.PHONE)
    tag = {"tags": ["x-ransomware"]}
    facts.edit(unknown, tag, by=people["handler"], reason="Seen now")
    wary = make_report(people["reporter"], answers={"safe_channel": "Ring my desk"})
    grading.regrade(wary, by=people["manager"], why="It spreads.", priority=1)
    return [unknown, wary]


def record_of(incidents: list[Incident]) -> dict[str, list[dict[str, str]]]:
    """Every text that is stored about them, without what tells two stories apart anyway."""
    return {
        model.__name__: [
            texts_of(row)
            for incident in incidents
            for row in model.objects.filter(**{path: incident.pk}).order_by("pk")
        ]
        for model, path in RECORD.items()
    }


def texts_of(row: models.Model) -> dict[str, str]:
    kinds = (models.CharField, models.TextField, models.JSONField)
    return {
        field.name: NUMBER.sub("#", MOMENT.sub("then", str(getattr(row, field.name))))
        for field in row._meta.concrete_fields
        if isinstance(field, kinds) and field.name not in OWN_TO_A_ROW
    }


@pytest.fixture
def stories(people, reference, monkeypatch):
    """The same story in English and in a language whose every phrase is marked."""
    make_category()
    mark_translations(monkeypatch)
    return [record_of(live_through(people, language)) for language in ("en", "nl")]


def test_the_record_of_a_story_is_the_same_in_every_language(stories):
    english, dutch = stories

    for name, rows in english.items():
        assert rows == dutch[name], name
        assert rows, name


def test_no_phrase_of_the_interface_is_stored_translated(stories):
    _english, dutch = stories

    assert OPEN not in str(dutch)
    assert CLOSE not in str(dutch)


def test_the_same_words_are_shown_in_the_language_of_the_reader(people, reference, monkeypatch):
    mark_translations(monkeypatch)
    incident = make_report(people["reporter"])

    with translation.override("nl"), pytest.raises(lifecycle.TransitionRefused) as refused:
        lifecycle.transition(incident, "close", by=people["manager"])

    assert OPEN in refused.value.reasons[0].message
