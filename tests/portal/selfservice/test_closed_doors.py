"""What stands before every page of the portal: nothing is kept by caches, not even a way back."""

import pytest
from django.test import Client

from tests.factories import make_report
from tests.portal.selfservice.typed import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

KEY = "00000000-0000-4000-8000-000000000000"
OWN = [
    "/report/INC-000001/ongoing/",
    "/report/INC-000001/check/",
    "/tickets/INC-000001/",
    "/tickets/INC-000001/reopen/",
]
READ_ONLY = [
    "/report/done/INC-000001/",
    "/tickets/",
    "/tickets/shared/INC-000001/",
    f"/tickets/INC-000001/files/{KEY}/",
]


@pytest.mark.parametrize("path", [*OWN, *READ_ONLY])
def test_the_way_to_the_sign_in_is_not_kept(path):
    answer = Client().get(path)

    assert answer.url.startswith("/accounts/login/")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("path", OWN)
def test_the_way_back_with_the_key_of_the_words_is_not_kept(path):
    answers = [Client(enforce_csrf_checks=True), Client()]

    for answer in [client.post(path, {"text": "typed"}) for client in answers]:
        assert "draft" in answer.url
        assert "no-store" in answer["Cache-Control"]


def test_the_way_back_from_another_language_is_not_kept(reporter):
    answer = signed_in(reporter).post("/language/?next=/report/", {"language": "nl", "text": "x"})

    assert "draft" in answer.url
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("path", [*OWN, *READ_ONLY, f"/drafts/{KEY}/"])
def test_a_method_that_is_none_leads_to_no_sign_in(reporter, path):
    make_report(reporter)

    assert Client().delete(path).status_code == 405
    assert signed_in(reporter).delete(path).status_code == 405
