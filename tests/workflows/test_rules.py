"""Keyword rules at work: from every door, on new words too, and never at the price of a report."""

import json
from pathlib import Path

import pytest
from django.db import transaction

from incidents import conversation, facts, lifecycle, risk
from incidents.models import Incident
from incidents.states import State
from tests.factories import (
    ASSESSMENT,
    QUIET,
    QUIET_STORY,
    fresh,
    make_incident,
    make_report,
    make_user,
)
from workflows import alerts, matching, playbooks, rules
from workflows.models import Alert, Match, MatchRun, PlaybookRun, PlaybookVersion, RuleVersion

CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "reports.jsonl").open(encoding="utf-8")
]
FIRST_TASK = {"DB": "DB01", "RISK": "RK1"}
pytestmark = pytest.mark.usefixtures("reference", "team")


@pytest.fixture(autouse=True)
def _no_compiled_rules():
    """Keys of rolled back rows are given again, to other phrases."""
    rules._compiled.cache_clear()
    yield
    rules._compiled.cache_clear()


def running(incident: Incident) -> dict[str, str]:
    return dict(PlaybookRun.objects.filter(incident=incident).values_list("code", "mode"))


def problems(incident: Incident) -> list[str]:
    return list(incident.timeline.filter(kind="problem").values_list("text", flat=True))


def rung(incident: Incident) -> list[str]:
    rows = incident.alerts.filter(kind=Alert.Kind.ALERT)
    return sorted(rows.values_list("recipient__username", flat=True))


def replace_rule(code: str, phrases: str) -> None:
    """A next version of the phrases of a rule, in use from now on."""
    old = RuleVersion.objects.get(code=code, is_active=True)
    RuleVersion.objects.filter(code=code).update(is_active=False)
    RuleVersion.objects.create(code=code, version=old.version + 1, text=phrases)


def break_playbook(code: str) -> None:
    """A next version of a playbook that cannot be read."""
    old = PlaybookVersion.objects.get(code=code, is_current=True)
    PlaybookVersion.objects.filter(code=code).update(is_current=False)
    PlaybookVersion.objects.create(
        code=code, version=old.version + 1, title=old.title, content={"no": "sense"}, digest="x"
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_the_forty_cases_lay_out_their_playbooks(case, reporter):
    incident = make_report(reporter, subject=case["subject"], description=case["description"])

    assert running(incident) == case["expected"]
    keys = set(incident.tasks.values_list("dedupe_key", flat=True))
    for code, mode in case["expected"].items():
        version = PlaybookVersion.objects.get(code=code, is_current=True)
        playbook = playbooks.content_of(version)
        if mode == "full":
            assert keys >= {task.dedupe_key for task in playbook.tasks}
        else:
            assert f"confirm-{code}" in keys
    assert problems(incident) == []
    assert rung(incident)


def test_there_are_forty_cases():
    assert len(CASES) == 40


@pytest.mark.parametrize(
    ("subject", "description"),
    [("Data breach", QUIET_STORY), (QUIET, "I think there was a data breach in workspace 114.")],
)
def test_a_data_breach_is_p1_with_26_tasks_and_rings_manager_privacy_and_security(
    subject, description, reporter, team
):
    incident = make_report(reporter, subject=subject, description=description)

    assert (incident.priority, incident.breach_status) == (1, "suspected")
    assert incident.tasks.count() == 26
    for task in incident.tasks.filter(code__in=["DB01", "DB02", "DB03", "DB04", "DB06"]):
        assert task.assignee is not None
        assert task.due_at is not None
    assert {"manager", "dpo", "ciso"} <= set(rung(incident))
    assert len(rung(incident)) == len(set(rung(incident)))
    assert "data breach" in incident.timeline.get(kind="playbook").text.lower()


def test_every_hit_is_stored_with_rule_version_and_words(reporter):
    incident = make_report(
        reporter, subject="Data breach", description="No phishing. > data leak?\n> a data leak"
    )

    hits = {(each.playbook, each.text): each for each in incident.matches.all()}
    breach = hits["DB", "Data breach"]
    assert (breach.version, breach.language, breach.field) == (1, "en", "subject")
    assert (breach.start, breach.end) == (0, 11)
    assert breach.phrase_id.startswith("DB.en.")
    assert breach.phrase == "data~breach(es|ed)?"
    assert hits["PHISH", "phishing"].is_negated
    quoted = [each for each in incident.matches.all() if each.zone == "quoted"]
    assert [incident.description[each.start : each.end] for each in quoted] == ["data leak"]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"about": "data_breach"}, {"DB": "full"}),
        ({"about": "malware"}, {"MAL": "full"}),
        ({"about": "supplier"}, {"SUPP": "full"}),
        ({"about": "something_else"}, {"RISK": "full"}),
        ({"personal_data": "yes"}, {"DB": "full"}),
        ({"personal_data": "possibly"}, {"DB": "full"}),
        ({"personal_data": "unknown"}, {"DB": "confirm"}),
        ({"personal_data": "no"}, {"RISK": "full"}),
        (
            {"about": "lost_device", "personal_data": "unknown"},
            {"DB": "confirm", "LOST": "full"},
        ),
    ],
)
def test_the_answers_of_the_form_count_as_hits(answers, expected, reporter):
    incident = make_report(reporter, answers=answers)

    assert running(incident) == expected
    assert all(f"{code} v" in rules_why(incident) for code in expected if code != "RISK")


def rules_why(incident: Incident) -> str:
    return incident.timeline.filter(kind="playbook").first().text


def test_a_negated_keyword_asks_a_person(reporter):
    incident = make_report(reporter, subject="No data breach, just a question")

    assert running(incident) == {"DB": "confirm"}
    assert list(incident.tasks.values_list("code", flat=True)) == ["DB00"]
    assert (incident.priority, incident.breach_status) == (2, "not_assessed")
    assert {"agent", "handler"} <= set(rung(incident))


def test_an_edit_adds_playbooks_and_never_takes_one_away(reporter, agent):
    incident = make_report(reporter, subject="Suspicious mail")
    assert running(incident) == {"PHISH": "full"}

    facts.edit(incident, {"subject": "Stolen laptop"}, by=agent)
    assert running(incident) == {"PHISH": "full", "LOST": "full"}

    facts.edit(incident, {"subject": QUIET, "description": QUIET_STORY}, by=agent)
    assert running(incident) == {"PHISH": "full", "LOST": "full"}


def test_an_edit_upgrades_a_question_and_never_downgrades(reporter, agent):
    incident = make_report(reporter, subject="No data breach, just a question")

    facts.edit(incident, {"subject": "A data breach after all"}, by=agent)
    assert running(incident) == {"DB": "full"}
    assert incident.tasks.count() == 27

    facts.edit(incident, {"subject": "No data breach, just a question"}, by=agent)
    assert running(incident) == {"DB": "full"}
    assert incident.tasks.count() == 27


def test_an_edited_answer_counts_too(reporter, agent):
    incident = make_report(reporter)

    facts.edit(incident, {"personal_data": "yes"}, by=agent)

    assert running(incident) == {"RISK": "full", "DB": "full"}


def test_a_message_of_the_reporter_is_matched_by_its_new_words(reporter):
    incident = make_report(reporter)

    conversation.receive(incident, "Nothing new, only a reminder.", by=reporter)
    assert running(incident) == {"RISK": "full"}

    conversation.receive(incident, "It was a data breach.\n> the laptop was stolen", by=reporter)
    assert running(incident) == {"RISK": "full", "DB": "full", "LOST": "confirm"}
    match = incident.matches.get(playbook="DB")
    assert match.run.entry.text.startswith("It was a data breach")
    assert match.run.cause == MatchRun.Cause.MESSAGE


def test_words_of_the_team_are_not_matched(reporter, agent):
    incident = make_report(reporter)

    conversation.note(incident, "Is this a data breach?", by=agent)
    conversation.reply(incident, "Was it a data breach?", by=agent)

    assert running(incident) == {"RISK": "full"}


def test_a_keyword_on_a_closed_incident_reaches_the_queue_and_starts_nothing(reporter, team):
    closed = make_incident(State.CLOSED, reporter=reporter)
    before = running(closed)

    conversation.receive(closed, "Now we see a data breach.", by=reporter)

    assert running(closed) == before
    assert fresh(closed).state == State.CLOSED
    assert closed.matches.filter(playbook="DB").exists()
    assert closed.alerts.filter(reason__endswith="on a closed incident").exists()


def test_saving_without_new_words_matches_nothing_again(reporter, agent, handler):
    incident = make_report(reporter, subject="Data breach")
    runs, hits, tasks = MatchRun.objects.count(), Match.objects.count(), incident.tasks.count()

    incident.save()
    fresh(incident).save()
    facts.edit(incident, {"supplier": "ACME"}, by=agent)
    lifecycle.transition(incident, "acknowledge", by=handler)

    assert (MatchRun.objects.count(), Match.objects.count()) == (runs, hits)
    assert incident.tasks.exclude(code__startswith="PR").count() == tasks


def test_applying_again_repeats_nothing(reporter):
    incident = make_report(reporter, subject="Data breach and phishing")
    before = (running(incident), incident.tasks.count(), rung(incident), fresh(incident).priority)

    for _ in range(3):
        rules.apply(fresh(incident), MatchRun.Cause.EDIT)

    assert (
        running(incident),
        incident.tasks.count(),
        rung(incident),
        fresh(incident).priority,
    ) == before


def test_trying_out_stores_nothing(django_assert_num_queries):
    rules.try_out("Warm up", "the compiled rules")

    with django_assert_num_queries(1):
        result = rules.try_out("Data breach", "No phishing.", about="supplier")

    assert result.verdicts == {"DB": "full", "PHISH": "confirm", "SUPP": "full"}
    assert not MatchRun.objects.exists()
    assert rules.try_out("", "").verdicts == {"RISK": "full"}


def test_highlights_are_those_of_the_text_as_it_is_now(reporter, agent):
    incident = make_report(reporter, subject="Suspicious mail with a data leak")
    conversation.receive(incident, "And a data breach.", by=reporter)

    facts.edit(incident, {"subject": "Stolen laptop, data leak"}, by=agent)

    assert [(each.playbook, each.text) for each in rules.highlights(incident)] == [
        ("LOST", "Stolen laptop"),
        ("DB", "data leak"),
    ]
    assert rules.highlights(make_bare()) == []


def make_bare() -> Incident:
    """An incident that no rule has seen."""
    incident = fresh(make_report())
    incident.pk = None
    Incident.objects.bulk_create([incident])
    return incident


def test_a_text_that_was_cut_is_noted(reporter, monkeypatch):
    monkeypatch.setattr("workflows.matching.matcher.LONGEST", 100)

    long = make_report(reporter, description="x" * 200 + " data breach")
    short = make_report(reporter)

    assert long.match_runs.get().was_cut
    assert "50 000" in long.timeline.get(kind="rule").text
    assert not short.timeline.filter(kind="rule").exists()
    assert running(long) == {"RISK": "full"}


def test_an_assessment_that_does_not_exclude_personal_data_calls_for_the_breach_playbook(
    reporter, handler
):
    personal = {
        **ASSESSMENT,
        "data_categories": ["contact"],
        "subject_categories": ["users"],
        "count_basis": "estimated",
        "identifiability": "direct",
        "recipient": "unknown",
    }
    found = {}
    for answer in ("no", "unknown", "suspected", "yes"):
        incident = make_report(reporter)
        risk.assess(incident, by=handler, **{**personal, "personal_data": answer})
        found[answer] = running(incident).get("DB")

    assert found == {"no": None, "unknown": "confirm", "suspected": "full", "yes": "full"}


# A broken rule or playbook never costs a report: logged, noted, alarmed, and the rest goes on.


def test_a_rule_that_cannot_be_read_is_noted_and_alarmed_and_the_others_go_on(reporter, caplog):
    replace_rule("DB", "version: 2\n[en]\ndata (breach\n")

    incident = make_report(reporter, subject="Data breach and phishing")

    assert running(incident) == {"PHISH": "full"}
    assert problems(incident) == ["The phrases of the rule DB cannot be read."]
    assert {"ciso", "handler", "agent"} <= set(rung(incident))
    assert "rule_failed" in caplog.text


def test_a_playbook_that_cannot_be_read_is_noted_and_alarmed_and_the_others_go_on(reporter, caplog):
    break_playbook("DB")

    incident = make_report(reporter, subject="Data breach and phishing")

    assert running(incident) == {"PHISH": "full"}
    assert incident.tasks.exists()
    assert problems(incident) == ["The playbook DB could not be started."]
    assert {"ciso", "handler", "agent"} <= set(rung(incident))
    assert "rule_failed" in caplog.text


def test_a_playbook_that_is_missing_costs_no_report(reporter):
    PlaybookVersion.objects.filter(code="RISK").update(is_current=False)

    incident = make_report(reporter)

    assert problems(incident) == ["The playbook RISK could not be started."]
    assert rung(incident)


def explode(*_args, **_fields):
    raise RuntimeError("a bug")


def test_a_matcher_that_raises_leaves_the_report_with_the_generic_playbook(
    reporter, monkeypatch, caplog
):
    monkeypatch.setattr(matching, "match", explode)

    incident = make_report(reporter, subject="Data breach")

    assert running(incident) == {"RISK": "full"}
    assert problems(incident) == ["The keyword rules failed."]
    assert {"ciso", "handler", "agent"} <= set(rung(incident))
    assert "a bug" in caplog.text
    monkeypatch.undo()
    incident.save()
    assert running(incident) == {"RISK": "full", "DB": "full"}


def test_a_matcher_that_raises_on_a_message_adds_nothing_but_the_alarm(reporter, monkeypatch):
    incident = make_report(reporter, subject="Suspicious mail")
    monkeypatch.setattr(matching, "match", explode)

    entry = conversation.receive(incident, "It was a data breach.", by=reporter)

    assert entry.pk
    assert running(incident) == {"PHISH": "full"}
    assert problems(incident) == ["The keyword rules failed."]


@pytest.mark.parametrize("broken", ["request", "roles_for"])
def test_alerting_that_raises_costs_neither_report_nor_tasks(broken, reporter, monkeypatch, caplog):
    monkeypatch.setattr(alerts, broken, explode)

    incident = make_report(reporter, subject="Data breach")

    assert running(incident) == {"DB": "full"}
    assert incident.tasks.count() == 26
    assert "Alerting failed." in problems(incident)
    assert "a bug" in caplog.text


def test_a_receipt_that_raises_costs_no_report(reporter, monkeypatch):
    monkeypatch.setattr(alerts, "receipt", explode)

    incident = make_report(reporter, subject="Data breach")

    assert running(incident) == {"DB": "full"}
    assert "The receipt could not be written." in problems(incident)


def test_alerting_that_raises_costs_no_message_on_a_closed_incident(reporter, monkeypatch):
    closed = make_incident(State.CLOSED, reporter=reporter)
    monkeypatch.setattr(alerts, "request", explode)

    assert conversation.receive(closed, "Now we see a data breach.", by=reporter).pk

    assert "Alerting failed." in problems(closed)


def test_a_task_that_cannot_be_stored_takes_its_playbook_with_it_and_nothing_else(
    reporter, monkeypatch
):
    real = playbooks._task

    def fail_at_db20(incident, playbook, planned, *rest):
        if planned.id == "DB20":
            raise RuntimeError("a bug")
        return real(incident, playbook, planned, *rest)

    monkeypatch.setattr(playbooks, "_task", fail_at_db20)

    incident = make_report(reporter, subject="Data breach and phishing")

    assert running(incident) == {"PHISH": "full"}
    assert not incident.tasks.filter(playbook="DB").exists()
    assert (fresh(incident).breach_status, fresh(incident).priority) == ("not_assessed", 3)
    assert problems(incident) == ["The playbook DB could not be started."]


def test_what_the_rules_wrote_goes_when_the_report_goes(reporter):
    with transaction.atomic():
        make_report(reporter, subject="Data breach")
        transaction.set_rollback(True)

    assert not Alert.objects.exists()
    assert not PlaybookRun.objects.exists()


def test_nobody_to_alert_costs_no_report(reporter, team):
    for person in team.values():
        person.groups.clear()

    incident = make_report(make_user("another-reporter"), subject="Data breach")

    assert incident.tasks.count() == 26
    assert incident.tasks.filter(assignee=None).count() == 26
    assert all(task.who for task in incident.tasks.all())
    assert any("Nobody could be alerted" in text for text in problems(incident))
