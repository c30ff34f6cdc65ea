"""Rule 3: words that are quoted, signed, addressed or about procedure ask a person."""

import pytest

from workflows.matching import load_shipped, match
from workflows.matching.addresses import addresses

SHIPPED = load_shipped()
FULL = {"DB": "full"}
CONFIRM = {"DB": "confirm"}

INTRO = "On Mon, 3 May 2026 at 10:05, Bob wrote:"
HEADER = "From: Bob <bob@example.org>\nSent: Monday\nTo: desk\nSubject: hello\n"
GMAIL = "---------- Forwarded message ---------\nFrom: Bob\nDate: Mon, 3 May 2026\nTo: desk\n\n"


def verdicts(description, subject="Question", **options):
    return match(SHIPPED, subject, description, **options).verdicts


def zones(description, subject="Question", **options):
    return [hit.zone for hit in match(SHIPPED, subject, description, **options).hits]


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("hello\n> data breach", CONFIRM),
        (">data breach", CONFIRM),
        ("hello\n >data breach", FULL),
        ("we > data breach", FULL),
        ("> hello\ndata breach", FULL),
        ("laptop\n> was stolen", {"LOST": "confirm"}),
    ],
)
def test_lines_that_begin_with_an_angle_are_quoted(description, expected):
    assert verdicts(description) == expected


@pytest.mark.parametrize(
    "introduction",
    [
        INTRO,
        "On Mon, 3 May 2026 at 10:05, Bob With A Long Name\n<bob@example.org> wrote:",
        "On Mon, 3 May 2026 at 10:05, Bob\nwrote:",
        "On 3\nMay 2026 Bob wrote:",
        "Op ma 3 mei 2026 om 10:05 schreef Bob <bob@example.org>:",
        "Op 3 mei schreef Bob\n<bob@example.org>:",
        "Am 03.05.2026 um 10:05 schrieb Bob:",
        "Le lun. 3 mai 2026 à 10:05, Bob a écrit :",
        "Le 3 févr. Bob a\u00a0e\u0301crit\u00a0:",
        "2026-05-03 Bob wrote:  ",
        "May 3, Bob wrote:",
        "On 3-May-2026 Bob wrote:",
        "3.Mai.2026 schrieb Bob:",
        "On Monday at 10 AM Bob wrote:",
        "Am Montag um 10 Uhr schrieb Bob:",
        "Maandag om 10 uur schreef Bob:",
        "Lundi à 10 h Bob a écrit :",
        "On Mon, May 3, 2026 at 10:05 p.m.\nBob wrote:",
    ],
)
def test_all_after_an_introduction_is_quoted_unless_angles_follow(introduction):
    assert verdicts(f"hello\n{introduction}\n\ndata breach") == CONFIRM
    assert verdicts(f"{introduction}\n\ndata breach") == CONFIRM
    assert verdicts(f"hello\n{introduction}\n> hello\ndata breach") == FULL
    assert verdicts(f"hello\n{introduction}\nhello\n> data breach") == CONFIRM


@pytest.mark.parametrize(
    "line",
    [
        "Bob wrote:",
        "Yesterday Bob wrote:",
        "In 10 hours Bob wrote:",
        "On 3 May 2026 Bob rewrote:",
        "On 3 May 2026 Bob wrote",
        "On 3 May 2026 Bob wrote: this",
        "It was on 3 May 2026.\nBob wrote:",
        "On 3 May 2026\n\nBob wrote:",
        "On 3 May 2026\nat ten\nBob wrote:",
    ],
)
def test_other_lines_introduce_nothing(line):
    assert verdicts(f"hello\n{line}\ndata breach") == FULL


@pytest.mark.parametrize(
    "marker",
    [
        "-----Original Message-----",
        "Original message",
        "-----Oorspronkelijk bericht-----",
        "-----Ursprüngliche Nachricht-----",
        "-------- Message d’origine --------",
        "---------- Forwarded message ---------",
        "---------- Forwarded message from Bob ---------",
        "Begin forwarded message:",
        "*-------- Doorgestuurd bericht --------*",
        HEADER,
        "Van: Bob\nVerzonden: maandag",
        "Von: Bob\nGesendet: Montag",
        "De : Bob\nEnvoyé : lundi",
        "De\u00a0: Bob\nA: b\nB: c\nDate\u00a0: lundi",
        "*From:* Bob\n*Date:* Monday",
        "Van: Bob\nDatum: maandag",
    ],
)
def test_all_after_a_marker_or_header_block_is_quoted(marker):
    assert verdicts(f"Please read what Bob says below\n\n{marker}\n\ndata breach") == CONFIRM
    assert verdicts(f"A data breach, see below\n\n{marker}\n\nhello") == FULL


@pytest.mark.parametrize(
    "line",
    [
        "I got the original message about it",
        "The forwarded message says:",
        "From: the helpdesk",
        "From: Bob\na\nb\nc\nSent: Monday",
        "From: Bob\nSent from my telephone",
        "Far from: here\nDate: today",
    ],
)
def test_other_lines_begin_no_foreign_mail(line):
    assert verdicts(f"hello\n{line}\ndata breach") == FULL


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("bye\n-- \nBob, data breach desk", CONFIRM),
        ("bye\n--\nBob, data breach desk", CONFIRM),
        ("bye\n-- \nBob\n\ndata breach", CONFIRM),
        ("data breach\n-- \nBob", FULL),
        ("bye\n---\ndata breach", FULL),
        ("bye\n -- \ndata breach", FULL),
        ("bye -- data breach", FULL),
        ("data breach\n--", FULL),
    ],
)
def test_all_after_the_signature_line_is_signature(description, expected):
    assert verdicts(description) == expected


def test_known_footers_are_zones_and_there_are_none_by_default():
    footer = "Report every data breach\nto the desk."
    description = "hello\n\nReport every  DATA breach to the desk.\n\nBob"

    assert verdicts(description) == FULL
    assert verdicts(description, known_footers=(footer,)) == CONFIRM
    assert verdicts(description, known_footers=("", "another")) == FULL
    assert verdicts("data breach " + description, known_footers=(footer,)) == FULL


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://example.org/data-breach?a=1 now", ["https://example.org/data-breach?a=1"]),
        ("(http://x/y z", ["http://x/y"]),
        ("<https://x/y> z", ["https://x/y"]),
        ("www.example.org/a and WWW.b", ["www.example.org/a", "WWW.b"]),
        ("mail desk@example.org.", ["desk@example.org"]),
        ("<desk.one@example.org>", ["desk.one@example.org"]),
        ("mailto:desk@example.org", ["desk@example.org"]),
        ("https://user@example.org/a@b", ["https://user@example.org/a@b"]),
        ("phishing.example.org", []),
        ("@phishing said", []),
        ("at desk@ home", []),
        ("a :// b", []),
        ("://b", []),
        ("awww.b", []),
        ("www.", []),
    ],
)
def test_addresses_are_found_and_bare_host_names_are_not(text, found):
    assert [text[start:end] for start, end in addresses(text)] == found


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("https://example.org/data-breach", {"DB": "confirm"}),
        ("www.phishing.example", {"PHISH": "confirm"}),
        ("phishing@example.org", {"PHISH": "confirm"}),
        ("phishing.example.org", {"PHISH": "full"}),
        ("phishing https://example.org", {"PHISH": "full"}),
        ("Op de link https://x.example/ geklikt", {"PHISH": "full"}),
    ],
)
def test_a_phrase_inside_an_address_asks_a_person(description, expected):
    assert verdicts(description) == expected


@pytest.mark.parametrize(
    "word",
    "policy policies procedure procedures training form forms protocol register beleid formulier "
    "formulieren reglement opleiding Richtlinie Richtlinien Leitlinie Verfahren Formular Schulung "
    "formation formulaire politique".split(),
)
def test_a_procedure_word_after_the_hit_asks_a_person(word):
    assert zones(f"about data breach {word}.") == ["procedure"]


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("data breach\nprocedure", CONFIRM),
        ("data-breach-procedure", CONFIRM),
        ("data_breach_form", CONFIRM),
        ("data breach / form", CONFIRM),
        ("data breach pro-\ncedure", CONFIRM),
        ("data breach-\nprocedure", CONFIRM),
        ("data breach registered", FULL),
        ("data breach (form)", FULL),
        ("data breach, policy", FULL),
        ("data breach in the register", FULL),
        ("procedure data breach", FULL),
        ("data breach\n\nprocedure", FULL),
        ("data breach procedure and a data breach", FULL),
    ],
)
def test_only_the_very_next_word_counts(description, expected):
    assert verdicts(description) == expected


@pytest.mark.parametrize("subject", ["FW: x", "fwd: x", "Fwd: x", "WG: x", "TR : x", "Doorst: x"])
@pytest.mark.parametrize("mail", [GMAIL, HEADER, "-----Original Message-----\n", INTRO + "\n"])
def test_a_forward_with_few_own_words_counts_as_body(subject, mail):
    assert verdicts(f"Please see what is below\n\n{mail}\ndata breach", subject) == FULL
    assert verdicts(f"Please do see what is below\n\n{mail}\ndata breach", subject) == CONFIRM


@pytest.mark.parametrize("mail", [GMAIL, HEADER, "-----Original Message-----\n"])
def test_a_forward_without_own_words_counts_as_body_under_any_subject(mail):
    assert verdicts(f"\n{mail}\ndata breach") == FULL
    assert verdicts(f"FYI\n\n{mail}\ndata breach") == CONFIRM
    assert verdicts(f"FYI\n\n{mail}\ndata breach", "Twd: x") == CONFIRM
    assert verdicts(f"FYI\n\n{mail}\ndata breach", "Training") == CONFIRM


@pytest.mark.parametrize(
    "inside",
    [
        "> data breach",
        "hello\n-- \ndata breach",
        "hello\n-----Original Message-----\ndata breach",
        f"hello\n{HEADER}\ndata breach",
        f"hello\n{INTRO}\ndata breach",
        "https://example.org/data-breach",
    ],
)
def test_zones_inside_a_forward_stay_zones(inside):
    assert verdicts(GMAIL + inside, "Fwd: x") == CONFIRM


def test_the_senders_signature_ends_where_the_forward_begins():
    assert verdicts(f"FYI\n-- \nBob\nUniversity\n\n{GMAIL}data breach", "Fwd: x") == FULL
    assert verdicts(f"FYI\n-- \nBob data breach\n\n{GMAIL}hello", "Fwd: x") == CONFIRM


def test_quoted_lines_alone_are_no_forward():
    assert verdicts("> data breach", "Fwd: x") == CONFIRM


def test_the_subject_has_zones_of_its_own():
    assert verdicts("hello", "> data breach") == CONFIRM
    assert verdicts("hello", "data breach policy") == CONFIRM
    assert verdicts("form", "data breach") == FULL
    assert verdicts("data breach", "--") == FULL


def test_each_hit_names_its_zone():
    text = "> phishing\nxss form\nmalware@example.org\n-- \nddos"

    assert zones(text) == ["quoted", "procedure", "url", "signature"]
