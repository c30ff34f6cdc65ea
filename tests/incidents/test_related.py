"""Related incidents: what they share, what somebody said, and nothing that may not be seen."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from incidents import access, evidence, lifecycle, related, rights
from incidents.models import Incident, IncidentLink, Tenant, VirtualMachine, Workspace
from incidents.states import Confidentiality
from tests.factories import fresh, make_incident

WHY = "Both began with the same mail."


@pytest.fixture
def workspace(db):
    tenant = Tenant.objects.create(name="University A")
    return Workspace.objects.create(name="ws-1", tenant=tenant)


def upload(incident: Incident, name: str, content: bytes = b"what it said") -> None:
    file = SimpleUploadedFile(name, content)
    evidence.store(incident, file, by=incident.reporter, from_reporter=True)


def restrict(incident: Incident, *people) -> None:
    Incident.objects.filter(pk=incident.pk).update(confidentiality=Confidentiality.RESTRICTED)
    access.restrict_to(incident, people)


def whys(incident: Incident, user) -> dict[Incident, list[str]]:
    return {each.incident: each.whys for each in related.related(fresh(incident), user)}


def test_what_two_incidents_share_is_told(workspace, handler):
    machine = VirtualMachine.objects.create(name="vm-1", workspace=workspace)
    incident, other = make_incident(concerned="ann@lab.test"), make_incident()
    Incident.objects.filter(pk=other.pk).update(
        description="A strange mail came from Ann@Lab.test this morning."
    )
    for each in (incident, other):
        each.workspaces.add(workspace)
        each.virtual_machines.add(machine)
        upload(each, f"mail-{each.pk}.txt")
    make_incident()

    found = whys(incident, handler)

    assert found == {
        other: [
            f"The same file: mail-{other.pk}.txt",
            "The same device or account: ann@lab.test",
            "The same machine: vm-1",
            "The same workspace: ws-1",
        ]
    }


def test_nothing_in_common_is_nothing(handler):
    incident = make_incident(concerned="pc")
    upload(incident, "a.txt", b"one")
    upload(make_incident(concerned="pc"), "b.txt", b"another")

    assert whys(incident, handler) == {}


def test_duplicates_know_each_other(handler):
    first, second, target = make_incident(), make_incident(), make_incident()
    for each in (first, second):
        inputs = {"target": target.reference, "reason": WHY}
        lifecycle.transition(each, "merge", by=handler, inputs=inputs)

    assert whys(first, handler) == {
        target: ["This one is its duplicate"],
        second: ["A duplicate of the same one"],
    }
    assert whys(target, handler)[second] == ["A duplicate of this one"]


def test_a_link_works_both_ways_and_stands_on_both_timelines(handler):
    incident, other = make_incident(), make_incident()

    related.link(incident, other.reference, note=WHY, by=handler)

    assert whys(incident, handler) == {other: [f"Linked: {WHY}"]}
    assert whys(other, handler) == {incident: [f"Linked: {WHY}"]}
    assert incident.timeline.last().data == {"linked": other.reference}
    assert other.timeline.last().data == {"linked": incident.reference}


def test_a_link_that_makes_no_sense_is_refused(handler, manager, auditor):
    incident, other, hidden = make_incident(), make_incident(), make_incident()
    restrict(hidden, manager)
    related.link(other, incident.reference, note=WHY, by=handler)
    refusals = {}

    for name in (incident, other, hidden, "INC-987654", "nonsense"):
        reference = getattr(name, "reference", name)
        with pytest.raises(ValidationError) as refused:
            related.link(incident, reference, note=WHY, by=handler)
        refusals[name] = refused.value.message_dict["other"][0]
    with pytest.raises(ValidationError) as wordless:
        related.link(incident, other.reference, note=" ", by=handler)
    with pytest.raises(rights.Denied):
        related.link(incident, other.reference, note=WHY, by=auditor)

    assert refusals[incident] == "This is the same incident. Name another one."
    assert refusals[other] == "These two are linked already."
    assert refusals[hidden] == refusals["INC-987654"] == refusals["nonsense"]
    assert set(wordless.value.message_dict) == {"note"}
    assert IncidentLink.objects.count() == 1


def test_what_may_not_be_seen_is_not_related(workspace, handler, manager, outsider):
    incident, hidden = make_incident(concerned="laptop 7"), make_incident(concerned="laptop 7")
    for each in (incident, hidden):
        each.workspaces.add(workspace)
        upload(each, "same.txt")
    related.link(incident, hidden.reference, note=WHY, by=manager)
    restrict(hidden, manager)

    assert whys(incident, handler) == {}
    assert list(whys(incident, manager)) == [hidden]
    assert whys(incident, outsider) == {}
    assert hidden not in related.offered(fresh(incident), handler)


def test_a_restricted_incident_is_not_named_on_the_timeline_of_the_other(manager):
    incident, hidden = make_incident(), make_incident()
    restrict(hidden, manager)

    related.link(incident, hidden.reference, note=WHY, by=manager)

    assert incident.timeline.last().data == {"linked": "another incident"}
    assert hidden.timeline.last().data == {"linked": incident.reference}


def test_an_exercise_is_related_to_exercises_only(workspace, handler):
    incident, drill = make_incident(), make_incident(is_exercise=True)
    for each in (incident, drill):
        each.workspaces.add(workspace)

    assert whys(incident, handler) == {}


def test_ten_are_shown_the_closest_first_with_the_same_queries_for_3_and_300(
    workspace, handler, django_assert_num_queries, django_assert_max_num_queries
):
    incident = make_incident(concerned="laptop 7")
    near = make_incident(concerned="laptop 7")
    for each in (incident, near, make_incident(), make_incident()):
        each.workspaces.add(workspace)
        is_near = each in (incident, near)
        upload(each, "same.txt", b"the same" if is_near else str(each.pk).encode())
    incident = fresh(incident)
    related.related(incident, handler)
    with django_assert_max_num_queries(9) as few:
        related.related(incident, handler)
    rows = Incident.objects.bulk_create(
        Incident(
            department=incident.department,
            subject=f"Another one {number}",
            description="Another one in the same workspace.",
            noticed_at=incident.noticed_at,
            reported_via="portal",
        )
        for number in range(300)
    )
    through = Incident.workspaces.through
    through.objects.bulk_create(
        through(incident_id=row.pk, workspace_id=workspace.pk) for row in rows
    )

    with django_assert_num_queries(len(few)):
        found = related.related(incident, handler)

    assert len(found) == related.SHOWN
    assert found[0].incident == near


def test_the_note_of_a_link_to_a_restricted_incident_stands_there_only(handler):
    incident, secret = make_incident(), make_incident()
    restrict(secret, handler)

    related.link(incident, secret.reference, note=WHY, by=handler)

    told = incident.timeline.get(data__has_key="linked")
    kept = secret.timeline.get(data__has_key="linked")
    assert (told.text, told.data["linked"]) == ("", access.UNNAMED)
    assert (kept.text, kept.data["linked"]) == (WHY, incident.reference)
