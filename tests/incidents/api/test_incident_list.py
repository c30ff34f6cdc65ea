"""The list: whose incidents, which filters, and never more queries for more rows."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents import conversation
from incidents.models import Department, Incident
from incidents.states import Confidentiality
from tests.calling import Caller, problem, refused_fields, told
from tests.factories import make_category, make_incident, make_user

pytestmark = pytest.mark.django_db


def listed(user, query: str = "") -> set[str]:
    answer = Caller(user).get(f"incidents/?page_size=200&{query}")
    return {row["reference"] for row in told(answer)["results"]}


def put(incident: Incident, **fields) -> str:
    Incident.objects.filter(pk=incident.pk).update(**fields)
    return incident.reference


@pytest.fixture
def four(reporter, outsider):
    """The reporter's: team, restricted. The outsider's: team, suspected breach."""
    mine, hidden = make_incident(reporter=reporter), make_incident(reporter=reporter)
    theirs, breach = make_incident(reporter=outsider), make_incident(reporter=outsider)
    put(hidden, confidentiality=Confidentiality.RESTRICTED)
    put(breach, breach_status="suspected")
    return {
        "mine": mine.reference,
        "hidden": hidden.reference,
        "theirs": theirs.reference,
        "breach": breach.reference,
    }


def test_each_sees_what_the_role_allows(four, reporter, agent, handler, dpo, auditor, admin):
    open_ones = {four["mine"], four["theirs"], four["breach"]}

    assert listed(reporter) == {four["mine"], four["hidden"]}
    assert listed(agent) == listed(handler) == listed(auditor) == open_ones
    assert listed(dpo) == {four["breach"]}
    assert listed(admin) == set()


def test_somebody_with_a_task_sees_that_incident(four):
    lawyer = make_user("lawyer", "communications")
    incident = Incident.objects.get(pk=int(four["mine"][4:]))
    incident.tasks.create(
        title="Write", phase="notify", role="COM", assignee=lawyer, dedupe_key="x", code="X"
    )

    assert listed(lawyer) == {four["mine"]}


def test_the_number_of_queries_does_not_grow_with_the_rows(agent, reporter):
    lawyer = make_user("lawyer", "communications")
    counts = {}
    for user in (agent, reporter, lawyer):
        Caller(user)
    for rows in (3, 30):
        while Incident.objects.count() < rows:
            make_incident(reporter=reporter, owner=lawyer)
        for user in (agent, reporter, lawyer):
            caller = Caller(user)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert len(told(caller.get("incidents/?page_size=100"))["results"]) == rows
            counts.setdefault(user.username, []).append(len(queries))

    assert all(few == many for few, many in counts.values()), counts


FILTERS = [
    ("state=new,triage", {"new", "triage"}),
    ("state=new&state=triage", {"new", "triage"}),
    ("state=closed", set()),
    ("severity=1", {"triage"}),
    ("severity=SEV1,SEV3", {"new", "triage"}),
    ("priority=P1", {"triage"}),
    ("priority=1,2,3,4", {"new", "triage", "other"}),
    ("department=other", {"other"}),
    ("department=Other", {"other"}),
    ("category=fraud/phishing", {"triage"}),
    ("category=fraud", {"triage"}),
    ("owner=a-handler", {"triage"}),
    ("owner=nobody", set()),
    ("breach_status=suspected", {"other"}),
    ("is_exercise=true", {"other"}),
    ("is_exercise=0", {"new", "triage"}),
    ("reported_after=2026-01-01T00:00:00Z", {"new", "triage", "other"}),
    ("reported_after=2026-01-01", {"new", "triage", "other"}),
    ("reported_before=2026-01-01T00:00:00+01:00", set()),
    ("updated_since=2026-01-01", {"new", "triage", "other"}),
    ("updated_since=2099-01-01", set()),
    ("search=lighthouse", {"new"}),
    ("search=LIGHTHOUSE", {"new"}),
    ("search=%25", set()),
    ("search=_", set()),
    ("search=", {"new", "triage", "other"}),
    ("search=nothing+like+it&state=new", set()),
]


@pytest.fixture
def three(reporter):
    other = Department.objects.create(code="other", name="Other")
    triage = make_incident("triage", reporter=reporter)
    return {
        "new": put(make_incident(reporter=reporter), subject="A lighthouse", severity=3),
        "triage": put(triage, severity=1, priority=1, category=make_category()),
        "other": put(
            make_incident(reporter=reporter),
            department=other,
            breach_status="suspected",
            is_exercise=True,
            severity=4,
            state="resolved",
        ),
    }


@pytest.mark.parametrize(("query", "names"), FILTERS)
def test_a_filter_keeps_what_it_names(three, agent, query, names):
    assert listed(agent, query) == {three[name] for name in names}


def test_a_reference_is_found(three, agent):
    assert listed(agent, f"search={three['triage'].lower()}") == {three["triage"]}


BAD = [
    ("state=nonsense", "state"),
    ("state=", "state"),
    ("state=new,nonsense", "state"),
    ("severity=5", "severity"),
    ("severity=x", "severity"),
    ("severity=" + "9" * 5000, "severity"),
    ("priority=0", "priority"),
    ("priority=P9", "priority"),
    ("department=nonsense", "department"),
    ("category=nonsense", "category"),
    ("category=fraud/nonsense", "category"),
    ("breach_status=maybe", "breach_status"),
    ("is_exercise=perhaps", "is_exercise"),
    ("is_exercise=", "is_exercise"),
    ("reported_after=yesterday", "reported_after"),
    ("reported_after=", "reported_after"),
    ("reported_after=2026-13-45", "reported_after"),
    ("reported_before=99999-01-01", "reported_before"),
    ("updated_since=%00", "updated_since"),
    ("owner=%00", "owner"),
    ("state=%00", "state"),
    ("search=%00", "search"),
    ("search=" + "x" * 201, "search"),
    ("search=%E2%80%AEabc", "search"),
    ("ordering=subject", "ordering"),
    ("ordering=-", "ordering"),
    ("ordering=", "ordering"),
    ("ordering=reported_at,priority", "ordering"),
    ("nonsense=1", "nonsense"),
    ("severity__gte=1", "severity__gte"),
    ("reporter=reporter", "reporter"),
    ("format=json", "format"),
]


@pytest.mark.parametrize(("query", "name"), BAD, ids=[query[:40] for query, _name in BAD])
def test_a_filter_that_cannot_be_read_is_refused_by_name(agent, query, name):
    assert refused_fields(Caller(agent).get(f"incidents/?{query}")) == {name}


@pytest.mark.parametrize(
    "moment", ["0001-01-01", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00%2B12:00"]
)
def test_a_moment_far_out_is_no_crash(agent, moment):
    assert Caller(agent).get(f"incidents/?reported_after={moment}").status_code in {200, 400}


def test_a_plus_sign_that_became_a_space_is_understood(three, agent):
    assert listed(agent, "reported_after=2026-01-01T00:00:00+01:00") == set(three.values())


@pytest.mark.parametrize(
    "query",
    [
        "severity=1,2,3,4",
        "category=fraud",
        "owner=a-handler",
        "breach_status=not_assessed,suspected",
        "updated_since=2026-01-01",
        "ordering=severity",
        "ordering=-updated_at",
    ],
)
def test_filters_tell_a_reporter_nothing_that_only_the_team_knows(three, reporter, query):
    assert listed(reporter, query) == set()


def test_a_reporter_may_filter_by_what_the_ticket_shows(three, reporter):
    assert listed(reporter, "state=new&search=lighthouse") == {three["new"]}


def test_search_does_not_look_into_notes(three, agent, reporter):
    incident = Incident.objects.get(pk=int(three["new"][4:]))
    conversation.note(incident, "The word zebra stands here.", by=agent)

    assert listed(reporter, "search=zebra") == set()


def test_orderings_order(three, agent):
    rows = told(Caller(agent).get("incidents/?ordering=severity"))["results"]

    assert [row["severity"] for row in rows] == [1, 3, 4]


def test_a_post_takes_no_parameters(agent):
    assert refused_fields(Caller(agent).post("incidents/?state=new", {})) == {"state"}


def test_without_a_role_other_peoples_incidents_do_not_exist(four, outsider):
    for reference in (four["mine"], four["hidden"]):
        problem(Caller(outsider).get(f"incidents/{reference}/"), 404)
