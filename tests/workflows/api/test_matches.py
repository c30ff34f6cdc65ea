"""Which words fired which rule; and trying the rules out without leaving a trace."""

import pytest

from incidents.models import Incident
from tests.calling import Caller, problem, refused_fields, told
from tests.factories import make_report
from workflows.models import Match, MatchRun

pytestmark = pytest.mark.django_db

HIT = {"rule", "version", "playbook", "phrase", "phrase_id", "language", "field", "span"} | {
    "text",
    "zone",
    "negated",
    "weak",
}


@pytest.fixture
def incident(reporter, reference, team):
    return make_report(
        reporter, subject="No data breach here", description="A door stood open this morning."
    )


def test_a_match_tells_rule_version_phrase_span_and_light(agent, incident):
    [match] = told(Caller(agent).get(f"incidents/{incident.reference}/matches/"))["results"]

    assert set(match) == HIT | {"cause", "at"}
    assert (match["rule"], match["version"], match["playbook"]) == ("DB", 1, "DB")
    start, end = match["span"]
    assert incident.subject[start:end] == match["text"] == "data breach"
    assert (match["field"], match["negated"], match["cause"]) == ("subject", True, "report")


def test_matches_are_the_teams_business(reporter, outsider, admin, incident):
    path = f"incidents/{incident.reference}/matches/"

    problem(Caller(reporter).get(path), 403)
    problem(Caller(outsider).get(path), 404)
    problem(Caller(admin).get(path), 404)


def trial(user, body):
    return Caller(user).post("rules/test/", body)


def test_a_trial_tells_what_would_match_and_stores_nothing(reporter, reference):
    body = {"subject": "Data breach", "description": "The supplier was hacked, they say."}

    answer = told(trial(reporter, body))

    assert answer["matches"]["DB"] == "full"
    assert set(answer["hits"][0]) == HIT
    assert answer["cut"] is False
    assert not Match.objects.exists()
    assert not MatchRun.objects.exists()
    assert not Incident.objects.exists()


def test_form_answers_count_in_a_trial(reporter, reference):
    body = {"subject": "x", "description": "y", "about": "malware", "personal_data": "unknown"}

    assert told(trial(reporter, body))["matches"] == {"DB": "confirm", "MAL": "full"}


def test_nothing_at_all_is_a_risk(reporter, reference):
    assert told(trial(reporter, {}))["matches"] == {"RISK": "full"}


@pytest.mark.parametrize(
    "text",
    ["x", "", "\x00", "\ud800 data breach \udfff", "\u202edata breach", "data breach " * 100_000],
    ids=["short", "empty", "nul", "surrogates", "turned", "a million"],
)
def test_no_text_is_refused_in_a_trial(reporter, reference, text):
    answer = told(trial(reporter, {"subject": text, "description": text}))

    assert answer["matches"]
    assert answer["cut"] == (len(text) > 50_000)


BAD = [
    ({"subject": 5}, {"subject"}),
    ({"subject": None}, {"subject"}),
    ({"description": ["x"]}, {"description"}),
    ({"about": "nonsense"}, {"about"}),
    ({"personal_data": 1}, {"personal_data"}),
    ({"store": True}, {"store"}),
]


@pytest.mark.parametrize(("body", "names"), BAD)
def test_what_is_no_text_is_refused_in_a_trial(reporter, reference, body, names):
    assert refused_fields(trial(reporter, body)) == names


def test_the_rules_in_use_are_for_those_who_work_here(reference, agent, admin, reporter):
    for user in (agent, admin):
        rules = told(Caller(user).get("rules/"))["results"]
        assert "DB" in {each["code"] for each in rules}
        assert all(each["text"] for each in rules)

    problem(Caller(reporter).get("rules/"), 403)
