"""What one may not see is not there: by no page, search, file, guess or crafted request.

A marker is planted wherever a reporter and the team write; whoever may not know never meets it.
"""

import re
import uuid

import pytest

from tests.flows.callers import Caller, Visitor, mails_about
from tests.flows.crawler import paths_below, walk, without_tokens
from tests.waiting import eventually

pytestmark = pytest.mark.product

NOBODYS = "INC-987654"
PARTS = (
    "",
    "transitions/",
    "timeline/",
    "tasks/",
    "evidence/",
    "matches/",
    "alerts/",
    "assessments/",
)
FILE_LINK = re.compile(r'href="(/tickets/[^"]+/files/[^"]+/)"')


class Planted:
    """One ticket of `reporter`, full of the marker, and everything that leads to it."""

    def __init__(self, live, subject: str):
        self.marker = f"qzx{uuid.uuid4().hex[:12]}"
        self.author = Caller(live, "reporter")
        self.manager = Caller(live, "manager")
        self.report = self.author.report(
            f"{subject} {self.marker}",
            f"I saw {self.marker} on the screen of the laboratory.",
            concerned=self.marker,
            workspaces_text=self.marker,
            contact_phone=self.marker,
        )
        self.reference = self.report["reference"]
        path = f"/incidents/{self.reference}"
        self.evidence = self.author.post(
            f"{path}/evidence/",
            status=201,
            files=[("file", f"{self.marker}.txt", f"inside {self.marker}".encode())],
        )
        self.author.post(f"{path}/timeline/", {"text": f"And {self.marker}."}, status=201)
        self.manager.post(f"{path}/timeline/", {"text": f"Note {self.marker}."}, status=201)
        answer = {"text": f"We look at {self.marker}.", "public": True}
        self.manager.post(f"{path}/timeline/", answer, status=201)
        self.tasks = self.manager.all(f"{path}/tasks/")
        self.alerts = self.manager.all(f"{path}/alerts/")
        page = Visitor(live, "reporter").get(f"/tickets/{self.reference}/")
        self.file_path = FILE_LINK.search(page.text)[1]

    def api_paths(self, reference: str) -> list[str]:
        return [f"/incidents/{reference}/{part}" for part in PARTS]

    def key(self) -> int:
        return int(self.reference.removeprefix("INC-"))


@pytest.fixture(scope="module")
def ticket(live):
    return Planted(live, "An open door")


@pytest.fixture(scope="module")
def restricted(live):
    """Only named people may know of it: the manager, the CISO, and who has a task."""
    planted = Planted(live, "Concern about a co-worker: an ex-employee downloaded the cohort,")
    shown = planted.manager.get(f"/incidents/{planted.reference}/")
    assert shown["confidentiality"] == "restricted"
    return planted


@pytest.fixture(scope="module")
def others(live):
    """Another person without a role, by token."""
    return Caller(live, "reporter2")


@pytest.fixture(scope="module")
def outsider(live):
    """The same, with a browser."""
    return Visitor(live, "reporter2")


def test_its_reporter_sees_it_everywhere(live, ticket):
    visitor = Visitor(live, "reporter")

    pages = [visitor.get(path).text for path in ("/", "/tickets/", f"/tickets/{ticket.reference}/")]

    assert all(ticket.marker in page for page in pages)
    assert visitor.get(ticket.file_path).text == f"inside {ticket.marker}"
    assert [row["reference"] for row in ticket.author.all(f"/incidents/?search={ticket.marker}")]


def test_its_reporter_never_reads_the_note(live, ticket):
    page = Visitor(live, "reporter").get(f"/tickets/{ticket.reference}/").text
    entries = ticket.author.all(f"/incidents/{ticket.reference}/timeline/")

    assert "Note qzx" not in page
    assert "We look at" in page
    assert [entry for entry in entries if "Note qzx" in entry["text"]] == []


@pytest.mark.parametrize("name", ["ticket", "restricted"])
def test_no_page_that_another_reporter_can_reach_shows_it(outsider, request, name):
    planted = request.getfixturevalue(name)

    pages = walk(outsider, ["/", "/tickets/", "/report/", "/help/"], most=80)

    assert len(pages) > 4
    assert [path for path, page in pages.items() if planted.marker in page.text] == []
    assert [path for path, page in pages.items() if planted.reference in page.text] == []


@pytest.mark.parametrize("name", ["ticket", "restricted"])
def test_a_guessed_address_is_answered_as_if_there_were_nothing(outsider, request, name):
    planted = request.getfixturevalue(name)
    guesses = {
        f"/tickets/{planted.reference}/": f"/tickets/{NOBODYS}/",
        f"/report/done/{planted.reference}/": f"/report/done/{NOBODYS}/",
        f"/report/{planted.reference}/noticed/": f"/report/{NOBODYS}/noticed/",
        f"/report/{planted.reference}/check/": f"/report/{NOBODYS}/check/",
        planted.file_path: f"/tickets/{NOBODYS}/files/{uuid.uuid4()}/",
    }

    for guess, nothing in guesses.items():
        found, compared = outsider.get(guess), outsider.get(nothing)

        assert (found.status, compared.status) == (404, 404), guess
        assert without_tokens(found.text) == without_tokens(compared.text)


def test_adding_to_somebody_elses_ticket_is_not_possible(outsider, ticket):
    path = f"/tickets/{ticket.reference}/"

    answer = outsider.post(path, {"text": "I was here."}, files=[], shown_at="/report/")

    assert answer.status == 404
    entries = ticket.author.all(f"/incidents/{ticket.reference}/timeline/")
    assert [entry for entry in entries if "I was here" in entry["text"]] == []


@pytest.mark.parametrize("name", ["ticket", "restricted"])
@pytest.mark.parametrize("part", PARTS)
def test_the_api_answers_as_if_there_were_nothing(others, request, name, part):
    planted = request.getfixturevalue(name)

    for method in ("GET", "POST", "PATCH"):
        body = None if method == "GET" else {"text": "x", "transition": "acknowledge"}
        found = others.call(method, f"/incidents/{planted.reference}/{part}", body)
        compared = others.call(method, f"/incidents/{NOBODYS}/{part}", body)

        assert found.status == compared.status in {404, 405, 415}, (method, found.text)
        assert found.body == compared.body
        assert found.headers.keys() == compared.headers.keys()


def test_rows_of_the_ticket_are_not_there_by_their_numbers(others, ticket):
    nothing = 987654321
    task, alert, file = ticket.tasks[0]["id"], ticket.alerts[0]["id"], ticket.evidence["id"]
    requests = [
        ("GET", "/tasks/{}/", task, None),
        ("PATCH", "/tasks/{}/", task, {"state": "in_progress"}),
        ("POST", "/tasks/{}/finish/", task, {"result": "I was here, all done."}),
        ("POST", "/tasks/{}/waive/", task, {"reason": "I was here, not needed."}),
        ("POST", "/alerts/{}/acknowledge/", alert, {}),
        ("GET", "/evidence/{}/content/", file, None),
    ]

    for method, path, key, body in requests:
        found = others.call(method, path.format(key), body)
        compared = others.call(method, path.format(nothing), body)

        assert (found.status, found.body) == (404, compared.body), path


@pytest.mark.parametrize("name", ["ticket", "restricted"])
def test_no_list_search_filter_or_count_of_the_api_tells_of_it(others, request, name):
    planted = request.getfixturevalue(name)
    queries = [
        f"search={planted.marker}",
        f"search={planted.reference}",
        "owner=manager",
        "priority=1,2,3,4",
        "ordering=-priority",
        "page_size=200",
    ]

    for query in queries:
        answer = others.call("GET", f"/incidents/?{query}")

        assert answer.status == 200, answer.text
        assert planted.marker not in answer.text
        assert planted.reference not in answer.text
        assert all(row["reporter"] == "reporter2" for row in answer.json["results"])


def test_a_restricted_incident_is_not_there_for_the_rest_of_the_team(live, restricted):
    for name in ("auditor", "admin"):
        caller = Caller(live, name)

        assert caller.all(f"/incidents/?search={restricted.marker}") == []
        assert caller.call("GET", f"/incidents/{restricted.reference}/").status == 404
        for path in restricted.api_paths(restricted.reference):
            assert caller.call("GET", path).status == 404, (name, path)


@pytest.mark.parametrize("name", ["auditor", "admin"])
def test_no_console_page_shows_a_restricted_incident_to_who_is_not_named(live, restricted, name):
    visitor = Visitor(live, name)
    starts = ["/admin/", f"/admin/incidents/incident/?q={restricted.marker}"]

    pages = walk(visitor, starts, most=80)

    def names(path, page):
        # The search box repeats what was searched for.
        text = page.text.replace(restricted.marker, "") if restricted.marker in path else page.text
        return restricted.marker in text or restricted.reference in text

    assert [path for path, page in pages.items() if names(path, page)] == []
    change = f"/admin/incidents/incident/{restricted.key()}/change/"
    assert visitor.get(change).status in {403, 404}


def test_the_named_people_do_see_it(live, restricted):
    for name in ("manager", "ciso"):
        change = f"/admin/incidents/incident/{restricted.key()}/change/"
        page = Visitor(live, name).get(change)

        assert page.status == 200
        assert restricted.marker in page.text


def test_the_administrator_sees_no_ticket(live, ticket):
    caller, visitor = Caller(live, "admin"), Visitor(live, "admin")

    assert caller.all("/incidents/?page_size=200") == []
    assert caller.call("GET", f"/incidents/{ticket.reference}/").status == 404
    assert visitor.get(f"/admin/incidents/incident/{ticket.key()}/change/").status in {403, 404}
    pages = walk(visitor, ["/admin/"], most=80)
    assert [path for path, page in pages.items() if ticket.marker in page.text] == []


@pytest.mark.parametrize("path", paths_below("/admin/"))
def test_an_ordinary_user_gets_nowhere_in_the_console(outsider, live, path):
    looked = outsider.get(path)
    sent = outsider.post(path, {"action": "take", "subject": "x"}, shown_at="/report/")
    stranger = Visitor(live).get(path)

    assert looked.status in {403, 404}
    assert sent.status in {403, 404}
    assert stranger.status in {403, 404} or "/accounts/login/" in stranger.url


def test_the_console_pages_of_the_ticket_are_closed_to_an_ordinary_user(outsider, ticket):
    forbidden = outsider.get(f"/admin/incidents/incident/{ticket.key()}/change/")
    compared = outsider.get("/admin/incidents/incident/987654/change/")

    assert forbidden.status == compared.status
    assert without_tokens(forbidden.text) == without_tokens(compared.text)
    assert ticket.marker not in forbidden.text


def test_neither_mail_nor_log_repeats_it(live, ticket):
    eventually(lambda: mails_about(live, ticket.reference, "reporter"), "the receipt has come")

    texts = [f"{mail['Subject']} {mail.get_content()}" for mail in list(live.mailbox.messages)]

    assert [text for text in texts if ticket.marker in text] == []
    assert ticket.marker not in live.log.read_text(errors="replace")
