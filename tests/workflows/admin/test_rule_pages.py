import pytest
from django.core.management import call_command

from incidents.models import Incident
from tests.console import words_of
from workflows.models import MatchRun, RuleVersion

TRY = "workflows/ruleversion/try/"


@pytest.fixture(autouse=True)
def shipped(db):
    call_command("sync_reference", verbosity=0)


def test_a_text_is_tried_and_nothing_is_stored(ciso):
    answer = ciso.post(TRY, subject="data breach", description="I was not hacked at all today.")

    page = words_of(answer)
    assert "DB data breach Full" in page
    assert '<mark class="no">hacked</mark>' in answer.content.decode()
    assert not Incident.objects.exists()
    assert not MatchRun.objects.exists()


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"description": "\x00"},
        {"description": "x" * 300_000},
        {"about": "weather"},
        {"description": "<b>data breach</b> " + "(" * 5000},
    ],
)
def test_no_text_is_an_error_of_ours(ciso, words):
    assert ciso.post(TRY, **words).status_code == 200


def test_the_phrases_in_use_can_be_read_and_not_changed(ciso, auditor, reporter):
    version = RuleVersion.objects.get(code="DB", is_active=True)
    path = f"workflows/ruleversion/{version.pk}/change/"

    assert "data breach" in words_of(auditor.get(path))
    assert ciso.post(path, text="nothing").status_code == 405
    assert reporter.get(path).status_code == 403
    assert reporter.post(TRY, subject="data breach").status_code == 403
