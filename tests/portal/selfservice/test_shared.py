"""What an Accountable reads of the tickets of others: the updates, and nothing else at all."""

import pytest
from django.test import Client

from incidents import conversation, evidence, lifecycle, risk
from incidents.models import Incident, Tenant, Workspace
from incidents.states import Confidentiality, State
from portal.selfservice import readings
from tests.factories import ASSESSMENT, make_incident, make_report, make_user
from tests.portal.selfservice.typed import picture, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference", "team")]

NEWS = "The machine is cut off. Your data were not touched."
SECRET = "qzxmarker"


@pytest.fixture
def accountable(db):
    return make_user("accountable")


@pytest.fixture
def rival(db):
    """Accountable of another workspace on the same ticket."""
    return make_user("rival")


def workspace(name, accountable, incident) -> None:
    tenant = Tenant.objects.get_or_create(name="Vestmark")[0]
    row = Workspace.objects.create(name=name, tenant=tenant, accountable=accountable)
    incident.workspaces.add(row)


@pytest.fixture
def ticket(reporter, agent, handler, accountable, rival, team, reference):
    """Full of the marker wherever somebody writes, and one update without it."""
    incident = make_report(
        reporter,
        subject=f"Miners {SECRET}",
        description=f"All cards are busy since the night {SECRET}.",
        answers={"concerned": SECRET, "workspaces_text": SECRET, "contact_phone": SECRET},
    )
    workspace("ws-mine", accountable, incident)
    workspace(f"ws-{SECRET}", rival, incident)
    conversation.receive(incident, f"And {SECRET}.", by=reporter)
    conversation.reply(incident, f"Thanks, {SECRET}.", by=agent, asks=True)
    conversation.note(incident, f"Hm, {SECRET}.", by=handler)
    evidence.store(incident, picture(f"{SECRET}.png"), by=reporter, from_reporter=True)
    risk.assess(incident, by=handler, **{**ASSESSMENT, "threat": SECRET})
    return lifecycle.transition(incident, "acknowledge", by=handler)


@pytest.fixture
def shared(ticket, manager):
    conversation.share(ticket, NEWS, by=manager)
    return ticket


def path_of(incident) -> str:
    return f"/tickets/shared/{incident.reference}/"


def read(user, path: str) -> str:
    response = signed_in(user).get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_it_is_told_what_concerns_them_and_nothing_else(accountable, shared):
    for path in ("/tickets/", path_of(shared)):
        page = read(accountable, path)

        assert shared.reference in page
        assert "ws-mine" in page
        assert "Being looked at" in page
        assert NEWS in page
        assert "manager" in page
        for hidden in (SECRET, "reporter@", "handler", "We need an answer", "agent"):
            assert hidden not in page, hidden


def test_each_accountable_reads_the_names_of_their_own_workspaces(rival, shared):
    page = read(rival, path_of(shared))

    assert f"ws-{SECRET}" in page
    assert "ws-mine" not in page


def test_the_list_stands_apart_and_only_where_something_is_shared(accountable, outsider, shared):
    heading = "Shared with you as Accountable"

    assert heading in read(accountable, "/tickets/")
    assert heading not in read(outsider, "/tickets/")


def test_without_an_update_the_ticket_does_not_exist_for_them(accountable, ticket):
    answers = [signed_in(accountable).get(path) for path in guesses(ticket)]

    assert {answer.status_code for answer in answers} == {404}
    assert ticket.reference not in read(accountable, "/tickets/")


def guesses(incident) -> list[str]:
    mine = f"/tickets/{incident.reference}/"
    key = incident.evidence.get(from_reporter=True).key
    return [path_of(incident), mine, f"{mine}reopen/", f"{mine}files/{key}/"]


def test_the_update_opens_no_other_door(accountable, shared):
    done = f"/report/done/{shared.reference}/"
    others = [*guesses(shared)[1:], done, "/tickets/shared/"]

    answers = [signed_in(accountable).get(path).status_code for path in others]

    assert set(answers) == {404}


def test_for_everybody_else_it_is_like_one_that_does_not_exist(people, shared):
    for person in people.values():
        found = signed_in(person).get(path_of(shared))
        nothing = signed_in(person).get("/tickets/shared/INC-999999/")
        assert (found.status_code, nothing.status_code) == (404, 404), person


@pytest.mark.parametrize("reference", ["x", "INC-", "INC-99999999999999999999", "INC-٣", "%00"])
def test_guessing_finds_nothing(accountable, shared, reference):
    assert signed_in(accountable).get(f"/tickets/shared/{reference}/").status_code == 404


def test_nothing_is_written_there(accountable, shared):
    assert signed_in(accountable).post(path_of(shared), {"text": "hi"}).status_code == 405


def test_a_stranger_signs_in_first(shared):
    assert Client().get(path_of(shared)).url == f"/accounts/login/?next={path_of(shared)}"


def test_when_it_is_restricted_it_is_gone(accountable, shared):
    Incident.objects.filter(pk=shared.pk).update(confidentiality=Confidentiality.RESTRICTED)

    assert signed_in(accountable).get(path_of(shared)).status_code == 404
    assert shared.reference not in read(accountable, "/tickets/")
    assert readings.unread_count(accountable) == 0


def test_an_update_is_new_until_it_is_opened_and_a_reply_is_no_news_to_them(
    accountable, agent, shared
):
    before = readings.unread_count(accountable), "(new message)" in read(accountable, "/tickets/")

    read(accountable, path_of(shared))
    conversation.reply(shared, "Another word.", by=agent)

    assert before == (1, True)
    assert readings.unread_count(accountable) == 0
    assert "(new message)" not in read(accountable, "/tickets/")


def test_fetching_ahead_is_not_reading(accountable, shared):
    signed_in(accountable).head(path_of(shared))
    signed_in(accountable).get(path_of(shared), headers={"Sec-Purpose": "prefetch"})

    assert readings.unread_count(accountable) == 1


def test_the_reporter_reads_it_on_their_own_ticket_as_an_update(reporter, shared):
    page = read(reporter, f"/tickets/{shared.reference}/")

    assert NEWS in page
    assert ">Update</span>" in page
    assert page.index("We need an answer from you") < page.index(NEWS)
    assert "Thanks, " in page[: page.index("Where it stands")]


@pytest.mark.parametrize("count", [3, 30])
def test_the_list_asks_as_many_questions_for_many(
    reporter, manager, accountable, count, django_assert_num_queries
):
    for number in range(count):
        incident = make_incident(State.NEW, reporter=reporter)
        workspace(f"ws-{number}", accountable, incident)
        conversation.share(incident, NEWS, by=manager)
    client = signed_in(accountable)

    with django_assert_num_queries(8):  # session, user, none of mine, shared: 3; roles, unread
        page = client.get("/tickets/").content.decode()

    assert page.count(NEWS) == min(count, 10)


def test_the_console_says_who_will_read_it_and_shares_it(manager, accountable, ticket):
    client = signed_in(manager)
    page = client.get(f"/admin/incidents/incident/{ticket.pk}/change/").content.decode()

    sent = {"audience": "workspaces", "text": NEWS}
    client.post(f"/admin/incidents/incident/{ticket.pk}/write/", sent)

    assert "Goes to the Accountables accountable (ws-mine); rival (ws-qzxmarker)." in page
    assert NEWS in read(accountable, path_of(ticket))


@pytest.mark.parametrize("who", ["agent", "handler"])
def test_whoever_may_write_to_the_reporter_only_is_not_offered_it(people, ticket, who):
    client = signed_in(people[who])
    page = client.get(f"/admin/incidents/incident/{ticket.pk}/change/").content.decode()

    sent = {"audience": "workspaces", "text": NEWS}
    answer = client.post(f"/admin/incidents/incident/{ticket.pk}/write/", sent)

    assert "c-shared" not in page
    assert answer.status_code == 403
    assert not ticket.timeline.filter(kind="shared_update").exists()


def test_where_nobody_would_read_it_the_console_does_not_offer_it_and_says_why(manager, reporter):
    incident = make_incident(State.TRIAGE, reporter=reporter)
    client = signed_in(manager)
    page = client.get(f"/admin/incidents/incident/{incident.pk}/change/").content.decode()

    sent = {"audience": "workspaces", "text": NEWS}
    answer = client.post(f"/admin/incidents/incident/{incident.pk}/write/", sent)

    assert "c-shared" not in page
    assert "nobody would read it" in answer.content.decode()
    assert NEWS in answer.content.decode()
