"""The report as it was filled in: what the answers mean, and what is missing."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q, TextChoices
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from incidents import evidence, facts, milestones, rights
from incidents.models import Incident
from incidents.rights import Right
from portal.selfservice import noticed
from portal.selfservice.noticed import Noticed
from portal.selfservice.questions import DataKind, Done, Questions

NAMES_SHOWN = 60
# Sent on as they are; empty ones are left out.
PLAIN = (
    "about",
    "ongoing",
    "personal_data",
    "occurred_from",
    "occurred_to",
    "people_affected",
    "data_location",
    "data_recipient",
    "data_recipient_text",
    "users_affected",
    "concerned",
    "supplier",
    "reported_elsewhere",
    "reported_elsewhere_reference",
    "contact_phone",
    "safe_channel",
    "on_behalf_of",
    "is_name_confidential",
)
# What stands folded on the page until somebody wants to say more.
GROUPS = {
    "where": (
        "workspaces",
        "workspaces_text",
        "virtual_machines",
        "virtual_machines_text",
        "users_affected",
        "concerned",
    ),
    "data": (
        "data_kinds",
        "data_kinds_text",
        "people_affected",
        "data_location",
        "data_recipient",
        "data_recipient_text",
    ),
    "story": (
        "occurred_from",
        "occurred_to",
        "already_done",
        "already_done_text",
        "supplier",
        "reported_elsewhere",
        "reported_elsewhere_reference",
    ),
    "you": ("contact_phone", "safe_channel", "on_behalf_of", "is_name_confidential"),
}


class ReportForm(Questions):
    """One report, filled in by `user`."""

    shown_at = {
        "noticed_at": "noticed",
        "already_done": "already_done_text",
        "data_kinds": "data_kinds_text",
        "workspaces": "workspaces_text",
        "virtual_machines": "virtual_machines_text",
    }

    def __init__(self, *args: Any, user, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.user = user
        if not rights.allowed(user, Right.REPORT_FOR_OTHERS):
            del self.fields["reporter"]
        self.offer_names()

    def offer_names(self) -> None:
        """One's own workspaces and their machines; the names of others are never offered."""
        is_own = Q(members=self.user) | Q(accountable=self.user)
        mine = facts.nameable_workspaces(self.user).filter(is_own).distinct()
        names = list(mine.values_list("name", flat=True)[:NAMES_SHOWN])
        self.fields["workspaces"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]
        machines = facts.nameable_machines(self.user).filter(workspace__in=mine)
        found = machines.values_list("name", "workspace__name")[:NAMES_SHOWN]
        self.fields["virtual_machines"].choices = [  # type: ignore[attr-defined]
            (name, f"{name} ({workspace})") for name, workspace in found
        ]

    def opened(self) -> dict[str, bool]:
        """Which groups of questions are shown unfolded: those with an answer or an error."""
        return {
            group: any(self.errors.get(name) or self[name].value() for name in names)
            for group, names in GROUPS.items()
        }

    def clean_reporter(self) -> Any:
        """The account that the agent reports for; None for the agent's own report."""
        name = self.cleaned_data["reporter"]
        if not name:
            return None
        people = get_user_model().objects.filter(is_active=True)
        found = people.filter(username=name).first() if name.isprintable() else None
        if found is None:
            raise forms.ValidationError(_("Nobody has this user name."))
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "noticed" in cleaned:
            self.read_noticed(cleaned)
        if self.errors:
            self.ask_the_record(cleaned)
        return cleaned

    def read_noticed(self, cleaned: dict[str, Any]) -> None:
        is_date = cleaned["noticed"] == Noticed.DATE
        if is_date and not cleaned.get("noticed_day"):
            if "noticed_day" not in self.errors:
                self.add_error("noticed_day", _("Say on which day."))
            return
        moment, precision = noticed.read(
            cleaned["noticed"],
            cleaned.get("noticed_day"),
            cleaned.get("noticed_time"),
            timezone.now(),
        )
        try:
            moment = milestones.read_moment(moment) or moment
        except forms.ValidationError as problem:
            self.add_error("noticed_day" if is_date else "noticed_time", problem)
            return
        cleaned["noticed_at"], cleaned["noticed_at_precision"] = moment, precision

    def ask_the_record(self, cleaned: dict[str, Any]) -> None:
        """With something wrong already, hear at once what else the record would refuse."""
        problems: dict[str, list[str]] = {}
        sent = {name: value for name, value in self.answers().items() if name not in self.errors}
        texts = {name: cleaned[name] for name in ("subject", "description") if cleaned.get(name)}
        incident = Incident(noticed_at=timezone.now())
        facts.fill(incident, sent | texts, by=self.user, errors=problems)
        if found := evidence.check_all(cleaned.get("files", [])):
            problems["files"] = found
        self.refuse(problems)

    def answers(self) -> dict[str, Any]:
        """What intake.report() takes as `answers`."""
        cleaned = self.cleaned_data
        found = {name: cleaned[name] for name in PLAIN if cleaned.get(name)}
        for name in ("workspaces", "virtual_machines"):
            found[name] = [*cleaned.get(name, []), *lines(cleaned.get(f"{name}_text", ""))]
        found["data_kinds"] = self.written("data_kinds", DataKind)
        found["already_done"] = self.written("already_done", Done)
        for name in ("noticed_at", "noticed_at_precision"):
            if name in cleaned:
                found[name] = cleaned[name]
        return {name: value for name, value in found.items() if value}

    def written(self, name: str, choices: type[TextChoices]) -> str:
        """Ticked boxes and free text as lines; in English, for it is the team that reads them."""
        with translation.override("en"):
            ticked = [str(choices(code).label) for code in self.cleaned_data.get(name, [])]
        return "\n".join(filter(None, [*ticked, self.cleaned_data.get(f"{name}_text", "")]))


def lines(text: str) -> list[str]:
    """Names written one on each line or parted by commas."""
    return [name.strip() for name in text.replace(",", "\n").splitlines() if name.strip()]
