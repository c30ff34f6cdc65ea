"""Departments and categories: what a caller needs before it reports."""

import pytest

from tests.calling import Caller, refused_fields, told

pytestmark = pytest.mark.django_db


def test_everybody_reads_departments_and_categories(reference, reporter, admin):
    for user in (reporter, admin):
        [department] = told(Caller(user).get("departments/"))["results"]
        categories = told(Caller(user).get("categories/"))["results"]

        assert department["name"] == "Security-related incidents"
        assert "fraud/phishing" in {each["path"] for each in categories}
        assert len(categories) == 39


def test_categories_come_in_pages(reference, reporter):
    page = told(Caller(reporter).get("categories/?page_size=10"))

    assert (len(page["results"]), page["previous"]) == (10, None)
    assert len(told(Caller(reporter).get(page["next"]))["results"]) == 10


def test_unknown_parameters_are_refused(reference, reporter):
    assert refused_fields(Caller(reporter).get("departments/?active=1")) == {"active"}
