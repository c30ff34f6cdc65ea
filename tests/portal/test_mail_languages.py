"""Each mail is in the language of whoever it is for, not of whoever caused it."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.test import Client
from django.utils import translation

from incidents import conversation, lifecycle
from portal import watch
from tests.console import Console
from tests.factories import finish_all, fresh, make_incident, make_report, resolving
from tests.spoken import CLOSE, OPEN, mark_translations
from tests.workflows.test_messages import TEMPLATES
from workflows import messages
from workflows.models import Alert

pytestmark = pytest.mark.django_db

SAID = re.compile(f"{OPEN}[^{CLOSE}]*{CLOSE}")
WORD = re.compile(r"[A-Za-z]{2,}")
PASSWORD = {"password1": "Quiet-harbour-7", "password2": "Quiet-harbour-7"}


@pytest.fixture(autouse=True)
def marked(monkeypatch):
    mark_translations(monkeypatch)


def speaks(user, language):
    user.language = language
    user.save()
    return user


def mailed(user):
    """All subjects and texts to `user`, as one text."""
    to_them = [each for each in mail.outbox if each.to == [user.email]]
    assert to_them
    return "\n".join(f"{each.subject}\n{each.body}" for each in to_them)


def left_in_english(text, facts):
    """The words that no translator ever saw, without those of `facts` and links."""
    rest = re.sub(r"https?://\S+", "", SAID.sub("", text))
    return [word for word in WORD.findall(rest) if word not in facts]


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_mail_of_an_incident_holds_nothing_that_is_not_translated(template, handler, settings):
    alert = Alert(
        pk=1, incident=make_incident(), kind="alert", template=template, recipient=handler
    )
    handler.language = "nl"

    message = messages.render(alert)

    facts = f"{settings.ORGANISATION_NAME} {alert.incident.reference} EXERCISE TLP AMBER STRICT"
    assert left_in_english(f"{message.subject}\n{message.text}", re.split(r"\W", facts)) == []
    assert OPEN in message.subject
    assert OPEN in message.text


def test_a_reporter_is_written_to_in_the_language_of_the_report(reporter, handler):
    incident = make_report(reporter, language="nl")
    with translation.override("en"):
        lifecycle.transition(incident, "acknowledge", by=handler)
        conversation.reply(incident, "Which list?", by=handler)

    rows = incident.alerts.filter(recipient=reporter)
    subjects = {row.template: messages.render(row).subject for row in rows}

    assert {"receipt", "acknowledged", "reply"} <= subjects.keys()
    assert all(OPEN in subject for subject in subjects.values())


def test_news_of_the_end_are_in_the_language_of_the_reporter(reporter, manager):
    incident = make_incident("responding", reporter=speaks(reporter, "de"), handler=manager)
    finish_all(incident)
    incident = lifecycle.transition(incident, "resolve", by=manager, inputs=resolving())
    lifecycle.transition(incident, "close", by=manager)

    rows = incident.alerts.filter(recipient=reporter, template__in=["resolved", "closed"])
    assert {row.template for row in rows} == {"resolved", "closed"}
    assert all(OPEN in messages.render(row).text for row in rows)


def test_the_team_is_not_written_to_in_the_language_of_the_reporter(reporter, team, reference):
    incident = make_report(reporter, description="A data breach", language="nl")

    alert = incident.alerts.filter(recipient=team["handler"]).first()

    assert OPEN not in messages.render(alert).text


def test_what_an_administrator_changes_is_told_in_each_officer_s_language(admin, ciso, dpo, agent):
    speaks(ciso, "nl")
    Console(speaks(admin, "de")).post(f"portal/user/{agent.pk}/password/", **PASSWORD)

    entry = LogEntry.objects.get()
    mail.outbox.clear()
    for officer in (ciso, dpo):
        watch.send(entry.pk, officer.email)

    assert OPEN in mailed(ciso)
    assert OPEN not in mailed(dpo)


def test_a_change_of_an_account_is_told_in_its_owner_s_language(admin, reporter, agent):
    speaks(reporter, "nl")
    for person in (reporter, agent):
        Console(admin).post(f"portal/user/{person.pk}/password/", **PASSWORD)

    assert OPEN in mailed(reporter)
    assert OPEN not in mailed(agent)


def test_a_new_password_comes_in_the_language_of_the_account(reporter):
    speaks(reporter, "nl")

    Client().post(
        "/accounts/password/reset/", {"email": reporter.email}, headers={"Accept-Language": "en"}
    )

    assert OPEN in mailed(reporter)
    assert fresh(reporter).language == "nl"
