import pytest
from django.core.management import call_command

from incidents.states import Confidentiality, State
from tests.console import about, on, words_of
from tests.factories import fresh, make_incident, make_report
from workflows import playbooks
from workflows.models import PlaybookRun, PlaybookVersion

NEGATED = "The door stood open all night. We were not hacked."


@pytest.fixture(autouse=True)
def shipped(db):
    call_command("sync_reference", verbosity=0)


@pytest.fixture
def asked(handler):
    """An incident on which a rule asks a person whether ACC applies."""
    incident = make_report(subject="A strange letter", description=NEGATED)
    return PlaybookRun.objects.get(incident=incident, code="ACC", mode="confirm")


def test_the_page_says_which_words_fired_and_marks_them(handler):
    incident = make_report(
        subject="There was a data breach", description="A data breach happened. " + NEGATED
    )

    page = handler.get(on(incident))

    html = page.content.decode()
    assert "<mark>data breach</mark>" in html
    assert '<mark class="no">hacked</mark>' in html
    assert "DB Data breach, v1" in words_of(page)
    assert "To be confirmed" in words_of(page)


def test_confirming_lays_out_the_whole_playbook_in_one_act(handler, asked):
    task = playbooks.confirm_task(asked)
    link = f"/admin/workflows/playbookversion/decide/{asked.pk}/"

    page = handler.get(about(task)).content.decode()
    handler.post(f"workflows/playbookversion/decide/{asked.pk}/", decision="confirm", result="Yes")

    assert link in page
    assert fresh(asked).mode == "full"
    assert fresh(task).result == "Yes"
    assert asked.incident.tasks.filter(code="AC1").exists()


def test_dismissing_needs_a_reason(handler, asked):
    path = f"workflows/playbookversion/decide/{asked.pk}/"

    refused = handler.post(path, decision="dismiss", result="")
    handler.post(path, decision="dismiss", result="It was the neighbour's account.")

    assert refused.status_code == 200
    assert "Not saved" in words_of(refused)
    assert fresh(asked).mode == "dismissed"


@pytest.mark.parametrize("decision", ["", "maybe"])
def test_no_decision_is_no_decision(handler, asked, decision):
    path = f"workflows/playbookversion/decide/{asked.pk}/"

    answer = handler.post(path, decision=decision, result="Hm.")

    assert answer.status_code == 200
    assert "Say whether it applies." in words_of(answer)
    assert fresh(asked).mode == "confirm"


def test_deciding_is_not_for_everybody(handler, asked, auditor, reporter):
    path = f"workflows/playbookversion/decide/{asked.pk}/"
    task = playbooks.confirm_task(asked)

    assert handler.get(path).status_code == 200
    assert auditor.post(path, decision="confirm", result="x").status_code == 403
    assert reporter.post(path, decision="confirm", result="x").status_code == 403
    assert not fresh(task).is_settled


def test_a_playbook_is_attached_by_hand_with_a_reason(agent):
    incident = make_incident()
    path = f"workflows/playbookversion/attach/{incident.pk}/"

    refused = agent.post(path, code="PHISH", why=" ")
    agent.post(path, code="PHISH", why="The mail was found.")

    assert "Say why." in words_of(refused)
    run = PlaybookRun.objects.get(incident=incident, code="PHISH")
    assert run.mode == "full"
    assert incident.tasks.filter(code="PH1").exists()


@pytest.mark.parametrize("code", ["", "NOPE", "\x00", "db"])
def test_a_playbook_that_does_not_exist_is_told(agent, code):
    incident = make_incident()

    answer = agent.post(f"workflows/playbookversion/attach/{incident.pk}/", code=code, why="So")

    assert answer.status_code == 200
    assert "Not saved" in words_of(answer)


def test_what_one_may_not_see_takes_no_playbook(agent, handler):
    incident = make_incident(confidentiality=Confidentiality.RESTRICTED)
    incident.named_people.create(person=handler.user)
    path = f"workflows/playbookversion/attach/{incident.pk}/"

    assert agent.post(path, code="PHISH", why="So").status_code == 404
    assert handler.get(path).status_code == 200


def test_a_closed_incident_takes_no_playbook(agent):
    incident = make_incident(State.CLOSED)

    answer = agent.post(
        f"workflows/playbookversion/attach/{incident.pk}/", code="PHISH", why="Late"
    )

    assert answer.status_code == 409
    assert "This incident is closed." in words_of(answer)


def test_a_version_reads_like_a_procedure(ciso, reporter):
    version = PlaybookVersion.objects.get(code="DB", is_current=True)
    path = f"workflows/playbookversion/{version.pk}/change/"

    page = words_of(ciso.get(path))

    assert "Acknowledge and confirm the report" in page
    assert "never waived" in page
    assert reporter.get(path).status_code == 403
    assert ciso.get("workflows/playbookversion/9999/change/").status_code == 404


def test_nobody_changes_or_deletes_a_version(ciso):
    version = PlaybookVersion.objects.first()

    assert (
        ciso.post(f"workflows/playbookversion/{version.pk}/change/", title="x").status_code == 405
    )
    assert ciso.post(f"workflows/playbookversion/{version.pk}/delete/").status_code == 404
    assert ciso.get("workflows/playbookversion/add/").status_code == 404
