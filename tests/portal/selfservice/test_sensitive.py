"""Numbers that a report should not hold: found when they are real, left alone when they are not."""

import time

import pytest

from portal.selfservice import sensitive

BSN, CARD, IBAN = "a citizen service number", "a payment card number", "a bank account number"
TABLE = [
    ("her number is 111222333.", [BSN]),
    ("her number is 1112.22.333", [BSN]),
    ("her number is 111222334", []),
    ("call 0850000199", []),
    ("order 000000000", []),
    ("INC-111222333x", []),
    ("card 4111 1111 1111 1111 is hers", [CARD]),
    ("card 4111-1111-1111-1112", []),
    ("pay to NL91 ABNA 0417 1643 00 today", [IBAN]),
    ("pay to nl91abna0417164300", [IBAN]),
    ("pay to NL92ABNA0417164300", []),
    ("111222333 and 4111111111111111 and NL91ABNA0417164300", [BSN, CARD, IBAN]),
    ("no numbers here", []),
]


@pytest.mark.parametrize(("text", "found"), TABLE)
def test_a_number_is_told_by_its_kind(text, found):
    assert [str(kind) for kind in sensitive.kinds(text)] == found


@pytest.mark.parametrize("piece", ["1", "1 ", "NL91", "NL91 A", "4111-", "a1"])
def test_hostile_text_costs_little_time(piece):
    started = time.perf_counter()

    sensitive.kinds(piece * 20_000)

    assert time.perf_counter() - started < 2
