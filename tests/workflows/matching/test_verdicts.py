"""Rules 1 and 8: what is read, and what follows for each playbook."""

import pytest

from workflows.matching import PhraseLists, load_shipped, match
from workflows.matching.matcher import LONGEST

SHIPPED = load_shipped()
ANSWERS = [
    ("data_breach", "DB"),
    ("suspicious_mail", "PHISH"),
    ("malware", "MAL"),
    ("lost_device", "LOST"),
    ("account_or_access", "ACC"),
    ("service_down", "DOS"),
    ("weakness_found", "VULN"),
    ("colleague_or_insider", "INSIDER"),
    ("supplier", "SUPP"),
]


def verdicts(subject, description, **options):
    return match(SHIPPED, subject, description, **options).verdicts


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("a data breach", {"DB": "full"}),
        ("no data breach", {"DB": "confirm"}),
        ("> data breach", {"DB": "confirm"}),
        ("a data breach form", {"DB": "confirm"}),
        ("a vulnerability", {"VULN": "confirm"}),
        ("no data breach, but a data breach", {"DB": "full"}),
        ("a data breach, no data breach", {"DB": "full"}),
        ("a vulnerability, namely xss", {"VULN": "full"}),
        ("hello", {"RISK": "full"}),
        ("", {"RISK": "full"}),
        ("no phishing but malware", {"PHISH": "confirm", "MAL": "full"}),
    ],
)
def test_the_clearest_hit_decides_for_each_playbook(description, expected):
    assert verdicts("Question", description) == expected


def test_verdicts_come_in_the_order_of_the_lists():
    found = verdicts("ddos", "malware, phishing and a data breach", about="supplier")

    assert list(found) == ["DB", "PHISH", "MAL", "DOS", "SUPP"]


@pytest.mark.parametrize(("answer", "playbook"), ANSWERS)
def test_the_kind_of_report_attaches_its_playbook_in_full(answer, playbook):
    assert verdicts("x", "y", about=answer) == {playbook: "full"}


def test_something_else_is_no_hit():
    assert verdicts("x", "y", about="something_else") == {"RISK": "full"}
    assert verdicts("x", "y", about="") == {"RISK": "full"}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("yes", {"DB": "full"}),
        ("possibly", {"DB": "full"}),
        ("unknown", {"DB": "confirm"}),
        ("no", {"RISK": "full"}),
        ("", {"RISK": "full"}),
    ],
)
def test_personal_data_asks_for_the_data_breach_playbook(answer, expected):
    assert verdicts("x", "y", personal_data=answer) == expected


def test_a_form_answer_upgrades_a_negated_hit():
    assert verdicts("x", "no data breach", personal_data="unknown") == {"DB": "confirm"}
    assert verdicts("x", "no data breach", personal_data="possibly") == {"DB": "full"}
    assert verdicts("x", "no data breach", about="malware") == {"DB": "confirm", "MAL": "full"}


def test_a_form_answer_is_a_hit_without_a_place():
    (hit,) = match(SHIPPED, "x", "y", personal_data="unknown").hits

    assert (hit.playbook, hit.phrase_id, hit.field) == ("DB", "DB.personal_data", "personal_data")
    assert (hit.start, hit.end, hit.text, hit.weak, hit.version) == (0, 0, "unknown", True, 1)


def test_a_form_answer_counts_without_a_list():
    result = match(PhraseLists.of([]), "x", "y", about="malware")

    assert result.verdicts == {"MAL": "full"}
    assert result.hits[0].version == 0


def test_a_later_message_has_no_fallback():
    assert verdicts("", "thanks for the help", fallback=False) == {}
    assert verdicts("", "it was a data breach", fallback=False) == {"DB": "full"}


def test_a_hit_says_all_that_is_stored():
    hit = match(SHIPPED, "Question", "There was no Data-Breach.").hits[0]

    assert (hit.playbook, hit.phrase_id, hit.phrase) == ("DB", "DB.en.1", "data~breach(es|ed)?")
    assert (hit.language, hit.field, hit.start, hit.end) == ("en", "description", 13, 24)
    assert (hit.text, hit.zone, hit.negated, hit.weak) == ("Data-Breach", "", True, False)
    assert hit.version == 1


def test_a_weak_hit_is_marked():
    (hit,) = match(SHIPPED, "", "a vulnerability").hits

    assert (hit.phrase_id, hit.phrase, hit.weak) == ("VULN.en.3", "^ vulnerabilit(y|ies)", True)


def test_hits_come_by_field_and_place():
    hits = match(SHIPPED, "xss, ddos", "phishing and malware", about="malware").hits

    assert [(hit.field, hit.text) for hit in hits] == [
        ("subject", "xss"),
        ("subject", "ddos"),
        ("description", "phishing"),
        ("description", "malware"),
        ("about", "malware"),
    ]


def test_no_hit_crosses_from_subject_to_description():
    assert verdicts("data", "breach") == {"RISK": "full"}
    assert verdicts("my laptop", "was stolen") == {"RISK": "full"}
    assert verdicts("data breach", "policy") == {"DB": "full"}


def test_the_text_is_cut_and_the_cut_is_told():
    fits = "x" * (LONGEST - len("Question") - 1 - len(" data breach")) + " data breach"

    whole = match(SHIPPED, "Question", fits)
    longer = match(SHIPPED, "Question", "x" + fits)

    assert (whole.verdicts, whole.cut) == ({"DB": "full"}, False)
    assert (longer.verdicts, longer.cut) == ({"RISK": "full"}, True)


def test_a_subject_may_use_up_the_whole_length():
    result = match(SHIPPED, "data breach " + "x" * 1_000_000, "malware")

    assert (result.verdicts, result.cut) == ({"DB": "full"}, True)


def test_the_cut_comes_before_everything_else():
    padding = "<b></b>" * 8_000

    assert match(SHIPPED, "", padding + "data breach", html=True).verdicts == {"RISK": "full"}
