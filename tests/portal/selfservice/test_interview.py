"""The questions after the report: each answer is stored as it is given, by who may give it."""

import re

import pytest
from django.test import Client

from incidents import access, facts
from incidents.models import Incident, Tenant, VirtualMachine, Workspace
from incidents.models.timeline import Kind
from incidents.states import BreachStatus, Confidentiality
from portal.models import Questionnaire
from portal.selfservice import sequence
from tests.factories import fresh, make_incident, make_report
from tests.portal.selfservice.typed import (
    EVERYTHING,
    PNG,
    STORY,
    picture,
    question,
    reported,
    signed_in,
    summary,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

NAMES = [each.name for each in sequence.QUESTIONS]
JSON = {"Accept": "application/json"}


@pytest.fixture
def client(reporter) -> Client:
    return signed_in(reporter)


@pytest.fixture
def incident(client) -> Incident:
    reported(client)
    return Incident.objects.get()


@pytest.fixture
def workspace(reporter) -> Workspace:
    tenant = Tenant.objects.create(name="University of Utopia")
    mine = Workspace.objects.create(name="ws-cardio", tenant=tenant)
    mine.members.add(reporter)
    VirtualMachine.objects.create(name="vm-cardio-01", workspace=mine)
    Workspace.objects.create(name="ws-of-others", tenant=tenant)
    return mine


def answer(client: Client, incident: Incident, name: str, **sent):
    return client.post(question(incident.reference, name), sent)


def shown(client: Client, incident: Incident, name: str, more: str = "") -> str:
    return client.get(question(incident.reference, name) + more).content.decode()


def test_every_question_can_be_answered_one_after_another(client, incident, workspace):
    name, asked = "noticed", []
    while name != "check":
        asked.append(name)
        response = answer(client, incident, name, **EVERYTHING[name])
        assert response.status_code == 302, (name, summary(response))
        name = response.url.split("/")[-2]

    assert asked == list(EVERYTHING)
    stored = fresh(incident)
    assert (stored.about, stored.ongoing, stored.personal_data) == ("data_breach", "no", "yes")
    assert stored.data_kinds.splitlines() == [
        "Health, genetic or biometric data",
        "Names, addresses, telephone numbers",
        "of patients",
    ]
    assert [each.name for each in stored.workspaces.all()] == ["ws-cardio"]
    assert stored.workspaces_text.splitlines() == ["the old one", "ws-of-others"]
    assert [each.name for each in stored.virtual_machines.all()] == ["vm-cardio-01"]
    assert stored.virtual_machines_text == "vm-9"
    assert stored.users_affected == "2-10"
    assert stored.already_done == "Changed a password\nlocked the door"
    assert (stored.reported_elsewhere, stored.reported_elsewhere_reference) == ("police", "PL-1")
    assert (stored.contact_phone, stored.on_behalf_of) == ("+31 85 000 01 42", "Jan")
    assert (stored.safe_channel, stored.is_name_confidential) == ("my own phone", True)
    assert (stored.occurred_from.year, stored.people_affected) == (2026, "about 340")


def test_no_question_must_be_answered(client, incident):
    name, pages = "noticed", 0
    while name != "check":
        response = answer(client, incident, name)
        assert response.status_code == 302, (name, summary(response))
        name, pages = response.url.split("/")[-2], pages + 1

    assert pages == len([each for each in sequence.of(fresh(incident)) if each.name != "what"])
    assert fresh(incident).description == STORY


def test_each_answer_is_on_record_before_the_next_question(client, incident, reporter):
    answer(client, incident, "ongoing", ongoing="yes")

    assert fresh(incident).ongoing == "yes"
    entry = incident.timeline.filter(kind=Kind.CHANGE).get()
    assert (entry.actor, entry.data["ongoing"]) == (reporter, ["unknown", "yes"])


@pytest.mark.parametrize(
    ("name", "sent", "status", "playbook"),
    [
        ("personal-data", {"personal_data": "yes"}, BreachStatus.SUSPECTED, "DB"),
        ("personal-data", {"personal_data": "unknown"}, BreachStatus.NOT_ASSESSED, "DB"),
        ("about", {"about": "data_breach"}, BreachStatus.SUSPECTED, "DB"),
        ("about", {"about": "malware"}, BreachStatus.NOT_ASSESSED, "MAL"),
        ("data", {"people_affected": "3", "data_location": ""}, BreachStatus.NOT_ASSESSED, "RISK"),
    ],
)
def test_rules_follow_each_answer(team, client, incident, name, sent, status, playbook):
    answer(client, incident, name, **sent)

    assert fresh(incident).breach_status == status
    assert playbook in set(incident.tasks.values_list("playbook", flat=True))


@pytest.mark.parametrize(
    ("sent", "asked"),
    [
        ({"about": "malware"}, {"concerned"}),
        ({"about": "lost_device"}, {"concerned"}),
        ({"about": "supplier"}, {"supplier"}),
        ({"about": "data_breach"}, {"data"}),
        ({"about": "something_else"}, set()),
        ({"about": "unknown"}, set()),
    ],
)
def test_a_question_is_asked_when_it_concerns_the_report(client, incident, sent, asked):
    answer(client, incident, "about", **sent)

    names = {each.name for each in sequence.of(fresh(incident))}
    assert names & {"concerned", "supplier", "data"} == asked


@pytest.mark.parametrize(
    ("said", "is_asked"), [("yes", True), ("possibly", True), ("unknown", True), ("no", False)]
)
def test_the_data_are_asked_about_when_there_may_be_some(client, incident, said, is_asked):
    response = answer(client, incident, "personal-data", personal_data=said)

    following = "data" if is_asked else "where"
    assert response.url == question(incident.reference, following)


def test_a_question_goes_when_the_answer_behind_it_changes(client, incident):
    answer(client, incident, "about", about="supplier")
    first = answer(client, incident, "about", about="malware")
    second = answer(client, incident, "about", about="unknown")

    assert first.url == question(incident.reference, "concerned")
    assert second.url == question(incident.reference, "personal-data")


def test_going_back_shows_what_was_answered(client, incident, workspace):
    for name, sent in EVERYTHING.items():
        answer(client, incident, name, **sent)

    for question_name, sent in EVERYTHING.items():
        page = shown(client, incident, question_name)
        pairs = [(field, each) for field, many in sent.items() for each in listed(many)]
        for field, value in pairs:
            typed = (f'value="{value}"', f">\n{value}</textarea>", f'id="id_{field}" checked')
            assert any(each in page for each in typed), (field, value)
        ticks = [each for many in sent.values() if isinstance(many, list) for each in many]
        assert page.count(" checked") >= len(ticks), question_name


def listed(value) -> list:
    return value if isinstance(value, list) else [value]


def test_the_way_back_leads_to_the_question_before(client, incident):
    answer(client, incident, "about", about="malware")

    page = shown(client, incident, "personal-data")

    assert 'class="back linklike" form="answers" name="back"' in page
    back = answer(client, incident, "personal-data", personal_data="yes", back="1")
    assert back.url == question(incident.reference, "concerned")
    assert fresh(incident).personal_data == "yes"


def test_going_back_keeps_what_cannot_be_stored_yet(client, incident):
    back = answer(client, incident, "noticed", noticed="date", noticed_time="14 ish", back="1")

    assert back.url == question(incident.reference, "what")
    assert "14 ish" in shown(client, incident, "noticed")


def test_stopping_stores_the_page_and_ends_the_questions(client, incident):
    response = answer(client, incident, "ongoing", ongoing="yes", skip="1")

    assert response.url == f"/report/done/{incident.reference}/"
    assert fresh(incident).ongoing == "yes"
    assert Questionnaire.objects.get().sent_at is not None


def test_stopping_with_a_wrong_answer_shows_it_first(client, incident):
    response = answer(client, incident, "concerned", concerned="a\x00b", skip="1")

    assert summary(response)
    assert Questionnaire.objects.get().sent_at is None


def test_after_sending_the_questions_lead_to_the_ticket(client, incident):
    client.post(question(incident.reference, "check"))

    for name in NAMES:
        response = client.get(question(incident.reference, name))
        assert response.url == f"/tickets/{incident.reference}/", name


def test_an_answer_from_a_page_still_open_is_not_lost_after_sending(client, incident):
    client.post(question(incident.reference, "check"))

    response = client.post(question(incident.reference, "ongoing"), {"ongoing": "yes"}, follow=True)

    assert fresh(incident).ongoing == "yes"
    assert response.redirect_chain[-1][0] == f"/tickets/{incident.reference}/"


def test_closed_meanwhile_the_words_stay_on_the_page(client, reporter):
    incident = make_incident("closed", reporter=reporter)
    Questionnaire.objects.create(incident=incident)

    page = answer(client, incident, "concerned", concerned="laptop 17")
    again = client.get(question(incident.reference, "concerned"))

    assert page.status_code == 200
    assert 'value="laptop 17"' in page.content.decode()
    assert "was closed meanwhile" in page.content.decode()
    assert again.url == f"/tickets/{incident.reference}/"


def test_a_fact_that_the_team_has_changed_stays_and_is_answered_by_a_message(
    client, incident, handler
):
    facts.edit(incident, {"about": "malware"}, by=handler)

    for _click in range(2):
        response = answer(client, incident, "about", about="data_breach")

    assert response.status_code == 302
    assert fresh(incident).about == "malware"
    [message] = incident.timeline.filter(kind=Kind.MESSAGE)
    assert message.text == "About: Personal or study data in the wrong hands"


def test_only_what_was_changed_on_a_page_is_told_to_a_team_that_knows_better(
    client, incident, handler
):
    sent = {"data_location": "inside_workspace", "people_affected": "3", "data_recipient": "public"}
    answer(client, incident, "data", **sent)
    changes = {"data_location": "outside_workspace", "people_affected": "300"}
    facts.edit(incident, changes, by=handler)

    answer(
        client, incident, "data", **{**sent, "people_affected": "4", "data_recipient": "unknown"}
    )

    stored = fresh(incident)
    assert (stored.data_location, stored.people_affected) == ("outside_workspace", "300")
    assert stored.data_recipient == "unknown"
    [message] = incident.timeline.filter(kind=Kind.MESSAGE)
    assert message.text == "About how many people: 4"


def test_a_line_of_ours_does_not_contradict_that_of_the_team(client, incident, handler):
    facts.edit(incident, {"subject": "Server room found open"}, by=handler)

    answer(client, incident, "what", description="Two doors stood open. Nobody was there.")

    stored = fresh(incident)
    assert stored.subject == "Server room found open"
    assert stored.description == "Two doors stood open. Nobody was there."
    assert not incident.timeline.filter(kind=Kind.MESSAGE).exists()


@pytest.mark.parametrize(
    ("sent", "precision"),
    [
        ({"noticed": "now"}, "exact"),
        ({"noticed": "today"}, "day"),
        ({"noticed": "yesterday"}, "day"),
        ({"noticed": "yesterday", "noticed_time": "14:00"}, "about"),
        ({"noticed": "date", "noticed_day": "2026-11-01"}, "day"),
        ({"noticed": "date", "noticed_day": "1-11-2026", "noticed_time": "9.30"}, "about"),
        ({"noticed": "unknown"}, "unknown"),
        ({"noticed_day": "2026-11-01"}, "day"),  # as a browser sends it that shows all fields
    ],
)
def test_when_it_was_noticed_is_as_precise_as_it_was_said(client, incident, sent, precision):
    answer(client, incident, "noticed", **sent)

    stored = fresh(incident)
    assert stored.noticed_at_precision == precision
    assert stored.noticed_at <= stored.reported_at
    assert stored.milestone_notes["noticed_at"] == {"source": "portal", "precision": precision}


@pytest.mark.parametrize("name", [*NAMES, "check"])
def test_the_questions_of_another_are_not_there(people, incident, name):
    path = question(incident.reference, name)

    for who in set(people) - {"reporter"}:
        theirs = signed_in(people[who])
        assert theirs.get(path).status_code == 404, who
        assert theirs.post(path, {"ongoing": "yes", "description": "Mine now."}).status_code == 404

    stored = fresh(incident)
    assert (stored.ongoing, stored.description) == ("unknown", STORY)
    assert Questionnaire.objects.get().sent_at is None


@pytest.mark.parametrize("name", [*NAMES, "check"])
def test_who_is_not_signed_in_signs_in_whether_it_exists_or_not(incident, name):
    for reference in (incident.reference, "INC-987654"):
        path = question(reference, name)
        response = Client().get(path)
        assert response.url == f"/accounts/login/?next={path}"


def test_a_restricted_report_is_there_for_its_reporter_and_not_for_the_named(
    client, incident, ciso
):
    Incident.objects.filter(pk=incident.pk).update(confidentiality=Confidentiality.RESTRICTED)
    access.restrict_to(incident, [ciso])

    assert client.get(question(incident.reference, "ongoing")).status_code == 200
    assert signed_in(ciso).get(question(incident.reference, "ongoing")).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["INC-000001/nonsense", "INC-1/check/", "INC-99999999999999999999/check", "x/noticed", "%00/y"],
)
def test_a_guessed_address_is_not_there(client, incident, path):
    other = make_report(incident.reporter)  # through no page of the portal: it has no questions
    path = path.replace("INC-1", other.reference)

    response = client.get(f"/report/{path.rstrip('/')}/")

    assert response.status_code == 404


def test_files_are_taken_and_shown(client, incident):
    answer(client, incident, "files", files=[picture(), picture("log.txt", b"line")])

    page = shown(client, incident, "files")

    assert {each.name for each in incident.evidence.all()} == {"screen.png", "log.txt"}
    assert all(each.from_reporter for each in incident.evidence.all())
    assert "log.txt" in page


def test_a_file_that_is_sent_ahead_is_answered_for_the_script(client, incident):
    path = question(incident.reference, "files")

    good = client.post(path, {"files": [picture()]}, headers=JSON)
    bad = client.post(path, {"files": [picture("tool.exe", b"MZ")]}, headers=JSON)

    assert (good.status_code, good.json()) == (200, {"problems": []})
    assert bad.status_code == 400
    assert bad.json()["problems"][0].startswith("“tool.exe” must be one of")
    assert [each.name for each in incident.evidence.all()] == ["screen.png"]


def test_a_file_that_comes_twice_is_stored_once(client, incident):
    path = question(incident.reference, "files")
    client.post(path, {"files": [picture()]}, headers=JSON)

    response = client.post(
        path, {"files": [picture(), picture("again.png"), picture("b.png", PNG)]}
    )

    assert response.status_code == 302
    assert [each.name for each in incident.evidence.all()] == ["screen.png"]


def test_the_same_file_in_another_report_is_stored_there_too(client, incident):
    answer(client, incident, "files", files=[picture()])
    other = reported(client, description="Another story, with the same picture.")

    client.post(question(other, "files"), {"files": [picture()]})

    assert Incident.objects.exclude(pk=incident.pk).get().evidence.count() == 1


def test_a_script_that_lost_its_session_is_not_told_that_files_arrived(incident):
    response = Client().post(
        question(incident.reference, "files"), {"files": [picture()]}, headers=JSON
    )

    assert response.status_code == 302
    assert not incident.evidence.exists()


@pytest.mark.parametrize("name", ["malware", "lost_device", "data_breach"])
def test_advice_follows_what_it_is_about(client, incident, name):
    before = shown(client, incident, "ongoing")

    answer(client, incident, "about", about=name)

    after = shown(client, incident, "ongoing")
    assert "Do not switch it off" in before
    assert after.count("<li>") > before.count("<li>")


def test_a_day_without_a_ticked_answer_is_said_where_answers_are_checked(client, incident):
    answer(client, incident, "noticed", noticed_day="2026-11-01")

    page = shown(client, incident, "check")

    assert "On another day" in page
    assert "Nov. 1, 2026" in page or "1 November 2026" in page


@pytest.mark.parametrize("name", ["noticed", "ongoing", "already-done"])
def test_the_legend_of_a_question_holds_words_and_its_heading_alone(client, incident, name):
    [legend, *_others] = re.findall("<legend>.*?</legend>", shown(client, incident, name), re.S)

    assert re.findall(r"<(\w+)", legend) == ["legend", "span", "h1"]
