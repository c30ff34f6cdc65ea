"""What leaves the house is neutral: number, priority, category, link, in the reader's language."""

from pathlib import Path

import pytest
from django.conf import settings

from incidents.models import Category
from incidents.states import Confidentiality, Priority, Tlp
from tests.factories import make_category, make_report, make_user
from workflows import alerts, messages
from workflows.models import Alert

pytestmark = pytest.mark.django_db

TEXTS = Path(messages.__file__).parent / "templates" / "workflows"
ABOUT_NO_INCIDENT = {"handover_offered", "handover_answered"}
TEMPLATES = sorted(path.name.removesuffix(".subject.txt") for path in TEXTS.glob("*.subject.txt"))
SUBJECT, STORY = "Xanthippe lost Ypsilon", "Zacharias saw the Quetzalcoatl list on a train."


@pytest.fixture
def incident(db):
    """Its words and people are unmistakable."""
    person = make_user("wilhelmina", first_name="Wilhelmina", last_name="Vandersloot")
    return make_report(person, subject=SUBJECT, description=STORY)


@pytest.fixture
def alert(incident, team, reference) -> Alert:
    why = f"DB v1: “{SUBJECT}”"
    [row] = alerts.request(incident, roles=["IH"], why=why, cause="test", priority=Priority.P1)
    return row


def rendered(alert, **changes) -> messages.Message:
    """The message after these changes to the incident."""
    for name, value in changes.items():
        setattr(alert.incident, name, value)
    return messages.render(alert)


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_no_text_says_what_was_reported_or_names_anybody(alert, template, language):
    alert.template = template
    alert.recipient.language = language

    message = rendered(alert)

    everything = f"{message.subject}\n{message.text}".casefold()
    words = f"{SUBJECT} {STORY} Wilhelmina Vandersloot handler@tocsin.test".casefold().split()
    assert [word for word in words if len(word) > 6 and word in everything] == []
    assert alert.incident.reference in everything.upper() or template in ABOUT_NO_INCIDENT
    assert "\n" not in message.subject


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_text_has_no_holes_and_no_markup(alert, template):
    alert.template = template

    message = rendered(alert, category=make_category("fraud/a-&-b"))

    assert "{" not in message.text
    assert "&amp;" not in message.text + message.subject
    assert "\n\n\n" not in message.text


def test_an_alert_says_number_priority_category_and_its_own_link(alert):
    message = rendered(alert, category=make_category("fraud/phishing"))

    assert message.to == "handler@tocsin.test"
    assert f"P1 {alert.incident.reference}" in message.subject
    assert "Fraud: Phishing" in message.subject
    assert f"{settings.BASE_URL}/a/{alerts.sign(alert)}/" in message.text


def test_the_label_stands_in_the_subject_and_the_first_line(alert):
    message = rendered(alert, tlp=Tlp.RED)

    assert message.subject.startswith("[TLP:RED] ")
    assert message.text.splitlines()[0] == "TLP:RED"


@pytest.mark.parametrize("kind", [Alert.Kind.RECEIPT, Alert.Kind.NOTICE])
def test_the_reporter_reads_no_label_of_the_team_in_a_subject(alert, kind):
    alert.kind = kind

    message = rendered(alert, is_exercise=True)

    assert "TLP" not in message.subject
    assert message.subject.startswith("[EXERCISE] ")


def test_a_drill_is_called_a_drill(alert):
    message = rendered(alert, is_exercise=True)

    assert message.subject.startswith("[EXERCISE] ")
    assert "EXERCISE" in message.text.splitlines()[0]


def test_the_subject_line_of_a_restricted_incident_does_not_show_that_it_exists(alert):
    message = rendered(
        alert,
        category=make_category("fraud/phishing"),
        confidentiality=Confidentiality.RESTRICTED,
    )

    assert alert.incident.reference not in message.subject
    assert "Phishing" not in message.subject + message.text


def test_a_category_cannot_add_a_header(alert):
    category = Category(class_label="Fraud\r\nBcc: all@b.test", label="x\n\ny")

    message = rendered(alert, category=category)

    assert "\n" not in message.subject
    assert "\r" not in message.subject


@pytest.mark.parametrize(
    ("own", "reported_in", "language"),
    [("nl", "de", "nl"), ("", "de", "de"), ("", "xx", "en"), ("../../etc", "", "en")],
)
def test_the_reporter_reads_their_own_language_or_that_of_the_report(
    incident, own, reported_in, language
):
    receipt = incident.alerts.get(kind=Alert.Kind.RECEIPT)
    receipt.recipient.language, receipt.incident.language = own, reported_in

    assert messages.language_of(receipt) == language


def test_the_team_does_not_get_the_reporters_language(alert):
    alert.incident.language = "fr"

    assert messages.language_of(alert) == "en"
