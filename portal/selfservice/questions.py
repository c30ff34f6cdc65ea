"""The questions of the report, in the words of the reporter (DOMAIN.md 4)."""

from typing import Any

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from incidents.states import (
    About,
    DataLocation,
    DataRecipient,
    Ongoing,
    PersonalData,
    ReportedElsewhere,
    UsersAffected,
)
from portal.selfservice.forms import Files, PortalForm, Words
from portal.selfservice.noticed import Noticed

DAY_FORMATS = ["%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%d %B %Y"]
TIME_FORMATS = ["%H:%M", "%H:%M:%S", "%H.%M"]


class DataKind(TextChoices):
    """Kinds of personal data that a reporter can tell apart (DOMAIN.md 2.4)."""

    CONTACT = "contact", _("Names, addresses, telephone numbers")
    HEALTH = "health", _("Health, genetic or biometric data")
    SPECIAL = "special", _("Origin, religion, politics, union or sex life")
    CRIMINAL = "criminal", _("Offences and convictions")
    NATIONAL_ID = "national_id", _("Identity or citizen service numbers")
    MONEY = "money", _("Bank, card or salary data")
    PASSWORDS = "passwords", _("Passwords or keys")
    LOCATION = "location", _("Where people are or were")
    UNKNOWN = "unknown", _("I do not know")


class Done(TextChoices):
    """What people often have done before they report."""

    DISCONNECTED = "disconnected", _("Disconnected it from the network")
    PASSWORD = "password", _("Changed a password")
    DELETED = "deleted", _("Deleted something")
    ASKED = "asked", _("Asked the recipient to delete it")
    INFORMED = "informed", _("Told somebody")
    NOTHING = "nothing", _("Nothing")


def choose(choices: type[TextChoices], empty: Any = "") -> list[tuple[str, Any]]:
    """The choices of a list that may be left alone; `empty` says what that means."""
    return [("", empty or _("No answer")), *choices.choices]


def one_of(choices: list, required: Any = "", **options: Any) -> forms.ChoiceField:
    """Radio buttons with the sentence `required`, or a list that may be left alone."""
    messages = {"invalid_choice": _("Choose one of the answers."), "required": required}
    if required:
        options["widget"] = forms.RadioSelect
    return forms.ChoiceField(
        choices=choices, required=bool(required), error_messages=messages, **options
    )


def some_of(choices: list, **options: Any) -> forms.MultipleChoiceField:
    wrong = _("Choose among the answers.")
    return forms.MultipleChoiceField(
        choices=choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": wrong, "invalid_list": wrong},
        **options,
    )


def text(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def typed(kind: str, **attributes: str) -> forms.TextInput:
    """An input of another type, so that phones bring the right keyboard or calendar."""
    return forms.TextInput(attrs={"type": kind, **attributes})


class Questions(PortalForm):
    """All questions in the order of the page. Only five of them must be answered."""

    reporter = Words(
        label=_("User name of the person who reports"),
        help_text=_("You take this report by phone. Leave it empty for your own report."),
        required=False,
    )
    subject = Words(
        label=_("In one line: what did you see?"),
        help_text=_("For example: a mail asked me to confirm my password."),
        error_messages={"required": _("Say in one line what you saw.")},
    )
    description = Words(
        label=_("What happened, where, and how did you notice?"),
        help_text=_("Two sentences are enough. No passwords and no patient data, please."),
        widget=text(6),
        error_messages={"required": _("Say what happened.")},
    )
    noticed = one_of(
        Noticed.choices,
        _("Say when you noticed it."),
        label=_("When did you notice it?"),
        help_text=_("An estimate is fine."),
        initial=Noticed.NOW,
    )
    noticed_day = forms.DateField(
        label=_("Day"),
        required=False,
        input_formats=DAY_FORMATS,
        widget=typed("date"),
        error_messages={"invalid": _("Write the day like 2026-11-23.")},
    )
    noticed_time = forms.TimeField(
        label=_("About what time"),
        required=False,
        input_formats=TIME_FORMATS,
        widget=typed("time"),
        error_messages={"invalid": _("Write the time like 14:00, or leave it empty.")},
    )
    ongoing = one_of(
        Ongoing.choices,
        _("Say whether it is still going on."),
        label=_("Is it still going on?"),
    )
    personal_data = one_of(
        PersonalData.choices,
        _("Say whether data about people are involved."),
        label=_("Are data about people involved?"),
        help_text=_(
            "Names, health data, photographs: anything about a person. "
            "The law then gives us little time to warn them."
        ),
    )
    about = one_of(choose(About, _("I do not know")), label=_("What is it about?"))
    files = Files(required=False)  # type: ignore[assignment]
    workspaces = some_of([], label=_("Which of your workspaces?"))
    workspaces_text = Words(
        label=_("Workspaces, in your own words"),
        help_text=_("One on each line, or “all”, or “I do not know”."),
        required=False,
        widget=text(2),
    )
    virtual_machines = some_of([], label=_("Which of your machines?"))
    virtual_machines_text = Words(
        label=_("Machines, in your own words"),
        help_text=_("Name or number, one on each line."),
        required=False,
        widget=text(2),
    )
    users_affected = one_of(choose(UsersAffected), label=_("How many users are affected?"))
    concerned = Words(
        label=_("Which device, account or mail address?"),
        required=False,
    )
    data_kinds = some_of(DataKind.choices, label=_("Which kinds of data?"))
    data_kinds_text = Words(
        label=_("Whose data, or other kinds"),
        help_text=_("The kinds, never the data itself."),
        required=False,
    )
    people_affected = Words(
        label=_("About how many people?"),
        help_text=_("An estimate is fine."),
        required=False,
    )
    data_location = one_of(choose(DataLocation), label=_("Where are or were the data?"))
    data_recipient = one_of(choose(DataRecipient), label=_("Who may have seen or got them?"))
    data_recipient_text = Words(label=_("Who that is, in your own words"), required=False)
    occurred_from = Words(
        label=_("When did it begin?"), required=False, widget=typed("datetime-local")
    )
    occurred_to = Words(label=_("When did it end?"), required=False, widget=typed("datetime-local"))
    already_done = some_of(Done.choices, label=_("What did you do already?"))
    already_done_text = Words(label=_("Anything else you did"), required=False, widget=text(2))
    supplier = Words(label=_("A supplier or partner that is involved"), required=False)
    reported_elsewhere = one_of(choose(ReportedElsewhere), label=_("Did you report it elsewhere?"))
    reported_elsewhere_reference = Words(label=_("Their reference"), required=False)
    contact_phone = Words(
        label=_("Your phone number"), required=False, widget=typed("tel", autocomplete="tel")
    )
    safe_channel = Words(
        label=_("Another way to reach you"),
        help_text=_(
            "If your account or mailbox may be in the wrong hands. Then we do not mail you there."
        ),
        required=False,
    )
    on_behalf_of = Words(label=_("Whom do you report for, if not yourself?"), required=False)
    is_name_confidential = forms.BooleanField(
        label=_("Keep my name from the people involved"),
        help_text=_("Only the response team sees it. People who know the matter may still guess."),
        required=False,
    )
