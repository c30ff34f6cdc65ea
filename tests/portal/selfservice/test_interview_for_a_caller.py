"""Reports on the phone: who types in answers for the caller, until it is sent."""

import pytest

from incidents.models import Incident
from incidents.models.timeline import Kind
from incidents.states import Confidentiality
from tests.factories import make_user
from tests.portal.selfservice.typed import question, reported, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def test_the_agent_who_typed_it_in_is_led_to_the_receipt(agent):
    client = signed_in(agent)
    reference = reported(client, contact_name="Jan")
    client.post(question(reference, "check"))

    response = client.get(question(reference, "noticed"))

    assert response.url == f"/report/done/{reference}/"


def test_who_typed_it_in_reads_it_no_more_once_it_is_sent(agent, reporter):
    client = signed_in(agent)
    reference = reported(client, reporter="reporter")
    path = question(reference, "reach")
    client.post(path, {"contact_phone": "+31 6 0000 0042"})
    client.post(question(reference, "check"))
    signed_in(reporter).post(path, {"safe_channel": "SECRET"})

    wrong = client.post(path, {"contact_phone": "a\x00b"}, follow=True).content.decode()
    late = client.post(path, {"contact_phone": "+31 6 0000 0043"}, follow=True).content.decode()

    incident = Incident.objects.get()
    assert (incident.contact_phone, incident.safe_channel) == ("", "SECRET")
    for page in (wrong, late):
        assert "SECRET" not in page
        assert "was sent already" in page


def test_a_second_click_on_the_way_out_says_nothing_of_a_loss(agent):
    client = signed_in(agent)
    reference = reported(client, contact_name="Jan")
    sent = {"ongoing": "yes", "skip": "1"}
    client.post(question(reference, "ongoing"), sent)

    response = client.post(question(reference, "ongoing"), sent, follow=True)

    assert response.redirect_chain[-1][0] == f"/report/done/{reference}/"
    assert "was sent already" not in response.content.decode()


def test_who_is_no_agent_any_more_has_no_part_in_it(agent):
    client = signed_in(agent)
    reference = reported(client, contact_name="Jan")
    agent.groups.clear()

    for path in (question(reference, "ongoing"), question(reference, "check")):
        assert client.get(path).status_code == 404
        assert client.post(path, {"ongoing": "yes"}).status_code == 404
    assert client.get(f"/report/done/{reference}/").status_code == 404
    assert Incident.objects.get().ongoing == "unknown"


def test_the_number_that_an_agent_noted_first_is_not_lost_at_the_last_question(agent):
    client = signed_in(agent)
    reference = reported(client, contact_name="Jan", contact_phone="+31 6 0000 0042")
    page = client.get(question(reference, "reach")).content.decode()

    client.post(question(reference, "reach"), {"contact_phone": "+31 6 0000 0042"})

    assert 'value="+31 6 0000 0042"' in page
    assert Incident.objects.get().contact_phone == "+31 6 0000 0042"


def test_an_agent_answers_for_the_caller_and_the_caller_goes_on(agent, reporter):
    reference = reported(signed_in(agent), reporter="reporter")
    signed_in(agent).post(question(reference, "ongoing"), {"ongoing": "yes"})

    page = signed_in(reporter).get(question(reference, "ongoing")).content.decode()
    signed_in(reporter).post(question(reference, "about"), {"about": "malware"})

    assert 'value="yes" id="id_ongoing_0" checked' in " ".join(page.split())
    stored = Incident.objects.get()
    assert (stored.ongoing, stored.about) == ("yes", "malware")
    assert not stored.timeline.filter(kind=Kind.MESSAGE).exists()


def test_an_agent_whose_answer_restricts_it_gets_the_reference_and_no_more(team, reporter):
    client = signed_in(make_user("z-agent", "agent"))  # no task of it is theirs
    reference = reported(client, reporter="reporter")

    insider = {"description": "An ex-employee downloaded the whole cohort."}
    response = client.post(question(reference, "what"), insider, follow=True)

    assert Incident.objects.get().confidentiality == Confidentiality.RESTRICTED
    assert f"{reference} is recorded." in response.content.decode()
    assert client.get(question(reference, "ongoing")).status_code == 404
    assert signed_in(reporter).get(question(reference, "ongoing")).status_code == 200
