import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from incidents.models import Incident
from incidents.states import BreachStatus, Door, State
from tests.console import on, words_of
from tests.factories import fresh, make_department, make_incident, make_report


def facts_of(console, incident):
    """The form of the facts as a browser would send it back."""
    form = console.get(on(incident, "facts")).context["form"]
    return {
        name: "" if (value := form[name].value()) is None else value
        for name in form.fields
        if not isinstance(form[name].value(), bool)
    }


def test_an_edit_is_saved_and_both_values_are_on_the_timeline(agent):
    incident = make_incident()

    answer = agent.post(
        on(incident, "facts"), **{**facts_of(agent, incident), "supplier": "Norr", "reason": "Call"}
    )

    assert answer.status_code == 302
    assert fresh(incident).supplier == "Norr"
    assert "Supplier involved: – → Norr" in words_of(agent.get(on(incident)))


def test_two_who_edit_at_once_both_keep_their_text(agent, handler):
    incident = make_incident()
    mine = {**facts_of(agent, incident), "supplier": "Mine"}
    handler.post(on(incident, "facts"), **{**facts_of(handler, incident), "supplier": "Theirs"})

    clash = agent.post(on(incident, "facts"), **mine)

    page = words_of(clash)
    assert clash.status_code == 409
    assert "Supplier involved Theirs Mine" in page
    assert fresh(incident).supplier == "Theirs"
    again = agent.post(on(incident, "facts"), **{**mine, "version": fresh(incident).version})
    assert again.status_code == 302
    assert fresh(incident).supplier == "Mine"


def test_the_form_has_no_state_and_what_one_may_not_change_is_not_on_it(agent, handler):
    incident = make_incident()

    form = agent.get(on(incident, "facts")).context["form"]
    sent = {**facts_of(agent, incident), "state": "closed", "category": "fraud/phishing"}
    agent.post(on(incident, "facts"), **sent)

    assert "state" not in form.fields
    assert "category" not in form.fields
    assert "category" in handler.get(on(incident, "facts")).context["form"].fields
    assert fresh(incident).state == State.NEW
    assert fresh(incident).category is None


@pytest.mark.parametrize(
    "words",
    [
        {"subject": "no"},
        {"subject": "x" * 151},
        {"description": ""},
        {"description": "\x00 a text with a hole"},
        {"description": "x" * 1_000_000},
        {"tlp": "TLP:WHITE"},
        {"owner": "nobody-at-all"},
        {"version": "many"},
        {"version": ""},
        {"about": "weather"},
        {"workspaces": "\u202ename"},
    ],
)
def test_a_senseless_fact_is_told_and_changes_nothing(agent, words):
    incident = make_incident()

    answer = agent.post(on(incident, "facts"), **{**facts_of(agent, incident), **words})

    assert answer.status_code == 200
    assert "Not saved" in words_of(answer)
    assert fresh(incident).version == incident.version


def test_a_person_grades_with_a_reason(handler):
    incident = make_incident()

    refused = handler.post(on(incident, "grade"), severity="1", urgency="1", why="")
    handler.post(on(incident, "grade"), severity="1", urgency="1", why="The whole cohort is out.")

    assert "Say why." in words_of(refused)
    assert (fresh(incident).severity, fresh(incident).priority) == (1, 1)
    assert "The whole cohort is out." in words_of(handler.get(on(incident)))


def test_a_severity_that_a_person_looked_at_and_left_is_set_by_that_person(handler, agent):
    incident = make_incident(State.TRIAGE, severity=2)
    words = {"urgency": str(incident.urgency), "why": "So it is."}

    agent.post(on(incident, "grade"), **words)
    assert fresh(incident).severity_by is None
    handler.post(on(incident, "grade"), **words)

    assert (fresh(incident).severity, fresh(incident).severity_by) == (2, handler.user)


def test_four_scales_make_the_severity(handler):
    incident = make_incident()
    scales = {"functional": "4", "information": "2", "recoverability": "4", "scope": "3"}

    handler.post(on(incident, "grade"), **scales, urgency="3", why="Names are in it.")

    assert fresh(incident).severity == 2
    assert fresh(incident).scales == {name: int(value) for name, value in scales.items()}


def test_an_agent_raises_the_priority_and_sets_no_severity(agent):
    incident = make_incident()

    agent.post(on(incident, "grade"), severity="1", urgency="1", why="Quick.")

    assert fresh(incident).severity == incident.severity
    assert fresh(incident).urgency == 1


def test_a_breach_is_suspected_by_many_and_ruled_out_by_one(agent, dpo):
    incident = make_incident()
    page = on(incident, "breach")
    agent.post(page, breach_status="suspected", breach_reason="A list with names.")
    refused = agent.post(page, breach_status="ruled_out", breach_reason="I think not.")
    empty = dpo.post(page, breach_status="ruled_out", breach_reason=" ")

    dpo.post(page, breach_status="ruled_out", breach_reason="Only test data.")

    assert refused.status_code == 403
    assert "I think not." in refused.content.decode()
    assert "Say why." in words_of(empty)
    assert fresh(incident).breach_status == BreachStatus.RULED_OUT


def test_a_milestone_keeps_its_reason_and_legal_awareness_its_owner(handler, dpo):
    incident = make_incident(breach_status=BreachStatus.SUSPECTED)
    page = on(incident, "milestone")
    words = {"at": "2026-11-01T08:00", "precision": "about", "reason": "By the log."}

    handler.post(page, milestone="contained_at", **words)
    refused = handler.post(page, milestone="aware_at", **words)
    dpo.post(page, milestone="aware_at", **words)

    assert fresh(incident).contained_at is not None
    assert refused.status_code == 403
    assert fresh(incident).aware_at is not None


@pytest.mark.parametrize(
    "words", [{"at": "2999-01-01T00:00"}, {"at": "x"}, {"milestone": "born"}, {"reason": ""}]
)
def test_a_senseless_milestone_is_told(handler, words):
    incident = make_incident()
    whole = {"milestone": "contained_at", "at": "2026-11-01T08:00", "reason": "Log", **words}

    answer = handler.post(on(incident, "milestone"), precision="exact", **whole)

    assert answer.status_code == 200
    assert fresh(incident).contained_at is None


def test_an_incomplete_assessment_names_each_field_and_keeps_the_rest(handler):
    incident = make_incident()

    answer = handler.post(
        on(incident, "assess"), threat="Somebody reads it.", likelihood="1", personal_data="yes"
    )

    page = words_of(answer)
    assert answer.status_code == 200
    assert "Somebody reads it." in answer.content.decode()
    assert "Needed unless personal data are excluded." in page
    assert "Choose one." in page
    assert "cannot be null" not in page
    assert "Say what makes you think it is unlikely." in page
    assert not incident.assessments.exists()


def test_an_assessment_carries_everything_that_was_asked(handler):
    incident = make_incident()

    answer = handler.post(
        on(incident, "assess"),
        threat="Somebody reads it.",
        likelihood="4",
        impact_confidentiality="3",
        impact_integrity="0",
        impact_availability="1",
        affected_assets="ws-cardio",
        personal_data="yes",
        tenant_roles="Hospital Oost: processor\nVestmark: Joint",
        data_categories=["health", "contact"],
        subject_categories=["patients"],
        subjects_least="10",
        subjects_most="400",
        count_basis="estimated",
        identifiability="direct",
        recipient="unknown",
        cause="human_error",
        mitigations="Link off.",
        confidence="high",
        significance="NIS2: no, few users",
    )

    saved = incident.assessments.get()
    assert answer.status_code == 302
    assert (saved.version, saved.score) == (1, 16)
    assert saved.tenant_roles[1] == {"tenant": "Vestmark", "role": "joint"}
    assert saved.data_categories == ["health", "contact"]
    assert saved.significance == {"NIS2": "no, few users"}


def test_a_note_stays_inside_and_a_reply_goes_out(agent):
    incident = make_incident()

    agent.post(on(incident, "write"), audience="internal", text="Only for us.")
    agent.post(on(incident, "write"), audience="public", text="For you.", asks="on")

    public = dict(incident.timeline.filter(text__in=["Only for us.", "For you."]).values_list(
        "text", "is_public"
    ))  # fmt: skip
    assert public == {"Only for us.": False, "For you.": True}
    assert fresh(incident).waiting_on == "reporter"


def test_a_reply_without_the_right_is_refused_and_kept(dpo):
    incident = make_incident(breach_status=BreachStatus.SUSPECTED)

    answer = dpo.post(on(incident, "write"), audience="public", text="A long answer.")

    assert answer.status_code == 403
    assert "A long answer." in answer.content.decode()
    assert not incident.timeline.filter(text="A long answer.").exists()


@pytest.mark.parametrize(
    "words", [{"text": ""}, {"text": "\x00"}, {"audience": "all", "text": "x"}]
)
def test_senseless_words_are_not_written(agent, words):
    incident = make_incident()

    answer = agent.post(on(incident, "write"), **{"audience": "internal", **words})

    assert answer.status_code == 200
    assert not incident.timeline.filter(kind="note").exists()


def test_a_file_goes_in_and_comes_out_as_an_attachment_only(agent, handler):
    incident = make_incident()
    file = SimpleUploadedFile("log.txt", b"<script>alert(1)</script>", "text/html")

    added = agent.post(on(incident, "evidence"), file=file)
    stored = incident.evidence.get()
    answer = handler.get(f"incidents/incident/{incident.pk}/evidence/{stored.pk}/")

    assert added.status_code == 302
    assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert stored.custody.filter(by=handler.user, act="opened").count() == 1


def test_who_may_add_a_file_may_not_therefore_open_one(agent, handler):
    incident, other = make_incident(), make_incident()
    agent.post(on(incident, "evidence"), file=SimpleUploadedFile("log.txt", b"text"))
    stored = incident.evidence.get()

    assert agent.get(f"incidents/incident/{incident.pk}/evidence/{stored.pk}/").status_code == 403
    assert handler.get(f"incidents/incident/{other.pk}/evidence/{stored.pk}/").status_code == 404


@pytest.mark.parametrize(
    "file",
    [
        SimpleUploadedFile("virus.exe", b"MZ"),
        SimpleUploadedFile("picture.png", b"no picture"),
        SimpleUploadedFile("empty.txt", b""),
        None,
    ],
)
def test_a_lying_file_is_told_by_name(agent, file):
    incident = make_incident()

    answer = agent.post(on(incident, "evidence"), **({"file": file} if file else {}))

    assert answer.status_code == 200
    assert "Not saved" in words_of(answer)
    assert not incident.evidence.exists()


PHONE = "incidents/incident/add/"


def by_phone(**words):
    return {
        "department": "security",
        "subject": "A caller saw a door",
        "description": "The door of the archive stood open at noon.",
        "noticed_at": "2026-11-01T12:00",
        "noticed_at_precision": "about",
        "ongoing": "unknown",
        "contact_name": "Mr Vos",
        **words,
    }


def test_a_phone_report_is_a_report_like_any_other(agent):
    make_department()

    answer = agent.post(PHONE, **by_phone(workspaces="ws-unknown"))

    incident = Incident.objects.get()
    assert answer["Location"].endswith(f"/{incident.pk}/change/")
    assert incident.reported_via == Door.PHONE
    assert (incident.entered_by, incident.reporter) == (agent.user, None)
    assert incident.contact_name == "Mr Vos"
    assert "ws-unknown" in incident.workspaces_text


def test_a_phone_report_that_is_restricted_at_once_leads_back_to_the_queue(agent, reference):
    words = {"subject": "Insider misuse", "description": "An ex-employee downloaded the cohort."}

    answer = agent.client.post(f"/admin/{PHONE}", by_phone(**words), follow=True)

    incident = Incident.objects.get()
    assert incident.confidentiality == "restricted"
    assert (answer.status_code, answer.request["PATH_INFO"]) == (200, "/admin/incidents/incident/")
    assert f"{incident.reference} is recorded." in words_of(answer)


def test_the_phone_form_says_what_is_needed_and_assumes_nothing(agent):
    make_department()

    page = agent.get(PHONE)

    assert "only who calls, subject and description are needed" in words_of(page)
    assert '<option value="unknown" selected>' in page.content.decode()
    assert '<option value="yes" selected>' not in page.content.decode()


def test_a_caller_with_an_account_finds_the_ticket_there(agent, reporter):
    make_department()

    agent.post(PHONE, **by_phone(reporter=reporter.user.email.upper(), contact_name=""))

    assert Incident.objects.get().reporter == reporter.user


@pytest.mark.parametrize(
    "words",
    [
        {"subject": ""},
        {"description": "short"},
        {"contact_name": ""},
        {"contact_name": "\u202eevil"},
        {"contact_email": "no mail"},
        {"reporter": "nobody-of-this-name"},
        {"department": "kitchen"},
        {"noticed_at": "2999-01-01T00:00"},
        {"noticed_at": "1970-01-01T00:00"},
        {"personal_data": "perhaps"},
        {"subject": "x" * 1_000_000},
    ],
)
def test_a_senseless_phone_report_is_told_and_nothing_is_stored(agent, words):
    make_department()

    answer = agent.post(PHONE, **by_phone(**words))

    assert answer.status_code == 200
    assert "Not saved" in words_of(answer)
    assert not Incident.objects.exists()


def test_who_may_not_report_for_others_has_no_such_page(auditor, reporter):
    make_department()

    assert auditor.get(PHONE).status_code == 403
    assert auditor.post(PHONE, **by_phone()).status_code == 403
    assert reporter.post(PHONE, **by_phone()).status_code == 403
    assert not Incident.objects.exists()


def test_an_edit_of_a_closed_incident_says_that_it_is_closed(agent):
    incident = make_incident(State.CLOSED)

    answer = agent.post(on(incident, "facts"), **{**facts_of(agent, incident), "supplier": "Norr"})

    assert answer.status_code == 409
    assert "This incident is closed." in words_of(answer)
    assert 'value="Norr"' in answer.content.decode()


def test_a_report_by_a_person_names_the_person(agent, reporter):
    incident = make_report(reporter.user)

    assert str(reporter.user) in words_of(agent.get(on(incident)))
