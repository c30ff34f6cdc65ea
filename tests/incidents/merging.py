"""Merging and splitting in tests, by one call each."""

from django.core.files.uploadedfile import SimpleUploadedFile

from incidents import access, evidence, lifecycle
from incidents.models import Incident
from incidents.states import Confidentiality, State
from tests.factories import fresh, make_incident

WHY = "The same mail, seen by two people."


def merge(source: Incident, target: Incident, by, why: str = WHY) -> Incident:
    inputs = {"target": target.reference, "reason": why}
    return lifecycle.transition(fresh(source), "merge", by=by, inputs=inputs)


def split(source: Incident, by, why: str = "They are two after all.") -> Incident:
    return lifecycle.transition(fresh(source), "split", by=by, inputs={"reason": why})


DECLARED = {State.RESPONDING, State.RESOLVED}


def make_pair(source_state=State.NEW, target_state="") -> tuple[Incident, Incident]:
    """Source and target; what is declared is merged only into what is declared too."""
    usual = State.RESPONDING if source_state in DECLARED else State.NEW
    return make_incident(source_state), make_incident(target_state or usual)


def restrict(incident: Incident, *people) -> None:
    Incident.objects.filter(pk=incident.pk).update(confidentiality=Confidentiality.RESTRICTED)
    access.restrict_to(incident, people)


def upload(incident: Incident, name: str = "mail.txt", **options):
    return evidence.store(incident, SimpleUploadedFile(name, b"what it said"), **options)
