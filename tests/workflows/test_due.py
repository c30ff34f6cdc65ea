"""Due times: the words that playbooks use, and the moments that they mean."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.working_time import WorkingCalendar
from workflows.due import DueError, parse

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
OFFICE = WorkingCalendar("NL", "", "Europe/Amsterdam")
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=AMSTERDAM)


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=AMSTERDAM)


def at(text: str, *, priority: int = 3, facts=None, **anchors) -> datetime | None:
    return parse(text).at(anchors, priority=priority, calendar=OFFICE, facts=facts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("R+30 min", local(2026, 11, 23, 10, 30)),
        ("R+4 h", local(2026, 11, 23, 14, 0)),
        ("R+7 d", local(2026, 11, 30, 10, 0)),
        ("R+4 weeks", local(2026, 12, 21, 10, 0)),
        ("R+1 week", local(2026, 11, 30, 10, 0)),
        ("R+2 wd", local(2026, 11, 25, 10, 0)),
        ("R+5 wd", local(2026, 11, 30, 10, 0)),
        ("R+30min", local(2026, 11, 23, 10, 30)),
        ("R + 30 min", local(2026, 11, 23, 10, 30)),
        ("  R+30\n min ", local(2026, 11, 23, 10, 30)),
    ],
)
def test_a_due_time_counts_from_the_report(text, expected):
    assert at(text, R=MONDAY) == expected


@pytest.mark.parametrize(
    ("text", "anchor"),
    [("A+1 h", "A"), ("C+1 h", "C"), ("X+1 h", "X"), ("DB17+1 h", "DB17"), ("VU5+1 h", "VU5")],
)
def test_a_due_time_counts_from_its_own_anchor(text, anchor):
    later = MONDAY + timedelta(days=1)

    assert at(text, **{"R": MONDAY, anchor: later}) == later + timedelta(hours=1)


@pytest.mark.parametrize("text", ["R+1 h", "C+5 wd", "X+2 wd", "DB17+24 h", "per contract"])
def test_without_its_anchor_there_is_no_moment_yet(text):
    assert at(text, A=MONDAY) is None


@pytest.mark.parametrize("text", ["C+5 wd", "X+2 wd", "DB17+24 h"])
def test_an_anchor_that_is_present_but_empty_is_unknown(text):
    assert at(text, R=MONDAY, C=None, X=None, DB17=None) is None


def test_until_somebody_decides_awareness_is_the_report():
    assert at("A+72 h", R=MONDAY) == local(2026, 11, 26, 10, 0)
    assert at("A+72 h", R=MONDAY, A=None) == local(2026, 11, 26, 10, 0)
    assert at("A+72 h", R=MONDAY, A=MONDAY + timedelta(hours=5)) == local(2026, 11, 26, 15, 0)


def test_a_moment_is_given_in_utc():
    moment = at("R+1 wd", R=MONDAY)

    assert moment is not None
    assert moment.tzinfo is UTC


# The vectors of DOMAIN.md 5.2 (conservative readings).
@pytest.mark.parametrize(
    ("text", "aware", "expected"),
    [
        ("A+72 h", local(2026, 10, 23, 10, 0), local(2026, 10, 26, 9, 0)),
        ("A+72 h", local(2027, 3, 26, 10, 0), local(2027, 3, 29, 11, 0)),
        ("A+72 h", local(2026, 12, 22, 12, 17), local(2026, 12, 25, 12, 17)),
        ("A+72 h", local(2026, 12, 24, 16, 40), local(2026, 12, 27, 16, 40)),
        ("A+24 h", local(2026, 11, 20, 22, 10), local(2026, 11, 21, 22, 10)),
        ("A+3 d", local(2026, 10, 23, 10, 0), local(2026, 10, 26, 9, 0)),
    ],
)
def test_clock_time_is_elapsed_time_through_weekends_holidays_and_summer_time(
    text, aware, expected
):
    assert at(text, A=aware) == expected


def test_working_days_keep_the_wall_time_when_the_clock_changes():
    assert at("C+1 wd", C=local(2026, 10, 23, 10, 0)) == local(2026, 10, 26, 10, 0)


@pytest.mark.parametrize(
    ("priority", "expected"),
    [
        (1, local(2026, 11, 23, 10, 15)),
        (2, local(2026, 11, 23, 11, 0)),
        (3, local(2026, 11, 23, 14, 0)),
        (4, local(2026, 11, 23, 14, 0)),
    ],
)
def test_a_due_time_may_depend_on_priority(priority, expected):
    text = "P1: R+15 min, P2: R+1 h, else: R+4 h"

    assert at(text, priority=priority, R=MONDAY) == expected


def test_without_else_the_other_priorities_have_no_due_time():
    assert at("P1: R+15 min", priority=2, R=MONDAY) is None


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"score": 25.0}, local(2026, 11, 25, 10, 0)),
        ({"score": 16}, local(2026, 11, 25, 10, 0)),
        ({"score": 15}, local(2026, 11, 30, 10, 0)),
        ({"score": 9}, local(2026, 12, 21, 10, 0)),
        ({}, local(2026, 12, 21, 10, 0)),
        (None, local(2026, 12, 21, 10, 0)),
        ({"cvss": 10}, local(2026, 12, 21, 10, 0)),
    ],
)
def test_a_due_time_may_depend_on_the_risk_score(facts, expected):
    text = "score >= 16: R+2 wd, score >= 10: R+5 wd, else: R+20 wd"

    assert at(text, facts=facts, R=MONDAY) == expected


@pytest.mark.parametrize(
    ("cvss", "expected"),
    [
        (9.8, local(2026, 11, 30, 10, 0)),
        (9.0, local(2026, 11, 30, 10, 0)),
        (8.9, local(2026, 12, 23, 10, 0)),
        (4.0, local(2027, 2, 21, 10, 0)),
        (3.9, None),
    ],
)
def test_a_due_time_may_depend_on_the_cvss_score(cvss, expected):
    text = "cvss >= 9.0: R+7 d, cvss >= 7.0: R+30 d, cvss >= 4.0: R+90 d"

    assert at(text, facts={"cvss": cvss}, R=MONDAY) == expected


def test_a_score_that_is_not_known_yet_gives_no_moment_when_there_is_no_else():
    assert at("cvss >= 9.0: R+24 h", R=MONDAY) is None


@pytest.mark.parametrize("step", ["close", "resolve"])
def test_a_task_may_be_tied_to_a_step_instead_of_a_moment(step):
    due = parse(f"before {step}")

    assert due.gate == step
    assert due.at({"R": MONDAY, "X": MONDAY}, priority=1, calendar=OFFICE) is None


@pytest.mark.parametrize("text", ["R+1 h", "P1: R+1 h, else: R+2 h", "per contract"])
def test_other_due_times_are_tied_to_no_step(text):
    assert parse(text).gate is None


def test_the_contract_says_when():
    assert at("per contract", contract=MONDAY) == MONDAY


@pytest.mark.parametrize(
    ("contract", "expected"),
    [
        (None, local(2026, 11, 23, 22, 0)),
        (local(2026, 11, 23, 18, 0), local(2026, 11, 23, 18, 0)),
        (local(2026, 11, 24, 18, 0), local(2026, 11, 23, 22, 0)),
    ],
)
def test_a_contract_only_makes_it_earlier(contract, expected):
    assert at("A+12 h, never later than contract", R=MONDAY, contract=contract) == expected


@pytest.mark.parametrize(
    ("announced", "expected"),
    [
        (None, local(2026, 12, 21, 10, 0)),
        (local(2026, 11, 30, 9, 0), local(2026, 11, 30, 9, 0)),
        (local(2027, 1, 4, 9, 0), local(2026, 12, 21, 10, 0)),
    ],
)
def test_what_was_announced_counts_up_to_the_limit(announced, expected):
    assert at("as announced, at most 4 weeks", A=MONDAY, announced=announced) == expected


@pytest.mark.parametrize(
    ("text", "tasks"),
    [
        ("R+1 h", set()),
        ("DB17+24 h", {"DB17"}),
        ("P1: RK3+2 h, else: RK8+5 wd", {"RK3", "RK8"}),
        ("A+12 h, never later than contract", set()),
    ],
)
def test_a_due_time_knows_the_tasks_that_it_counts_from(text, tasks):
    assert parse(text).tasks == tasks


def test_the_text_of_a_due_time_is_kept_in_one_line():
    assert str(parse(" R+30  min ")) == "R+30 min"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "R",
        "R+",
        "R+0 h",
        "R+-1 h",
        "R+1.5 h",
        "R+1",
        "R+1 hour",
        "R+1 month",
        "R+10000 h",
        "R-1 h",
        "r+1 h",
        "Q+1 h",
        "R+1 h or later",
        "R+١ h",
        "before lunch",
        "before  reopen",
        "P1",
        "P1: ",
        "P5: R+1 h",
        "P1: soon",
        "P1: R+1 h; else: R+2 h",
        "P1: R+1 h, R+2 h",
        "P1: before close, else: R+2 h",
        "score > 3: R+1 h",
        "scre >= 3: R+1 h",
        "as announced",
        "per contract, never later than contract",
        "R+1 h" + " " * 10 + "x" * 300,
    ],
)
def test_what_is_no_due_time_is_refused(text):
    with pytest.raises(DueError):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "else: R+1 h, P1: R+2 h",
        "P1: R+1 h, P1: R+2 h",
        "else: R+1 h, else: R+2 h",
        "score >= 10: R+1 h, score >= 16: R+2 h",
        "score >= 10: R+1 h, score >= 10: R+2 h",
    ],
)
def test_a_variant_that_can_never_have_its_turn_is_refused(text):
    with pytest.raises(DueError):
        parse(text)


def test_a_refusal_shows_the_words_and_the_right_forms():
    with pytest.raises(DueError) as refused:
        parse("R+1 hour")

    assert "'R+1 hour' is not a due time." in str(refused.value)
    assert "'R+30 min'" in str(refused.value)


def test_a_moment_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        at("R+1 h", R=datetime(2026, 11, 23, 10, 0))


@given(st.text(alphabet="RACXDB017 +minhdwkes,:>=.P1elsbfocractu\n", max_size=60))
def test_any_text_is_read_or_refused_in_words(text):
    with suppress(DueError):
        assert parse(str(parse(text))) == parse(text)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    st.integers(1, 9999),
    st.sampled_from(["min", "h", "d", "wd"]),
)
def test_a_due_time_is_never_before_its_anchor(moment, amount, unit):
    due = at(f"R+{amount} {unit}", R=moment)

    assert due is not None
    assert due > moment
