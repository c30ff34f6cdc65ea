"""Downloads: one's own files, as attachments that a browser cannot run."""

import uuid

import pytest
from django.test import Client

from incidents import evidence
from incidents.models import CustodyEvent
from tests.factories import make_report
from tests.portal.selfservice.typed import PNG, picture, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def ticket(reporter):
    return make_report(reporter, files=[picture("scherm ü.png")])


@pytest.fixture
def path(ticket) -> str:
    return f"/tickets/{ticket.reference}/files/{ticket.evidence.get().key}/"


def test_a_file_comes_down_as_an_attachment_in_a_sandbox(reporter, path):
    response = signed_in(reporter).get(path)

    assert b"".join(response.streaming_content) == PNG
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "no-store" in response["Cache-Control"]


def test_opening_it_is_on_record(reporter, ticket, path):
    list(signed_in(reporter).get(path).streaming_content)

    event = ticket.evidence.get().custody.latest("pk")
    assert (event.act, event.by) == (CustodyEvent.Act.OPENED, reporter)


def test_it_exists_for_nobody_else(outsider, agent, handler, path):
    for person in (outsider, agent, handler):
        assert signed_in(person).get(path).status_code == 404


def test_a_stranger_is_asked_to_sign_in(path):
    assert Client().get(path).url.startswith("/accounts/login/")


def test_a_file_of_the_team_does_not_exist_here(reporter, handler, ticket):
    theirs = evidence.store(ticket, picture("internal.png"), by=handler)

    response = signed_in(reporter).get(f"/tickets/{ticket.reference}/files/{theirs.key}/")

    assert response.status_code == 404


def test_a_file_of_another_ticket_does_not_exist_under_mine(reporter, outsider, path):
    theirs = make_report(outsider, files=[picture()])
    mine = path.split("/")[2]

    response = signed_in(reporter).get(f"/tickets/{mine}/files/{theirs.evidence.get().key}/")

    assert response.status_code == 404


def test_guessing_finds_nothing(reporter, ticket):
    client = signed_in(reporter)

    for key in (uuid.uuid4(), "1", "screen.png", "../../secret-key"):
        assert client.get(f"/tickets/{ticket.reference}/files/{key}/").status_code == 404
