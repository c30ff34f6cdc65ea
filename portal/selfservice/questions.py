"""The forms of the report: what happened, then one question a page (DOMAIN.md 4)."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.db.models import TextChoices
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents import answers, milestones, plain_text, roles
from incidents.models import Incident
from incidents.states import (
    About,
    DataLocation,
    DataRecipient,
    Ongoing,
    PersonalData,
    ReportedElsewhere,
    UsersAffected,
)
from portal.selfservice import noticed
from portal.selfservice.forms import Files, PortalForm, Words, one_of, some_of, text, typed
from portal.selfservice.noticed import Noticed
from portal.selfservice.title import title_of

DESCRIPTION_LEAST = 10  # DOMAIN.md 4, field 3
DAY_FORMATS = ["%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%d %B %Y"]
TIME_FORMATS = ["%H:%M", "%H:%M:%S", "%H.%M"]
UNKNOWN = "unknown"


class DataKind(TextChoices):
    """Kinds of personal data that a reporter can tell apart (DOMAIN.md 2.4)."""

    CONTACT = "contact", gettext_lazy("Names, addresses, telephone numbers")
    HEALTH = "health", gettext_lazy("Health, genetic or biometric data")
    SPECIAL = "special", gettext_lazy("Origin, religion, politics, union or sex life")
    CRIMINAL = "criminal", gettext_lazy("Offences and convictions")
    NATIONAL_ID = "national_id", gettext_lazy("Identity or citizen service numbers")
    MONEY = "money", gettext_lazy("Bank, card or salary data")
    PASSWORDS = "passwords", gettext_lazy("Passwords or keys")
    LOCATION = "location", gettext_lazy("Where people are or were")
    UNKNOWN = UNKNOWN, gettext_lazy("I do not know")


class Done(TextChoices):
    """What people often have done before they report."""

    DISCONNECTED = "disconnected", gettext_lazy("Disconnected it from the network")
    PASSWORD = "password", gettext_lazy("Changed a password")
    DELETED = "deleted", gettext_lazy("Deleted something")
    ASKED = "asked", gettext_lazy("Asked the recipient to delete it")
    INFORMED = "informed", gettext_lazy("Told somebody")
    NOTHING = "nothing", gettext_lazy("Nothing")
    UNKNOWN = UNKNOWN, gettext_lazy("I do not know")


class QuestionForm(PortalForm):
    """One page about a report that exists already. Nothing on it must be answered."""

    def __init__(self, *args: Any, incident: Incident, user, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.incident = incident
        self.user = user
        self.prepare()

    def prepare(self) -> None:
        """Fit the fields to who is asked."""

    def answers(self) -> dict[str, Any]:
        """What incidents.answers.give() takes."""
        return {
            name: self.cleaned_data.get(name) or ""
            for name in self.fields
            if name not in {"form_key", "files"}
        }

    def ticked(self, name: str, choices: type[TextChoices]) -> str:
        """Ticked boxes and free text as lines; in English, for it is the team that reads them."""
        with translation.override("en"):
            labels = [str(choices(code).label) for code in self.cleaned_data.get(name, [])]
        return "\n".join(filter(None, [*labels, self.cleaned_data.get(f"{name}_text", "")]))


class WhatForm(PortalForm):
    """The first question: the only one that must be answered."""

    description = Words(
        label=gettext_lazy("What happened?"),
        help_text=gettext_lazy(
            "What did you see, where, and how did you notice? Two sentences are enough. "
            "No passwords and no patient data, please."
        ),
        widget=text(6),
        error_messages={"required": gettext_lazy("Say in a sentence or two what happened.")},
    )
    subject = Words(
        label=gettext_lazy("In one line, for the list"),
        help_text=gettext_lazy("Leave it empty and we take your first words."),
        required=False,
    )

    def refuse(self, problems: Mapping[str, Iterable[str]]) -> None:
        """Too few words are asked for kindly; a line taken from them is not wrong a second time."""
        description, subject = self.cleaned_data["description"], self.cleaned_data["subject"]
        told = dict(problems)
        if "description" in told and plain_text.visible_length(description) < DESCRIPTION_LEAST:
            told["description"] = [_("A few words more, please: what did you see, and where?")]
        if "description" in told and not subject:
            told.pop("subject", None)
        super().refuse(told)


class FirstForm(WhatForm):
    """What happened, and for agents: who is on the phone."""

    reporter = Words(label=gettext_lazy("User name or mail address of the caller"), required=False)
    contact_name = Words(label=gettext_lazy("Or the name of the caller"), required=False)
    contact_phone = Words(
        label=gettext_lazy("Phone number of the caller"), required=False, widget=typed("tel")
    )

    CALLER = ("reporter", "contact_name", "contact_phone")

    def __init__(self, *args: Any, may_take_calls: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if not may_take_calls:
            for name in self.CALLER:
                del self.fields[name]

    def clean_reporter(self) -> Any:
        """The account that the agent reports for; None when there is none."""
        name = self.cleaned_data["reporter"]
        if not name:
            return None
        person = roles.person_named(name)
        if person is None:
            raise forms.ValidationError(_("Nobody has this user name or mail address."))
        return person

    def is_call(self) -> bool:
        return any(self.cleaned_data.get(name) for name in self.CALLER)


class WhatAgainForm(QuestionForm, WhatForm):
    """The first answer, changed."""

    main_field = "description"

    def answers(self) -> dict[str, Any]:
        description, subject = self.cleaned_data["description"], self.cleaned_data["subject"]
        if not subject and "subject" in answers.settled(self.incident):
            return {"description": description}  # a line of ours contradicts nobody
        return {"description": description, "subject": subject or title_of(description)}


class NoticedForm(QuestionForm):
    noticed = one_of(Noticed.choices)
    noticed_day = forms.DateField(
        label=gettext_lazy("Day"),
        required=False,
        input_formats=DAY_FORMATS,
        widget=typed("date"),
        error_messages={"invalid": gettext_lazy("Write the day like 2026-11-23.")},
    )
    noticed_time = forms.TimeField(
        label=gettext_lazy("About what time"),
        required=False,
        input_formats=TIME_FORMATS,
        widget=typed("time"),
        error_messages={"invalid": gettext_lazy("Write the time like 14:00, or leave it empty.")},
    )
    occurred_from = Words(
        label=gettext_lazy("When did it begin?"), required=False, widget=typed("datetime-local")
    )
    occurred_to = Words(
        label=gettext_lazy("When did it end?"), required=False, widget=typed("datetime-local")
    )

    shown_at = {"noticed_at": "noticed"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        is_day_given = bool(cleaned.get("noticed_day") or cleaned.get("noticed_time"))
        if is_day_given and not any(self.sent("noticed")):
            cleaned["noticed"] = Noticed.DATE  # an old browser shows these fields from the start
        if cleaned.get("noticed"):
            self.read_noticed(cleaned)
        return cleaned

    def read_noticed(self, cleaned: dict[str, Any]) -> None:
        is_date = cleaned["noticed"] == Noticed.DATE
        if is_date and not cleaned.get("noticed_day"):
            if "noticed_day" not in self.errors:
                self.add_error("noticed_day", _("Say on which day."))
            return
        now = timezone.now()
        # Just now means when it was reported, also when the question is answered later.
        base = self.incident.reported_at or now
        day, clock = cleaned.get("noticed_day"), cleaned.get("noticed_time")
        moment, precision = noticed.read(cleaned["noticed"], day, clock, base)
        try:
            moment = milestones.read_moment(moment) or moment
        except forms.ValidationError as problem:
            self.add_error("noticed_day" if is_date else "noticed_time", problem)
            return
        cleaned["noticed_at"], cleaned["noticed_at_precision"] = moment, precision

    def answers(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        names = ("noticed_at", "noticed_at_precision")
        moment = {name: cleaned[name] for name in names if name in cleaned}
        span = {name: cleaned.get(name) or "" for name in ("occurred_from", "occurred_to")}
        return moment | span


class OngoingForm(QuestionForm):
    ongoing = one_of(Ongoing.choices)

    def answers(self) -> dict[str, Any]:
        return {"ongoing": self.cleaned_data["ongoing"] or Ongoing.UNKNOWN}


class AboutForm(QuestionForm):
    about = one_of([*About.choices, (UNKNOWN, gettext_lazy("I do not know"))])

    def answers(self) -> dict[str, Any]:
        about = self.cleaned_data["about"]
        return {"about": "" if about == UNKNOWN else about}


class ConcernedForm(QuestionForm):
    main_field = "concerned"

    concerned = Words(
        label=gettext_lazy("Device, account or mail address"),
        help_text=gettext_lazy("A name or number is enough, such as “laptop 4711”."),
        required=False,
    )


class SupplierForm(QuestionForm):
    main_field = "supplier"

    supplier = Words(label=gettext_lazy("Name of the supplier or partner"), required=False)


class PersonalDataForm(QuestionForm):
    personal_data = one_of(PersonalData.choices)


class DataForm(QuestionForm):
    data_kinds = some_of(DataKind.choices, label=gettext_lazy("Which kinds of data?"))
    data_kinds_text = Words(
        label=gettext_lazy("Whose data, or other kinds"),
        help_text=gettext_lazy("The kinds, never the data itself."),
        required=False,
    )
    people_affected = Words(
        label=gettext_lazy("About how many people?"),
        help_text=gettext_lazy("An estimate is fine."),
        required=False,
    )
    data_location = one_of(DataLocation.choices, label=gettext_lazy("Where are or were the data?"))
    data_recipient = one_of(
        DataRecipient.choices, label=gettext_lazy("Who may have seen or got them?")
    )
    data_recipient_text = Words(
        label=gettext_lazy("Who that is, in your own words"), required=False
    )

    shown_at = {"data_kinds": "data_kinds_text"}

    def answers(self) -> dict[str, Any]:
        found = super().answers() | {"data_kinds": self.ticked("data_kinds", DataKind)}
        del found["data_kinds_text"]
        return found


class UsersForm(QuestionForm):
    users_affected = one_of(UsersAffected.choices)


class DoneForm(QuestionForm):
    already_done = some_of(Done.choices)
    already_done_text = Words(
        label=gettext_lazy("Anything else you did"), required=False, widget=text(2)
    )
    reported_elsewhere = one_of(
        ReportedElsewhere.choices, label=gettext_lazy("Did you report it elsewhere?")
    )
    reported_elsewhere_reference = Words(label=gettext_lazy("Their reference"), required=False)

    shown_at = {"already_done": "already_done_text"}

    def answers(self) -> dict[str, Any]:
        found = super().answers() | {"already_done": self.ticked("already_done", Done)}
        del found["already_done_text"]
        return found


class FilesForm(QuestionForm):
    shown_at = {"file": "files"}

    files = Files(required=False)  # type: ignore[assignment]

    def answers(self) -> dict[str, Any]:
        return {}


class ReachForm(QuestionForm):
    contact_phone = Words(
        label=gettext_lazy("Your phone number"),
        required=False,
        widget=typed("tel", autocomplete="tel"),
    )
    safe_channel = Words(
        label=gettext_lazy("Another way to reach you"),
        help_text=gettext_lazy(
            "If your account or mailbox may be in the wrong hands. Then we do not mail you there."
        ),
        required=False,
    )
    on_behalf_of = Words(
        label=gettext_lazy("Whom do you report for, if not yourself?"), required=False
    )
    is_name_confidential = forms.BooleanField(
        label=gettext_lazy("Keep my name from the people involved"),
        help_text=gettext_lazy(
            "Only the response team sees it. People who know the matter may still guess."
        ),
        required=False,
    )

    def answers(self) -> dict[str, Any]:
        is_confidential = self.cleaned_data["is_name_confidential"]
        return super().answers() | {"is_name_confidential": is_confidential}
