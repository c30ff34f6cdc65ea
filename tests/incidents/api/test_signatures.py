"""A second signature through the API: refused alone, asked for, and logged when it is looked at."""

import pytest

from incidents import break_glass, need_to_know, signatures
from incidents.models import SecondSignature
from incidents.states import State
from tests.calling import Caller, problem, refused_fields, told
from tests.factories import fresh, make_incident, make_user
from tests.incidents.steps_table import NOTHING_THERE

pytestmark = pytest.mark.django_db

WHY = "All is settled."


def step(user, incident, name, **body):
    path = f"incidents/{incident.reference}/transitions/"
    return Caller(user).post(path, {"transition": name, **body})


def codes(answer) -> list[str]:
    return [each["code"] for each in problem(answer, 409)["reasons"]]


def test_a_grave_close_is_refused_alone_and_asked_for(manager, dpo):
    incident = make_incident(State.RESOLVED, severity=2)

    assert codes(step(manager, incident, "close")) == ["second_signature"]
    asked = told(step(manager, incident, "close", ask_second=True, reason=WHY), 202)

    row = SecondSignature.objects.get(pk=asked["id"])
    assert (asked["act"], asked["asked_by"], asked["reason"]) == ("close", "manager", WHY)
    assert (row.answer, fresh(incident).state) == ("", State.RESOLVED)
    again = step(manager, incident, "close", ask_second=True, reason=WHY)
    assert codes(again) == ["signature_waiting"]


def test_what_lacks_something_is_not_asked_for(manager, ciso):
    incident = make_incident(State.RESPONDING)
    words = {**NOTHING_THERE, "resolution": "Short.", "reason": "A drill."}

    answer = step(manager, incident, "refute", inputs=words, ask_second=True)

    assert codes(answer) == ["resolution_missing"]
    assert not SecondSignature.objects.exists()


@pytest.mark.parametrize(("name", "who"), [("resume", "manager"), ("close", "manager")])
def test_one_is_enough_for_the_rest(name, who, team):
    incident = make_incident(State.RESOLVED)

    answer = step(team[who], incident, name, ask_second=True, reason=WHY)

    assert refused_fields(answer) & {"ask_second", "act"}


def test_lowering_p1_is_refused_alone_and_asked_for(handler, manager):
    incident = make_incident(State.TRIAGE, priority=1, severity=4, urgency=4)
    caller, path = Caller(handler), f"incidents/{incident.reference}/"
    body = {"priority": "P4", "reason": WHY}

    assert codes(caller.patch(path, body)) == ["second_signature"]
    mixed = caller.patch(path, {**body, "ask_second": True, "subject": "Another"})
    assert refused_fields(mixed) == {"subject"}
    asked = told(caller.patch(path, {**body, "ask_second": True}), 202)

    assert signatures.wanted(SecondSignature.objects.get(pk=asked["id"])) == {"priority": 4}
    assert fresh(incident).priority == 1


def test_every_look_at_a_restricted_incident_is_written_down(manager, handler, ciso):
    incident = make_incident(State.TRIAGE, handler=handler)
    need_to_know.restrict(incident, [handler, ciso], by=manager, reason="About a colleague.")

    told(Caller(manager).get(f"incidents/{incident.reference}/"))
    told(Caller(handler).get("incidents/"))
    told(Caller(ciso).get(f"incidents/{incident.reference}/timeline/"))

    looked = incident.timeline.filter(text=need_to_know.LOOKED)
    assert {entry.actor for entry in looked} == {manager, handler, ciso}


def test_break_glass_reads_by_token_and_changes_nothing(manager, ciso):
    root = make_user("root", is_superuser=True)
    incident = make_incident(State.TRIAGE, handler=manager)
    need_to_know.restrict(incident, [], by=manager, reason="About a colleague.")
    path = f"incidents/{incident.reference}/"
    problem(Caller(root).get(path), 404)

    break_glass.open_for(incident.reference, by=root, reason="All named people are travelling.")

    assert told(Caller(root).get(path))["reference"] == incident.reference
    problem(Caller(root).patch(path, {"supplier": "Me", "reason": "x"}), 403)
    problem(Caller(root).post(f"{path}timeline/", {"text": "Me."}), 403)
    assert incident.timeline.filter(text=need_to_know.LOOKED, actor=root).count() == 1
