"""What to do, and above all not to do, until somebody calls back; by kind of incident."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident
from incidents.states import About
from workflows.matching import verdicts
from workflows.models import MatchRun

KINDS_MOST = 2  # more advice than that helps nobody in a hurry
ALWAYS = (
    _("Do not switch it off, and do not delete anything, also not what looks bad."),
    _("Do not investigate on your own, and do not warn the people involved yet."),
)
BY_KIND: dict[str, tuple[Promise, ...]] = {
    About.DATA_BREACH: (
        _("If you can stop it at once, do: withdraw the share, recall the mail. Note the time."),
        _("Do not write to the people whose data it is. We do that together."),
    ),
    About.SUSPICIOUS_MAIL: (
        _("Do not click, do not reply, do not forward it. Leave it in your mailbox."),
        _("If you typed a password: change it now, from another device."),
    ),
    About.MALWARE: (
        _("Take it off the network: pull the cable, switch off Wi-Fi. Leave it running."),
        _("Do not plug in a drive, and do not restore anything yet."),
    ),
    About.LOST_DEVICE: (
        _("Change the password of the accounts that were signed in on it."),
        _("If it was stolen, report it to the police as well and keep their reference."),
    ),
    About.ACCOUNT_OR_ACCESS: (
        _("Change the password from another device, and sign out everywhere."),
        _("Refuse sign-in requests on your phone that you did not start."),
    ),
    About.SERVICE_DOWN: (_("Do not restart anything, and note what you saw and when."),),
    About.WEAKNESS_FOUND: (_("Do not try how far it goes, and do not tell others yet."),),
    About.COLLEAGUE_OR_INSIDER: (
        _("Do not talk to the person about it, and tell nobody who need not know."),
    ),
    About.SUPPLIER: (_("Keep the supplier's message as it is. Do not open links in it."),),
}


def kinds_of(incident: Incident) -> list[str]:
    """What it is about: what the reporter answered, else what the rules read in the first words.

    Nothing that the team wrote or attached since counts: it would show what they think. One query.
    """
    if incident.about:
        return [incident.about]
    runs = MatchRun.objects.filter(incident=incident, cause=MatchRun.Cause.REPORT)
    found = runs.values_list("verdicts", flat=True).first() or {}
    sure = [kind for kind, code in verdicts.ABOUT.items() if found.get(code) == verdicts.FULL]
    return sure[:KINDS_MOST]


def for_kinds(kinds: Iterable[str]) -> list[Promise]:
    """The advice for each of these kinds, then what always holds."""
    return [*(sentence for kind in kinds for sentence in BY_KIND.get(kind, ())), *ALWAYS]
