"""Telling those who may give a second signature. What is asked for stays in the console."""

from typing import Any

from django.db import transaction

from incidents import clock, signatures
from incidents.models import SecondSignature
from workflows import paging
from workflows.models import Alert

WHY = {
    SecondSignature.Act.LOWER_PRIORITY: "A second signature is needed: lower the priority",
    SecondSignature.Act.REFUTE: "A second signature is needed: refute",
    SecondSignature.Act.CLOSE: "A second signature is needed: close",
}


@transaction.atomic
def tell(signature: SecondSignature) -> list[Alert]:
    """Ring everybody who may sign, each once. A request waits; nothing escalates for it."""
    incident = signature.incident
    why = WHY[SecondSignature.Act(signature.act)]
    people = signatures.signers(signature)
    rows = paging.put(incident, [_addressed(signature, why, each) for each in people])
    if rows:
        paging.note(incident, rows, sorted(signatures.SIGNERS), why)
    return rows


def settle(signature: SecondSignature) -> None:
    """Somebody has answered: the others need not."""
    open_rows = Alert.objects.filter(
        dedupe_key__startswith=f"{signature.incident_id}:{_cause(signature)}:",
        acknowledged_at=None,
        kind=Alert.Kind.ALERT,
    )
    open_rows.update(acknowledged_at=clock.now(), acknowledged_by=signature.answered_by)


def _addressed(signature: SecondSignature, why: str, person: Any) -> Alert:
    return paging.letter(
        signature.incident,
        person,
        template="signature",
        why=why,
        cause=_cause(signature),
        kind=Alert.Kind.ALERT,
    )


def _cause(signature: SecondSignature) -> str:
    return f"signature-{signature.pk}"
