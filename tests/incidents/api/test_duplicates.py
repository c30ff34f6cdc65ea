"""Merge and split through the API: inputs, every reason, and a target that stays hidden."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents import access
from incidents.models import Incident
from incidents.states import Confidentiality, State
from tests.calling import Caller, problem, told
from tests.factories import fresh, make_incident

pytestmark = pytest.mark.django_db

WHY = "The same mail, seen by two people."


def take(user, incident, name, **inputs):
    body = {"transition": name, "inputs": inputs}
    return Caller(user).post(f"incidents/{incident.reference}/transitions/", body)


def shown(user, incident):
    return told(Caller(user).get(f"incidents/{incident.reference}/"))


def restrict(incident, *people):
    Incident.objects.filter(pk=incident.pk).update(confidentiality=Confidentiality.RESTRICTED)
    access.restrict_to(incident, people)


def test_a_merge_asks_for_target_and_reason(handler):
    incident = make_incident()

    offers = told(Caller(handler).get(f"incidents/{incident.reference}/transitions/"))

    merge = next(each for each in offers if each["transition"] == "merge")
    asked = {each["name"]: (each["type"], each["required"]) for each in merge["inputs"]}
    assert asked == {"target": ("incident", True), "reason": ("text", True)}
    assert merge["target"] == "closed"
    lacking = {each["code"] for each in merge["reasons"]}
    assert lacking == {"target_missing", "reason_missing"}


def test_a_merge_answers_with_the_closed_duplicate_and_a_split_with_the_open_one(handler, agent):
    source, target = make_incident(), make_incident()

    merged = told(take(agent, source, "merge", target=target.reference, reason=WHY))
    problem(take(agent, source, "split", reason=WHY), 403)
    parted = told(take(handler, source, "split", reason=WHY))

    assert (merged["state"], merged["outcome"]) == ("closed", "duplicate")
    assert merged["duplicate_of"] == target.reference
    assert (parted["state"], parted["outcome"], parted["duplicate_of"]) == ("new", "", None)


def test_a_refused_merge_names_every_reason(handler):
    source = make_incident()

    refusal = problem(take(handler, source, "merge", target=source.reference), 409)

    codes = [each["code"] for each in refusal["reasons"]]
    assert codes == ["target_is_itself", "reason_missing"]


def test_a_hidden_target_is_refused_like_none(handler, manager):
    source, hidden = make_incident(), make_incident()
    restrict(hidden, manager)

    of_hidden = problem(take(handler, source, "merge", target=hidden.reference, reason=WHY), 409)
    of_none = problem(take(handler, source, "merge", target="INC-987654", reason=WHY), 409)

    assert of_hidden["reasons"] == of_none["reasons"]
    assert fresh(source).state == State.NEW


@pytest.mark.parametrize("target", [7, ["INC-1"], {"reference": "INC-1"}, True])
def test_a_target_that_is_no_text_is_invalid(target, handler):
    refusal = problem(take(handler, make_incident(), "merge", target=target, reason=WHY), 400)

    assert "target" in str(refusal["errors"])


def test_what_it_duplicates_is_null_for_whom_it_is_hidden(handler, manager, reporter):
    source, target = make_incident(reporter=reporter), make_incident()
    told(take(manager, source, "merge", target=target.reference, reason=WHY))
    restrict(target, manager)

    assert shown(manager, source)["duplicate_of"] == target.reference
    assert shown(handler, source)["duplicate_of"] is None
    assert "duplicate_of" not in shown(reporter, source)
    listed = told(Caller(handler).get("incidents/"))["results"]
    assert [each["duplicate_of"] for each in listed] == [None]


def test_nobody_merges_what_they_may_not_see(outsider, reporter, auditor):
    source, target = make_incident(reporter=reporter), make_incident()

    problem(take(outsider, source, "merge", target=target.reference, reason=WHY), 404)
    problem(take(reporter, source, "merge", target=target.reference, reason=WHY), 403)
    problem(take(auditor, source, "merge", target=target.reference, reason=WHY), 403)
    assert fresh(source).state == State.NEW


def test_lists_cost_no_query_for_each_duplicate(handler, django_assert_num_queries):
    target = make_incident()
    caller = Caller(handler)

    def merged(count: int) -> None:
        for _each in range(count):
            told(take(handler, make_incident(), "merge", target=target.reference, reason=WHY))

    merged(1)
    caller.get("incidents/")
    with CaptureQueriesContext(connection) as queries:
        caller.get("incidents/")
    few = len(queries)
    merged(3)

    with django_assert_num_queries(few):
        caller.get("incidents/")
