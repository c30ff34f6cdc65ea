"""The forty reports of DOMAIN.md 7.3, with the results agreed with the domain owners."""

import json
from pathlib import Path

import pytest

from workflows.matching import load_shipped, match

SHIPPED = load_shipped()
LINES = (Path(__file__).parents[2] / "data" / "reports.jsonl").read_text(encoding="utf-8")
REPORTS = [json.loads(line) for line in LINES.splitlines()]


@pytest.mark.parametrize("report", REPORTS, ids=[f"row-{report['id']}" for report in REPORTS])
def test_the_report_gives_the_agreed_result(report):
    result = match(SHIPPED, report["subject"], report["description"])

    assert result.verdicts == report["expected"]


@pytest.mark.parametrize("report", REPORTS, ids=[f"row-{report['id']}" for report in REPORTS])
def test_every_hit_of_the_report_shows_its_own_words(report):
    for hit in match(SHIPPED, report["subject"], report["description"]).hits:
        assert report[hit.field][hit.start : hit.end] == hit.text != ""


def test_there_are_forty():
    assert [report["id"] for report in REPORTS] == list(range(1, 41))


def test_the_wrong_file_is_a_data_breach_once_field_11_says_so():
    row = REPORTS[39]

    result = match(SHIPPED, row["subject"], row["description"], personal_data="yes")

    assert result.verdicts == {"DB": "full"}


def test_the_soft_hyphens_of_row_37_are_shown_in_the_hit():
    row = REPORTS[36]

    hit = match(SHIPPED, row["subject"], row["description"]).hits[0]

    assert (hit.text, hit.start, hit.end) == ("Da\u00adta\u00adlek", 0, 9)


def test_the_lost_badge_keeps_its_negated_laptop_beside_the_hit():
    row = REPORTS[31]

    hits = match(SHIPPED, row["subject"], row["description"]).hits

    assert {hit.text: hit.negated for hit in hits} == {
        "Lost badge": False,
        "laptop stolen": True,
        "stolen, only my badge": True,
        "badge is gone": False,
    }
