"""The questions about a report in their order, and which of them concern this one."""

from collections.abc import Callable
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident
from incidents.states import About, PersonalData
from portal.selfservice import questions
from portal.selfservice.questions import QuestionForm
from portal.selfservice.where import WhereForm


class Question(NamedTuple):
    """One page. `label` stands for it where answers are checked; `layout` is its template."""

    name: str
    form: type[QuestionForm]
    heading: Promise
    why: Promise | str
    label: Promise
    layout: str
    concerns: Callable[[Incident], bool] = lambda incident: True  # noqa: ARG005 - all of them


THINGS = {
    About.SUSPICIOUS_MAIL,
    About.MALWARE,
    About.LOST_DEVICE,
    About.ACCOUNT_OR_ACCESS,
    About.SERVICE_DOWN,
}


def is_about_a_thing(incident: Incident) -> bool:
    return incident.about in THINGS


def is_about_a_supplier(incident: Incident) -> bool:
    return incident.about == About.SUPPLIER


def has_data_perhaps(incident: Incident) -> bool:
    is_silent = not incident.personal_data and incident.about != About.DATA_BREACH
    return incident.personal_data != PersonalData.NO and not is_silent


QUESTIONS = [
    Question(
        "what",
        questions.WhatAgainForm,
        _("What happened?"),
        "",
        _("What happened"),
        "what",
    ),
    Question(
        "noticed",
        questions.NoticedForm,
        _("When did you notice it?"),
        _("An estimate is fine."),
        _("Noticed"),
        "noticed",
    ),
    Question(
        "ongoing",
        questions.OngoingForm,
        _("Is it still going on?"),
        _("If it is, we call back sooner."),
        _("Still going on"),
        "choice",
    ),
    Question(
        "about",
        questions.AboutForm,
        _("What is it about?"),
        _("Choose what comes closest. It tells us whom to call."),
        _("About"),
        "choice",
    ),
    Question(
        "concerned",
        questions.ConcernedForm,
        _("Which device, account or mail address is it?"),
        _("So that we can find it and, if need be, lock it."),
        _("Device or account"),
        "words",
        is_about_a_thing,
    ),
    Question(
        "supplier",
        questions.SupplierForm,
        _("Which supplier or partner is it?"),
        "",
        _("Supplier"),
        "words",
        is_about_a_supplier,
    ),
    Question(
        "personal-data",
        questions.PersonalDataForm,
        _("Are data about people involved?"),
        _(
            "Names, health data, photographs: anything about a person. "
            "We ask because the law then gives us little time to warn them."
        ),
        _("Data about people"),
        "choice",
    ),
    Question(
        "data",
        questions.DataForm,
        _("What do you know about the data?"),
        _("Leave out what you do not know. Say which kinds, never the data itself."),
        _("The data"),
        "data",
        has_data_perhaps,
    ),
    Question(
        "where",
        WhereForm,
        _("Which workspaces and machines are affected?"),
        _("It helps us to find the right people."),
        _("Workspaces and machines"),
        "where",
    ),
    Question(
        "users",
        questions.UsersForm,
        _("How many users are affected?"),
        _("An estimate is fine."),
        _("Users affected"),
        "choice",
    ),
    Question(
        "already-done",
        questions.DoneForm,
        _("What was done already?"),
        _("Nothing of it is held against you. It only saves us from doing it twice."),
        _("Already done"),
        "done",
    ),
    Question(
        "files",
        questions.FilesForm,
        _("Do you have screenshots or files?"),
        _("They are sent as soon as you choose them. Going on does not wait for them."),
        _("Files"),
        "files",
    ),
    Question(
        "reach",
        questions.ReachForm,
        _("How do we reach you?"),
        _("We use it for this report only."),
        _("Reaching you"),
        "reach",
    ),
]
BY_NAME = {question.name: question for question in QUESTIONS}
FIRST_AFTER_REPORT = QUESTIONS[1].name


def of(incident: Incident) -> list[Question]:
    """The questions that concern this report, in their order."""
    return [question for question in QUESTIONS if question.concerns(incident)]


def after(name: str, incident: Incident) -> Question | None:
    """The question that follows; None after the last."""
    place = QUESTIONS.index(BY_NAME[name])
    return next((each for each in QUESTIONS[place + 1 :] if each.concerns(incident)), None)


def before(name: str, incident: Incident) -> Question | None:
    """The question to go back to; None before the first."""
    place = QUESTIONS.index(BY_NAME[name])
    return next((each for each in reversed(QUESTIONS[:place]) if each.concerns(incident)), None)
