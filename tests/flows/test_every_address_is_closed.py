"""Every line of the URL map, read and written to by people who may not know: a marker that stands
wherever a reporter, the team and the questions keep words is nowhere in any answer.

The answers come from the views themselves, so that rows, keys and numbers can all be tried. What
only a running product has (mail, logs, static files) is in test_need_to_know.py.
"""

import re
import uuid
from itertools import product

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from incidents import access, conversation, evidence
from incidents.models import Evidence, Incident, Task, Tenant, TimelineEntry, Workspace
from incidents.states import Confidentiality
from portal.api import tokens
from portal.models import Draft, Questionnaire
from portal.selfservice import sequence
from tests.factories import fresh, make_report, make_task, make_user
from tests.flows.crawler import Route, routes
from workflows import messages
from workflows.models import Alert

pytestmark = pytest.mark.django_db

MARKER = "qzxmarker"
SECRET = f"{MARKER}secret"  # of the restricted one
NUMBERS = {"pk", "id", "object_id", "content_type_id", "file", "signature"}
WORDS = {
    "step": ["acknowledge", "declare"],
    "provider_id": ["sso"],
    "uidb36": ["1"],
    "app_label": ["incidents", "portal"],
    "url": ["nowhere"],
    "change": ["name", "unname"],
    "answer": ["agree", "decline"],
}


class House:
    """One ticket of the team, one that is restricted, and all that hangs on them."""

    def __init__(self):
        self.author, self.other = make_user("reporter"), make_user("reporter2")
        self.manager = make_user("manager", "manager")
        self.accountable = make_user("accountable")
        self.elsewhere = make_user("accountable2")
        tenant = Tenant.objects.create(name=f"{MARKER} tenant")
        self.place = Workspace.objects.create(
            name=f"{MARKER} place", tenant=tenant, accountable=self.accountable
        )
        Workspace.objects.create(
            name="Another place",
            tenant=Tenant.objects.create(name="Another"),
            accountable=self.elsewhere,
        )
        self.tickets = [self.plant("a ticket"), self.plant("a secret", SECRET)]
        conversation.share(self.tickets[0], f"{MARKER} shared", by=self.manager)
        Incident.objects.filter(pk=self.tickets[1].pk).update(
            confidentiality=Confidentiality.RESTRICTED
        )
        access.restrict_to(self.tickets[1], [self.manager])
        self.drafts = [self.draft(path) for path in ("/report/", *self.paths_of_pages())]

    def plant(self, subject: str, marker: str = MARKER) -> Incident:
        incident = make_report(
            self.author,
            subject=f"{marker} {subject}",
            description=f"{marker} text: the laptop with the participant list is gone.",
        )
        words = {"workspaces_text": f"{marker} where", "contact_phone": f"{marker} phone"}
        Incident.objects.filter(pk=incident.pk).update(**words)
        incident.workspaces.add(self.place)
        given = {name: {"description": [f"{marker} {name}"]} for name in sequence.BY_NAME}
        Questionnaire.objects.create(incident=incident, answered=given)
        evidence.store(
            incident,
            SimpleUploadedFile(f"{marker}.txt", f"{marker} inside".encode()),
            by=self.author,
            from_reporter=True,
        )
        conversation.receive(incident, f"{marker} message", by=self.author)
        conversation.note(incident, f"{marker} note", by=self.manager)
        conversation.reply(incident, f"{marker} reply", by=self.manager)
        make_task(incident, title=f"{marker} task")
        return fresh(incident)

    def paths_of_pages(self) -> list[str]:
        return [f"/tickets/{ticket.reference}/" for ticket in self.tickets]

    def draft(self, path: str) -> Draft:
        fields = {name: [f"{MARKER} draft"] for name in ("text", "description", "subject")}
        return Draft.objects.create(user=self.author, path=path, fields=fields)

    def values(self) -> dict[str, list[str]]:
        """What each parameter of an address may be, to hit what is planted."""
        models = (Incident, Evidence, Task, Alert, TimelineEntry)
        rows = (model.objects.order_by("pk").values_list("pk", flat=True)[:2] for model in models)
        numbers = {str(number) for each in rows for number in each}
        keys = [str(row.key) for row in [*Evidence.objects.all(), *self.drafts]]
        return WORDS | {
            **dict.fromkeys(NUMBERS, sorted(numbers, key=int)),
            "reference": [ticket.reference for ticket in self.tickets],
            "key": keys,
            "name": [*sequence.BY_NAME, "reporting", "check"],
            "token": [messages.sign(alert) for alert in Alert.objects.all()[:2]],
        }

    def rows(self) -> list[object]:
        """What must be the same afterwards."""
        return [
            list(Incident.objects.filter(reporter=self.author).order_by("pk").values()),
            TimelineEntry.objects.filter(incident__in=self.tickets).count(),
            list(Questionnaire.objects.order_by("pk").values()),
            list(Draft.objects.filter(user=self.author).values_list("key", "fields")),
            Evidence.objects.count(),
        ]


@pytest.fixture
def house(reference, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.MFA_RATE_LIMITS = False
    return House()


def addresses(route: Route, values: dict[str, list[str]]) -> list[str]:
    """Every address of this line with what is planted; a new parameter fails the test."""
    unknown = set(route.names) - set(values)
    assert not unknown, f"{route}: tell tests/flows/{__name__} what {unknown} may be"
    tried = [values[name] for name in route.names]
    return [
        route.path.format(**dict(zip(route.names, each, strict=True))) for each in product(*tried)
    ]


def visit(client: Client, address: str, house: House, headers: dict[str, str]) -> list[str]:
    """What came back, head and body, for looking and for sending."""
    key = str(house.drafts[0].key)
    sent = {
        "text": "The laptop with the participant list is gone.",
        "form_key": str(uuid.uuid4()),
        "draft": key,
    }
    found = []
    for answer in (
        client.get(address, {"draft": key}, headers=headers),
        client.post(address, sent, headers=headers),
    ):
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        found.append(f"{dict(answer.headers)} {body.decode(errors='replace')}")
    return found


@pytest.mark.parametrize("name", ["other", "elsewhere", "stranger"])
def test_nobody_else_meets_a_word_of_it_on_any_line_of_the_map(house, name):
    user = getattr(house, name, None)
    client, values, before = Client(), house.values(), house.rows()
    headers = {"Accept": "text/html"}
    if user is not None:
        token, secret = tokens.issue(user, "theirs", ["incidents:read", "incidents:write"], 1)
        headers["Authorization"] = f"Bearer {secret}"
    found = []

    for route in routes():
        for address in addresses(route, values):
            if user is not None and "_auth_user_id" not in client.session:
                client.force_login(user)
            if any(MARKER in text for text in visit(client, address, house, headers)):
                found.append(address)

    assert found == []
    assert house.rows() == before


SEARCHES = [
    "/admin/incidents/incident/?q={}&state=all",
    "/admin/incidents/incident/export.csv?q={}&state=all",
    "/admin/incidents/task/?q={}&state=all",
    "/admin/workflows/alert/?q={}",
    "/admin/admin/logentry/?q={}",
    "/api/v1/incidents/?search={}",
]


@pytest.mark.parametrize(
    ("name", "groups", "is_superuser"),
    [
        ("agent", ["agent"], False),
        ("officer", ["ciso", "dpo"], False),
        ("auditor", ["auditor"], False),
        ("root", [], True),
        ("rootish", ["handler", "admin"], True),
    ],
)
def test_nobody_who_is_not_named_meets_the_secret(house, name, groups, is_superuser):
    """With a role or as a superuser, without break-glass."""
    user = make_user(name, *groups, is_superuser=is_superuser, is_staff=is_superuser)
    secret = house.tickets[1]
    client, headers = Client(), {"Accept": "text/html"}
    token, key = tokens.issue(user, "theirs", ["incidents:read"], 1)
    headers["Authorization"] = f"Bearer {key}"
    values = house.values() | {"reference": [secret.reference]}
    keys = {str(row.pk) for model in (Task, Alert) for row in model.objects.filter(incident=secret)}
    values |= {name: [str(secret.pk), *sorted(keys)[:2]] for name in NUMBERS & set(values)}
    addresses_tried = [each for route in routes() for each in addresses(route, values)]
    found = []

    for address in [*addresses_tried, *(each.format(SECRET) for each in SEARCHES)]:
        client.force_login(user)
        answer = client.get(address, headers=headers)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        text = body.decode(errors="replace")
        # A page of results repeats what was searched for.
        if ("a secret" if SECRET in address else SECRET) in text:
            found.append(address)
        if secret.reference in text and secret.reference not in address:
            found.append(address)

    assert found == []
    assert not secret.timeline.filter(actor=user).exists()


def test_the_marker_stands_where_its_people_may_read_it(house):
    """Otherwise the test above would prove nothing."""
    client = Client()
    client.force_login(house.author)
    ticket, file = house.tickets[0], Evidence.objects.first()
    reference = ticket.reference
    pages = {
        "/tickets/": "a ticket",
        f"/tickets/{reference}/": "reply",
        f"/tickets/{reference}/files/{file.key}/": "inside",
        f"/report/{reference}/what/": "what",
        f"/report/?draft={house.drafts[0].key}": "draft",
    }

    for path, words in pages.items():
        answer = client.get(path)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert f"{MARKER} {words}" in body.decode(), path
    client.force_login(house.accountable)
    assert f"{MARKER} shared" in client.get(f"/tickets/shared/{reference}/").content.decode()


def test_what_is_not_theirs_looks_like_what_does_not_exist(house):
    client = Client()
    client.force_login(house.other)
    nobodys = "INC-987654"
    values = house.values()

    for route in routes():
        if "reference" not in route.names or route.path.startswith("/api/"):
            continue
        for address in addresses(route, values):
            reference = next(each for each in values["reference"] if each in address)
            other = address.replace(reference, nobodys)
            for method in (client.get, client.post):
                theirs, nothing = method(address), method(other)
                assert theirs.status_code == nothing.status_code, address
                assert theirs.status_code in {404, 405}, address
                assert plain(theirs) == plain(nothing), address


def plain(answer) -> str:
    """The page without the number of the request and the token of the form."""
    return re.sub(r"[0-9a-f]{32}|[A-Za-z0-9]{64}", "", answer.content.decode())
