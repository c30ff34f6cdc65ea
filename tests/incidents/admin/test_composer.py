"""One composer: its audiences, macros, files and the people that a note calls."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from incidents import access
from incidents.models import Macro
from incidents.models.timeline import Kind
from incidents.states import Confidentiality
from tests.console import on, words_of
from tests.factories import fresh, make_incident, make_user


@pytest.fixture
def macro(db):
    return Macro.objects.create(
        name="Ask more",
        audience="reporter",
        language="en",
        text="When was it, {reporter}?",
        changes={"waiting_on": "reporter"},
    )


def key_on(response, macro) -> str:
    offered = response.context["composer"].macros
    return next(each.key for each in offered if each.row == macro)


def test_a_macro_fills_the_composer_and_shows_what_it_sets(handler, macro):
    incident = make_incident(contact_name="Marta")

    by_address = handler.get(on(incident), macro=macro.pk)
    by_press = handler.post(
        on(incident, "write"), pick=macro.pk, text="Thank you.", audience="internal"
    )

    for page in (by_address, by_press):
        assert "When was it, Marta?" in words_of(page)
        assert "This is set along with it: Waiting for: Reporter" in words_of(page).replace(
            " :", ":"
        )
        assert page.context["composer"].audience == "public"
    assert "Thank you." in words_of(by_press)
    assert not incident.timeline.filter(kind__in=[Kind.REPLY, Kind.NOTE]).exists()


def test_what_it_shows_is_set_when_it_is_sent(handler, macro):
    incident = make_incident()
    key = key_on(handler.get(on(incident), macro=macro.pk), macro)

    handler.post(on(incident, "write"), audience="public", text="When?", macro=key, sets="on")

    assert fresh(incident).waiting_on == "reporter"
    assert incident.timeline.filter(kind=Kind.REPLY).get().text == "When?"


def test_without_the_tick_only_the_words_are_sent(handler, macro):
    incident = make_incident()
    key = key_on(handler.get(on(incident), macro=macro.pk), macro)

    handler.post(on(incident, "write"), audience="internal", text="When?", macro=key)

    assert fresh(incident).waiting_on == ""
    assert incident.timeline.filter(kind=Kind.NOTE).exists()


def test_a_macro_that_was_changed_meanwhile_sends_nothing(handler, macro):
    incident = make_incident()
    key = key_on(handler.get(on(incident), macro=macro.pk), macro)
    Macro.objects.update(changes={"waiting_on": "supplier"})

    answer = handler.post(
        on(incident, "write"), audience="public", text="When?", macro=key, sets="on"
    )

    assert "This macro was changed meanwhile" in words_of(answer)
    assert "When?" in words_of(answer)
    assert fresh(incident).waiting_on == ""
    assert not incident.timeline.filter(kind=Kind.REPLY).exists()


def test_a_macro_gives_no_right(agent, macro):
    incident = make_incident()
    Macro.objects.update(changes={"category": "fraud/phishing"})
    key = key_on(agent.get(on(incident), macro=macro.pk), macro)

    answer = agent.post(
        on(incident, "write"), audience="public", text="When?", macro=key, sets="on"
    )

    assert answer.status_code == 403
    assert "When?" in words_of(answer)
    assert not incident.timeline.filter(kind=Kind.REPLY).exists()


def test_a_file_goes_beside_a_note_as_evidence(handler):
    incident = make_incident()
    file = SimpleUploadedFile("log.txt", b"41 opens")

    handler.post(on(incident, "write"), audience="internal", text="The log.", file=file)

    assert [row.name for row in incident.evidence.all()] == ["log.txt"]
    assert incident.timeline.filter(kind=Kind.NOTE, text="The log.").exists()


def test_a_file_never_goes_with_a_reply(handler):
    incident = make_incident()
    file = SimpleUploadedFile("log.txt", b"41 opens")

    answer = handler.post(on(incident, "write"), audience="public", text="Look.", file=file)

    assert "with an internal note only" in words_of(answer)
    assert not incident.evidence.exists()
    assert not incident.timeline.filter(kind=Kind.REPLY).exists()


def test_a_call_stands_in_bold_and_markup_around_it_stays_text(handler):
    make_user("ann", "handler", first_name="Ann", last_name="Verbeek")
    incident = make_incident()

    handler.post(on(incident, "write"), audience="internal", text="<i>@Ann Verbeek</i> look")

    page = handler.get(on(incident)).content.decode()
    assert "&lt;i&gt;<b>@Ann Verbeek</b>&lt;/i&gt; look" in page


def test_the_form_says_who_was_not_told(agent):
    make_user("ann", "handler")
    incident = make_incident(confidentiality=Confidentiality.RESTRICTED)
    access.restrict_to(incident, [agent.user])

    agent.post(on(incident, "write"), audience="internal", text="@ann look")

    assert "@ann was not told: this incident is not theirs to see." in words_of(
        agent.get(on(incident))
    )


def test_suggestions_are_for_those_who_may_write_there(agent, auditor, reporter):
    make_user("ann", "handler")
    incident = make_incident()
    hidden = make_incident(confidentiality=Confidentiality.RESTRICTED)

    found = agent.get(on(incident, "people"), q="an").json()

    assert found == {"people": [{"name": "ann", "username": "ann"}]}
    assert auditor.get(on(incident, "people"), q="an").json() == {"people": []}
    assert agent.get(on(hidden, "people"), q="an").status_code == 404
    assert agent.get(on(incident, "people"), q="\x00").json() == {"people": []}
    assert reporter.get(on(incident, "people"), q="an").status_code == 403


def test_macros_are_written_by_those_who_speak_for_the_house(manager, handler, auditor):
    words = {
        "name": "Ask",
        "audience": "reporter",
        "language": "en",
        "text": "?",
        "is_active": "on",
    }

    bad = manager.post("incidents/macro/add/", **words, changes='{"state": "closed"}')
    good = manager.post("incidents/macro/add/", **words, changes='{"waiting_on": "reporter"}')

    assert "These facts cannot be set: state." in words_of(bad)
    assert good.status_code == 302
    assert Macro.objects.get().changes == {"waiting_on": "reporter"}
    assert auditor.get("incidents/macro/").status_code == 200
    assert auditor.post("incidents/macro/add/", **words, changes="{}").status_code == 403
    assert handler.get("incidents/macro/").status_code == 403
