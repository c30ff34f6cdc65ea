"""Every receiver of this package, as a table. A receiver decides nothing: a few lines, one call."""

from collections.abc import Callable

from django.db.models.signals import post_save
from django.dispatch import Signal

from incidents import grading, signatures, timeline
from incidents.events import incident_transitioned
from incidents.models import Incident
from incidents.models.timeline import Kind


def incident_saved(sender, instance, created, raw, **kwargs) -> None:
    if created and not raw:
        grading.open_history(instance)
        timeline.append(
            instance,
            Kind.REPORTED,
            by=instance.entered_by or instance.reporter,
            data={"through": instance.reported_via},
            public=True,
        )


def incident_was_transitioned(sender, incident, **kwargs) -> None:
    signatures.lapse(incident)


RECEIVERS: list[tuple[Signal, Callable[..., None], type]] = [
    # signal, receiver, sender, what follows
    (post_save, incident_saved, Incident),  # a new incident opens its timeline and its history
    (incident_transitioned, incident_was_transitioned, Incident),  # stale requests to sign lapse
]


def connect() -> None:
    for signal, receiver, sender in RECEIVERS:
        signal.connect(receiver, sender=sender, dispatch_uid=f"incidents.{receiver.__name__}")
