"""Facts change on record: by right, with old and new value, and never on a closed incident."""

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from incidents import facts, records, rights
from incidents.models import Incident, Tenant, Workspace
from incidents.states import State
from tests.attempts import is_allowed
from tests.factories import QUIET, fresh, make_category, make_incident

TEAM = {"agent", "handler", "manager", "ciso", "dpo"}


@pytest.fixture
def incident(db):
    return make_incident(State.TRIAGE)


def test_a_change_is_kept_with_old_and_new_value_and_its_reason(incident, agent):
    changed = facts.edit(
        incident,
        {"subject": "Two doors stood open", "waiting_on": "reporter"},
        by=agent,
        reason="The reporter called.",
        version=incident.version,
    )

    assert (changed.subject, fresh(incident).waiting_on) == ("Two doors stood open", "reporter")
    assert changed.version > incident.version
    entry = incident.timeline.filter(kind="change").last()
    assert (entry.actor, entry.text) == (agent, "The reporter called.")
    assert entry.data == {
        "subject": [QUIET, "Two doors stood open"],
        "waiting_on": ["", "reporter"],
    }


def test_a_change_that_changes_nothing_writes_nothing(incident, agent):
    before = incident.timeline.count()

    same = facts.edit(incident, {"subject": f" {QUIET}\n", "supplier": "\u200b"}, by=agent)

    assert same.version == incident.version
    assert incident.timeline.count() == before


@pytest.mark.parametrize(
    ("changes", "who"),
    [
        ({"subject": "Another subject"}, TEAM),
        ({"tlp": "TLP:RED"}, TEAM),
        ({"owner": "handler"}, TEAM),
        ({"category": "fraud/phishing"}, {"handler", "manager", "ciso"}),
        ({"tags": ["x-insider"]}, {"handler", "manager", "ciso"}),
        ({"manager": "manager"}, {"handler", "manager", "ciso"}),
        ({"subject": "Another subject", "tags": []}, {"handler", "manager", "ciso"}),
    ],
)
def test_each_fact_is_changed_by_those_who_have_the_right(changes, who, incident, people):
    allowed = {
        name
        for name, person in people.items()
        if is_allowed(lambda by=person: facts.edit(incident, changes, by=by))
    }

    assert allowed == who


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("state", "closed"),
        ("severity", 1),
        ("priority", 4),
        ("breach_status", "ruled_out"),
        ("outcome", "confirmed"),
        ("closed_at", "2026-11-02T10:00:00Z"),
        ("noticed_at", "2026-11-02T10:00:00Z"),
        ("reporter", "outsider"),
        ("contact_email", "outsider@tocsin.test"),
        ("version", 99),
        ("id", 1),
        ("nonsense", 1),
        ("subject", "x" * 151),
        ("subject", ""),
        ("description", "short"),
        ("root_cause", "x" * 20_001),
        ("resolution", "x" * 20_001),
        ("resolution", "NUL \x00"),
        ("data_kinds", "x" * 2001),
        ("waiting_on", "godot"),
        ("tlp", "TLP:WHITE"),
        ("tlp", "AMBER STRICT"),
        ("owner", "reporter"),
        ("owner", "nobody"),
        ("owner", 5),
        ("manager", "\x00"),
        ("category", "fraud"),
        ("category", "fraud/nonsense"),
        ("tags", "x-insider"),
        ("tags", [1]),
        ("tags", ["x" * 61]),
        ("tags", ["\u202e"]),
        ("tags", [f"x-{n}" for n in range(101)]),
        ("tenants", ["Nowhere"]),
        ("workspaces", ["w"] * 101),
    ],
)
def test_what_cannot_be_changed_or_read_is_named_and_nothing_changes(
    name, value, incident, manager, reporter
):
    before = Incident.objects.values().get(pk=incident.pk)

    with pytest.raises(ValidationError) as refused, transaction.atomic():
        facts.edit(incident, {"supplier": "ACME", name: value}, by=manager)

    assert set(refused.value.message_dict) == {name}
    assert Incident.objects.values().get(pk=incident.pk) == before


@pytest.mark.parametrize("reason", ["\x00", "x" * 20_001, 5, None])
def test_a_reason_that_cannot_be_kept_is_named(reason, incident, agent):
    with pytest.raises(ValidationError) as refused:
        facts.edit(incident, {"supplier": "ACME"}, by=agent, reason=reason)

    assert set(refused.value.message_dict) == {"reason"}


def test_whoever_read_an_older_version_is_told(incident, agent, handler):
    read = incident.version
    facts.edit(incident, {"supplier": "ACME"}, by=handler, version=read)

    with pytest.raises(records.Stale) as stale, transaction.atomic():
        facts.edit(incident, {"supplier": "Other"}, by=agent, version=read)

    assert stale.value.current == fresh(incident).version
    assert fresh(incident).supplier == "ACME"


def test_a_closed_incident_is_read_only(manager):
    closed = make_incident(State.CLOSED)

    with pytest.raises(records.Closed), transaction.atomic():
        facts.edit(closed, {"supplier": "ACME"}, by=manager)

    assert fresh(closed).supplier == ""


def test_links_are_set_anew_and_unknown_names_stay_as_text(incident, agent):
    tenant = Tenant.objects.create(name="North")
    for name in ("Alpha-1", "Beta-2"):
        Workspace.objects.create(name=name, tenant=tenant)

    facts.edit(incident, {"workspaces": ["alpha-1", "Omega-9"]}, by=agent)
    changed = facts.edit(incident, {"workspaces": ["Beta-2"]}, by=agent)

    assert [row.name for row in changed.workspaces.all()] == ["Beta-2"]
    assert [row.name for row in changed.tenants.all()] == ["North"]
    assert changed.workspaces_text == "Omega-9"
    data = incident.timeline.filter(kind="change").first().data
    assert data == {"workspaces": [[], ["Alpha-1"]], "workspaces_text": ["", "Omega-9"]}


def test_links_and_people_are_named_in_the_record(incident, handler):
    make_category("intrusions/system-compromise")

    facts.edit(
        incident,
        {"category": "intrusions/system-compromise", "owner": "handler", "tags": ["b", "a", "a"]},
        by=handler,
    )

    data = incident.timeline.filter(kind="change").last().data
    assert data["category"][1] == "intrusions/system-compromise"
    assert data["owner"][1] == "handler"
    assert data["tags"] == [[], ["a", "b"]]


def test_an_owner_may_be_taken_off(incident, handler):
    assert facts.edit(incident, {"owner": None}, by=handler).owner is None


def test_a_reporter_picks_from_their_own_workspaces_only(reporter, outsider, agent):
    tenant = Tenant.objects.create(name="North")
    mine = Workspace.objects.create(name="Alpha-1", tenant=tenant)
    mine.members.add(reporter)

    offered = [list(facts.nameable_workspaces(user)) for user in (reporter, outsider, agent)]

    assert offered == [[mine], [], [mine]]


def test_a_lock_wants_a_transaction_and_the_right_version(incident):
    assert records.lock(incident, version=incident.version) == incident

    with pytest.raises(records.Stale):
        records.lock(incident, version=incident.version + 1)


def test_rights_of_ones_own_need_an_incident(dpo):
    incident = make_incident(owner=dpo)

    assert rights.allowed(dpo, rights.Right.OPEN_EVIDENCE, incident)
    assert not rights.allowed(dpo, rights.Right.OPEN_EVIDENCE)
    assert not rights.allowed(dpo, rights.Right.OPEN_EVIDENCE, make_incident())


@pytest.mark.parametrize("name", ["contact_phone", "safe_channel", "on_behalf_of"])
def test_only_who_may_know_an_unnamed_reporter_changes_how_to_reach_them(
    name, reporter, people, outsider
):
    incident = make_incident(State.TRIAGE, reporter=reporter, is_name_confidential=True)
    before = fresh(incident).version

    for user in (people["agent"], reporter, outsider):
        with pytest.raises(rights.Denied):
            facts.edit(incident, {name: "Zoe"}, by=user)

    assert fresh(incident).version == before
    assert getattr(facts.edit(incident, {name: "Zoe"}, by=people["manager"]), name) == "Zoe"
    named = make_incident(State.TRIAGE, reporter=reporter)
    assert getattr(facts.edit(named, {name: "Zoe"}, by=people["agent"]), name) == "Zoe"
