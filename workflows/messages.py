"""What alerts say: number, priority, category, link. Never what was reported, never a name.

Mail may be read by the very attacker that it is about (DOMAIN.md 9), so the words are neutral and
the link asks for a sign-in.
"""

from typing import Any

from django.conf import settings
from django.core import signing
from django.template.loader import render_to_string
from django.utils import translation

from incidents import access, plain_text
from incidents.models import Incident
from incidents.states import Confidentiality
from workflows.channels.base import Message
from workflows.models import Alert

SIGNER = signing.Signer(sep=".", salt="workflows.alerts.acknowledge")


def sign(alert: Alert) -> str:
    """The secret part of the alert's own acknowledge page."""
    return SIGNER.sign(str(alert.pk))


def unsign(token: str) -> Alert:
    """The alert behind sign(). Raises Alert.DoesNotExist, also for a bad signature."""
    try:
        key = int(SIGNER.unsign(token))
    except (signing.BadSignature, ValueError):
        raise Alert.DoesNotExist from None
    wanting = Alert.objects.filter(kind=Alert.Kind.ALERT)
    return wanting.select_related("incident__category", "recipient").get(pk=key)


def render(alert: Alert) -> Message:
    """The message of `alert` in its reader's language."""
    incident = alert.incident
    with translation.override(language_of(alert)):
        facts = {
            **neutral_facts(alert),
            "acknowledge_link": f"{settings.BASE_URL}/a/{sign(alert)}/",
            "ticket_link": f"{settings.BASE_URL}/tickets/{incident.reference}/",
            "console_link": f"{settings.BASE_URL}/admin/incidents/incident/{incident.pk}/change/",
            "hand_overs_link": f"{settings.BASE_URL}/admin/incidents/handover/",
            "shared_link": f"{settings.BASE_URL}/tickets/shared/{incident.reference}/",
            "workspaces": lambda: ", ".join(names_of_theirs(alert)),
            "organisation": settings.ORGANISATION_NAME,
            "phone": settings.EMERGENCY_PHONE,
        }
        subject = render_to_string(f"workflows/{alert.template}.subject.txt", facts)
        text = render_to_string(f"workflows/{alert.template}.txt", facts)
    marks = "[EXERCISE] " if incident.is_exercise else ""
    if alert.kind == Alert.Kind.ALERT:  # the label is for the team: a reporter would puzzle over it
        marks += f"[{incident.tlp}] "
    line = plain_text.one_line(f"{marks}{subject}")
    return Message(alert.pk, alert.address, line, text.strip() + "\n")


def neutral_facts(alert: Alert) -> dict[str, Any]:
    """What may be said of an incident outside the console.

    `is_quiet`: it is restricted, and no subject line may show that it exists (DOMAIN.md 8).
    """
    incident = alert.incident
    return {
        "reference": incident.reference,
        "priority": alert.get_priority_display(),
        "category": str(incident.category or ""),
        "level": alert.level,
        "tlp": incident.tlp,
        "is_exercise": incident.is_exercise,
        "is_quiet": is_quiet(incident),
    }


def names_of_theirs(alert: Alert) -> list[str]:
    """The affected workspaces that the recipient answers for; never those of others."""
    mine = access.accountables(alert.incident).filter(accountable=alert.recipient)
    return list(mine.values_list("name", flat=True))


def is_quiet(incident: Incident) -> bool:
    """True if only named people may know of it."""
    return incident.confidentiality == Confidentiality.RESTRICTED


def is_to_reporter(alert: Alert) -> bool:
    """True for the receipt and for news of their own ticket, with or without an account."""
    is_news = alert.kind != Alert.Kind.ALERT
    return is_news and alert.recipient_id == alert.incident.reporter_id


def language_of(alert: Alert) -> str:
    """The reader's own language; for a reporter the one in which they reported; else the site's."""
    wanted = [alert.recipient.language if alert.recipient else ""]
    if is_to_reporter(alert):
        wanted.append(alert.incident.language)
    known = dict(settings.LANGUAGES)
    return next((code for code in wanted if code in known), settings.LANGUAGE_CODE)
