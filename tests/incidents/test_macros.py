"""Macros fill words and set facts, and give nobody a right."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from incidents import macros, rights
from incidents.models import Macro
from incidents.states import WaitingOn
from tests.factories import fresh, make_incident, make_user

pytestmark = pytest.mark.django_db


def make_macro(name="Ask", audience="reporter", language="en", **fields) -> Macro:
    return Macro.objects.create(name=name, audience=audience, language=language, **fields)


def test_the_places_are_filled():
    incident = make_incident(contact_name="Marta Nowak")
    macro = make_macro(text="Hello {reporter}, {reference} is with {agent}. {other}")

    words = macros.words(macro, incident, by=make_user("ann", "handler"))

    assert words == f"Hello Marta Nowak, {incident.reference} is with ann. {{other}}"


def test_a_confidential_name_is_not_filled_in_for_whoever_may_not_know_it():
    incident = make_incident(contact_name="Marta Nowak", is_name_confidential=True)
    macro = make_macro(text="Hello {reporter},")

    assert macros.words(macro, incident, by=make_user("ann", "agent")) == "Hello,"


def test_the_readers_language_comes_first_and_only_what_one_may_send_is_offered():
    incident = make_incident(language="nl")
    for language in ("en", "nl", "fr"):
        make_macro(language=language)
        make_macro("Inside", "internal", language)
    make_macro("Off", is_active=False)

    with translation.override("fr"):
        agent = macros.offered(incident, make_user("agent", "agent"))
        dpo = macros.offered(incident, make_user("dpo", "dpo"))

    assert [(row.name, row.language) for row in agent] == [
        ("Inside", "fr"), ("Ask", "nl"), ("Ask", "fr"), ("Ask", "en"),
    ]  # fmt: skip
    assert [row.name for row in dpo] == ["Inside"]


def test_its_changes_are_shown_in_words_and_carried_out_on_record():
    incident = make_incident()
    macro = make_macro(changes={"waiting_on": "supplier"})

    macros.carry_out(macro, incident, by=make_user("ann", "handler"))

    assert macros.shown_changes(macro) == ["Waiting for: Supplier"]
    assert fresh(incident).waiting_on == WaitingOn.SUPPLIER
    assert "waiting_on" in incident.timeline.last().data


def test_it_gives_no_right():
    incident = make_incident()
    macro = make_macro(changes={"category": "fraud/phishing"})

    with pytest.raises(rights.Denied):
        macros.carry_out(macro, incident, by=make_user("agent", "agent"))

    assert fresh(incident).category is None


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "closed"},
        {"severity": 4},
        {"waiting_on": "the postman"},
        {"tags": "no list"},
        {"subject": ""},
        ["waiting_on"],
        "reporter",
    ],
)
def test_changes_that_could_not_be_made_are_refused(changes):
    with pytest.raises(ValidationError):
        macros.check_changes(changes)


def test_changes_that_can_be_made_are_taken():
    assert macros.check_changes({"waiting_on": "reporter", "tlp": "TLP:RED"}) is None


def test_the_example_in_a_refusal_can_be_copied():
    with pytest.raises(ValidationError) as refused:
        macros.check_changes("nonsense")

    example = refused.value.messages[0].partition("{")[2].rpartition("}")[0]
    assert json.loads(f"{{{example}}}") == {"waiting_on": "reporter"}
