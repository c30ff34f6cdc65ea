"""Reporting through the API: the forty cases, the whole effect, and what is refused."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from incidents.models import Incident, Task
from incidents.states import Door
from tests.calling import REPORT, Caller, problem, refused_fields, told
from workflows.models import Alert

pytestmark = pytest.mark.django_db

CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[2] / "data" / "reports.jsonl").read_text().splitlines()
]
BREACH = {
    "subject": "Data breach in workspace 114",
    "description": "Participant list can be opened by a guest account.",
}


def report(user, **changes):
    return Caller(user).post("incidents/", {**REPORT, **changes})


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_the_forty_cases_match_as_they_should(reporter, team, reference, case):
    body = {name: case[name] for name in case if name not in {"id", "expected"}}

    answer = told(Caller(reporter).post("incidents/", body), 201)

    assert answer["matches"] == case["expected"]
    incident = Incident.objects.get()
    runs = {run.code: run.mode for run in incident.playbook_runs.all()}
    assert runs.items() >= case["expected"].items()
    assert answer["tasks"] == {"total": Task.objects.filter(incident=incident).count()}
    assert answer["tasks"]["total"] > 0
    assert Alert.objects.filter(incident=incident, kind=Alert.Kind.ALERT).exists()


def test_a_data_breach_rings_and_lays_out_the_work(reporter, team, reference):
    answer = Caller(reporter).post("incidents/", BREACH)
    reported = told(answer, 201)
    caller = Caller(team["handler"])

    shown = told(caller.get(answer["Location"]))
    tasks = told(caller.get(f"incidents/{reported['reference']}/tasks/"))["results"]
    alerts = told(caller.get(f"incidents/{reported['reference']}/alerts/"))["results"]

    assert answer["Location"].endswith(f"/api/v1/incidents/{reported['reference']}/")
    assert (reported["matches"], reported["tasks"]) == ({"DB": "full"}, {"total": 26})
    assert (shown["priority"], shown["breach_status"], shown["state"]) == (1, "suspected", "new")
    assert len(tasks) == 26
    assert all(tasks[0][name] for name in ("assignee", "due_at", "title"))
    rung = {each["recipient"] for each in alerts if each["kind"] == "alert"}
    assert {"manager", "dpo", "ciso"} <= rung


def test_the_team_gets_the_whole_incident_back(agent, reference, team):
    answer = report(agent)

    assert told(answer, 201)["severity"]
    assert answer["ETag"] == f'"{Incident.objects.get().version}"'


def test_a_reporter_gets_a_ticket_back(reporter, reference):
    answer = report(reporter)

    assert "severity" not in told(answer, 201)
    assert "ETag" not in answer


def test_every_answer_of_the_form_is_kept(reporter, reference):
    answers = {
        "department": "Security-related incidents",
        "about": "lost_device",
        "noticed_at": "2026-11-01T10:00:00+01:00",
        "noticed_at_precision": "about",
        "occurred_from": "2026-10-31T10:00:00Z",
        "occurred_to": "2026-10-31T11:00:00Z",
        "ongoing": "no",
        "personal_data": "no",
        "data_kinds": "None",
        "people_affected": "three",
        "data_location": "inside_workspace",
        "data_recipient": "unknown",
        "data_recipient_text": "Nobody",
        "workspaces_text": "ws-1",
        "virtual_machines_text": "vm-1",
        "users_affected": "2-10",
        "already_done": "Changed the password",
        "concerned": "laptop 7",
        "supplier": "Doors Inc",
        "reported_elsewhere": "police",
        "reported_elsewhere_reference": "P-1",
        "contact_phone": "555-0100",
        "safe_channel": "Signal",
        "on_behalf_of": "Zoe",
        "is_name_confidential": True,
    }

    shown = told(report(reporter, **answers), 201)

    expected = {**answers, "department": "security", "noticed_at": "2026-11-01T09:00:00Z"}
    assert {name: shown[name] for name in answers} == expected
    assert Incident.objects.get().reported_via == Door.API


@pytest.mark.parametrize(
    ("number", "kept"), [(0, "0"), (1, "1"), (7, "2-10"), (100, "11-100"), (5000, ">1000")]
)
def test_a_number_of_users_becomes_its_range(reporter, reference, number, kept):
    assert told(report(reporter, users_affected=number), 201)["users_affected"] == kept


@pytest.mark.parametrize(("ahead", "status"), [(4, 201), (6, 400)])
def test_a_clock_may_be_five_minutes_fast(reporter, reference, ahead, status):
    moment = timezone.now() + timedelta(minutes=ahead)

    assert report(reporter, noticed_at=moment.isoformat()).status_code == status


def test_unknown_workspaces_are_kept_as_text(reporter, reference):
    shown = told(report(reporter, workspaces=["ws-1", "ws-2"], virtual_machines="vm-1"), 201)

    assert (shown["workspaces"], shown["workspaces_text"]) == ([], "ws-1\nws-2")
    assert shown["virtual_machines_text"] == "vm-1"


def test_an_agent_reports_for_somebody_else(agent, reporter, outsider, reference):
    shown = told(report(agent, reporter="reporter"), 201)

    assert (shown["reporter"], shown["entered_by"]) == ("reporter", "agent")
    told(Caller(reporter).get(f"incidents/{shown['reference']}/"))
    problem(Caller(outsider).get(f"incidents/{shown['reference']}/"), 404)


def test_a_reporter_reports_for_nobody_else(reporter, outsider, reference):
    for change in (
        {"reporter": "outsider"},
        {"contact_email": "other@example.org"},
        {"contact_name": "Other"},
        {"is_exercise": True},
    ):
        problem(report(reporter, **change), 403)

    assert not Incident.objects.exists()


def test_an_insider_report_is_shown_to_its_sender_as_a_ticket(agent, reporter, team, reference):
    words = {
        "about": "colleague_or_insider",
        "reporter": "reporter",
        "subject": "A colleague copies files",
    }

    shown = told(report(agent, **words), 201)

    assert shown["matches"]["INSIDER"] == "full"
    assert "owner" not in shown


FUTURE = "2199-01-01T00:00:00Z"
BAD = [
    ({"subject": None}, {"subject"}),
    ({"subject": ""}, {"subject"}),
    ({"subject": "    "}, {"subject"}),
    ({"subject": "abc"}, {"subject"}),
    ({"subject": "x" * 151}, {"subject"}),
    ({"subject": "x" * 1_000_000}, {"subject"}),
    ({"subject": 12345}, {"subject"}),
    ({"subject": True}, {"subject"}),
    ({"subject": ["A door"]}, {"subject"}),
    ({"subject": {"a": "b"}}, {"subject"}),
    ({"subject": "A door\x00"}, {"subject"}),
    ({"subject": "A door \ud800"}, {"subject"}),
    ({"subject": "A door \u202eteef"}, {"subject"}),
    ({"description": None}, {"description"}),
    ({"description": "short"}, {"description"}),
    ({"description": "x" * 20_001}, {"description"}),
    ({"description": "x" * 5_000_000}, {"description"}),
    ({"description": "nul \x00 in here, and more"}, {"description"}),
    ({"description": "lone \udfff in here, and more"}, {"description"}),
    ({"description": "turned \u202d in here, and more"}, {"description"}),
    ({"description": 10**30}, {"description"}),
    ({"department": "Nowhere"}, {"department"}),
    ({"department": ""}, {"department"}),
    ({"department": 10**30}, {"department"}),
    ({"department": ["security"]}, {"department"}),
    ({"about": "nonsense"}, {"about"}),
    ({"about": ["malware"]}, {"about"}),
    ({"about": "x" * 100_000}, {"about"}),
    ({"ongoing": "maybe"}, {"ongoing"}),
    ({"ongoing": True}, {"ongoing"}),
    ({"personal_data": "perhaps"}, {"personal_data"}),
    ({"noticed_at_precision": "roughly"}, {"noticed_at_precision"}),
    ({"noticed_at": FUTURE}, {"noticed_at"}),
    ({"noticed_at": "1989-12-31T23:59:59Z"}, {"noticed_at"}),
    ({"noticed_at": "0001-01-01T00:00:00+12:00"}, {"noticed_at"}),
    ({"noticed_at": "9999-12-31T23:59:59-12:00"}, {"noticed_at"}),
    ({"noticed_at": "2026-02-30T00:00:00Z"}, {"noticed_at"}),
    ({"noticed_at": "yesterday"}, {"noticed_at"}),
    ({"noticed_at": 1_700_000_000}, {"noticed_at"}),
    ({"noticed_at": {"at": "2026-11-01"}}, {"noticed_at"}),
    ({"occurred_from": FUTURE}, {"occurred_from"}),
    ({"occurred_to": "nonsense"}, {"occurred_to"}),
    (
        {"occurred_from": "2026-11-02T00:00:00Z", "noticed_at": "2026-11-01T00:00:00Z"},
        {"occurred_from"},
    ),
    ({"workspaces": 5}, {"workspaces"}),
    ({"workspaces": [5]}, {"workspaces"}),
    ({"workspaces": ["a\x00b"]}, {"workspaces"}),
    ({"workspaces": ["w"] * 101}, {"workspaces"}),
    ({"workspaces": ["x" * 3000]}, {"workspaces"}),
    ({"virtual_machines": {"a": 1}}, {"virtual_machines"}),
    ({"virtual_machines": ["\ud800"]}, {"virtual_machines"}),
    ({"users_affected": "lots"}, {"users_affected"}),
    ({"users_affected": -1}, {"users_affected"}),
    ({"users_affected": 1.5}, {"users_affected"}),
    ({"is_name_confidential": "yes"}, {"is_name_confidential"}),
    ({"is_name_confidential": 1}, {"is_name_confidential"}),
    ({"contact_phone": "5" * 51}, {"contact_phone"}),
    ({"data_kinds": "x" * 2001}, {"data_kinds"}),
    ({"language": "xx"}, {"language"}),
    ({"nonsense": 1}, {"nonsense"}),
    ({"state": "closed"}, {"state"}),
    ({"priority": 1}, {"priority"}),
    ({"severity": 1}, {"severity"}),
    ({"reference": "INC-000001"}, {"reference"}),
    ({"resolution": "It was nothing, really nothing."}, {"resolution"}),
    ({"\ud800": 1}, {"\\ud800"}),
    ({"": 1}, {""}),
    ({"subject": "abc", "about": "x", "nonsense": 1}, {"subject", "about", "nonsense"}),
]


@pytest.mark.parametrize(("change", "names"), BAD, ids=[ascii(each)[:50] for each, _names in BAD])
def test_bad_input_is_named_and_nothing_is_stored(reporter, reference, change, names):
    assert refused_fields(report(reporter, **change)) == names

    assert not Incident.objects.exists()
    assert not Alert.objects.exists()


BAD_FROM_TEAM = [
    ({"reporter": "nobody"}, {"reporter"}),
    ({"reporter": 5}, {"reporter"}),
    ({"reporter": "\x00"}, {"reporter"}),
    ({"contact_email": "no address"}, {"contact_email"}),
    ({"contact_email": "x" * 300 + "@example.org"}, {"contact_email"}),
    ({"contact_name": "x" * 201}, {"contact_name"}),
    ({"contact_name": "\u202eevil"}, {"contact_name"}),
    ({"is_exercise": "yes"}, {"is_exercise"}),
]


@pytest.mark.parametrize(("change", "names"), BAD_FROM_TEAM)
def test_bad_input_of_the_team_is_named_too(agent, reference, change, names):
    assert refused_fields(report(agent, **change)) == names

    assert not Incident.objects.exists()


def test_a_department_that_takes_no_reports_is_refused(reporter, reference):
    from_reference = told(Caller(reporter).get("departments/"))["results"][0]["code"]
    Incident._meta.get_field("department").related_model.objects.update(is_active=False)

    assert refused_fields(report(reporter, department=from_reference)) == {"department"}


def test_a_broken_rule_never_costs_a_report(reporter, team, reference, monkeypatch):
    def broken(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr("workflows.matching.match", broken)

    answer = told(report(reporter), 201)

    assert answer["matches"] == {}
    assert answer["tasks"]["total"] > 0
    assert Incident.objects.count() == 1


def test_without_a_token_nothing_is_reported(reference):
    problem(Caller().post("incidents/", REPORT), 401)

    assert not Incident.objects.exists()
