"""Playbook files: what is read, and what is refused by file and line in plain words."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows import playbook_format, yaml_lines
from workflows.playbook_format import (
    COMMON,
    SHIPPED,
    Playbook,
    PlaybookError,
    load,
    load_common,
    load_folder,
)

COMMON_TEXT = (SHIPPED / COMMON).read_text(encoding="utf-8")
COMMON_TASKS = load_common(COMMON_TEXT, COMMON)
# The confirm task begins on line 10, TS1 on line 20, TS2 on line 29; the last line is 39.
SMALL = """\
code: TEST
title: A small playbook
version: 1
summary: For tests.
procedure: Test procedure
category: test/test
severity: SEV3
priority: P3
confirm:
  id: TEST00
  phase: assess
  title: Confirm or dismiss
  instruction: Decide.
  role: IH
  due: R+1 h
  result: Confirmed or not
  section: 1 Report
begin: [CM1]
tasks:
  - id: TS1
    phase: assess
    title: First
    instruction: Do it.
    role: IH
    due: R+1 h
    mandatory: yes
    result: Done
    section: 1 Report
  - id: TS2
    phase: contain
    title: Second
    instruction: Do it.
    role: SYS
    due: TS1+2 h
    after: [TS1, CM1]
    result: Done
    section: 2 Contain
    dedupe_key: second
end: [CM9]
"""


def read(text: str = SMALL) -> Playbook:
    return load(text, "TEST.yaml", COMMON_TASKS)


def changed(old: str, new: str) -> str:
    assert old in SMALL
    return SMALL.replace(old, new, 1)


def outcome(text: str) -> tuple[Playbook | None, list[tuple[str, int, str]]]:
    try:
        return read(text), []
    except PlaybookError as refused:
        return None, refused.errors


def errors_of(text: str) -> list[tuple[str, int, str]]:
    playbook, errors = outcome(text)
    assert playbook is None
    return errors


def test_a_playbook_holds_its_common_tasks_in_their_places():
    assert [task.id for task in read().tasks] == ["CM1", "TS1", "TS2", "CM9"]


def test_fields_that_are_left_out_have_harmless_values():
    playbook = read()
    first = playbook.tasks[1]

    assert (playbook.confidentiality, playbook.breach, playbook.review) == (
        "team",
        False,
        "by rule",
    )
    assert (playbook.alerts, playbook.clocks, playbook.tags) == ((), (), ())
    assert (first.no_waive, first.condition, first.deputy, first.after) == (False, None, None, ())
    assert first.dedupe_key == "TS1"


def test_words_become_values():
    playbook = read()

    assert (playbook.version, playbook.severity, playbook.priority) == (1, 3, 3)
    assert playbook.tasks[1].mandatory is True
    assert playbook.tasks[2].dedupe_key == "second"


@pytest.mark.parametrize("word", ["yes", "true", "True", "on"])
def test_a_mark_may_be_written_as_people_write_it(word):
    assert read(changed("mandatory: yes", f"mandatory: {word}")).tasks[1].mandatory is True


def test_words_that_yaml_would_twist_stay_words():
    playbook = read(changed("title: First", "title: No").replace("result: Done", "result: 12:30"))

    assert playbook.tasks[1].title == "No"
    assert playbook.tasks[1].result == "12:30"


def test_an_empty_field_counts_as_left_out():
    assert read(changed("after: [TS1, CM1]", "after:")).tasks[2].after == ()


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm():
    assert read("\ufeff" + SMALL.replace("\n", "\r\n")) == read()


def test_a_playbook_cannot_be_changed_after_loading():
    with pytest.raises(ValueError, match="frozen"):
        read().title = "Other"


def test_a_playbook_survives_json():
    playbook = read()

    stored = json.loads(json.dumps(playbook.model_dump(mode="json")))

    assert Playbook.model_validate(stored) == playbook


def test_a_stored_playbook_outlives_its_category():
    stored = read().model_dump(mode="json") | {"category": "old/gone"}

    assert Playbook.model_validate(stored).category == "old/gone"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        # Fields.
        ("title: A small playbook\n", "", 1, "'title' is missing or empty."),
        ("title: A small playbook", "title:", 2, "'title' is missing or empty."),
        ("title: A small playbook", "title: '  '", 2, "'title' is empty."),
        ("title: A small", "titel: A small", 2, "no field 'titel'. Did you mean 'title'?"),
        ("title: A small playbook", "title: [a, b]", 2, "'title' must be text"),
        ("title: A small playbook", "title: {a: b}", 2, "'title' must be text"),
        ("title: A small playbook", f"title: {'x' * 201}", 2, "at most 200 characters"),
        ("version: 1", "version: one", 3, "'version' must be a whole number."),
        ("version: 1", "version: 0", 3, "'version' must be at least 1."),
        ("code: TEST", "code: test", 1, "'test' is not a playbook code."),
        ("severity: SEV3", "severity: 3", 7, "Write SEV1, SEV2, SEV3 or SEV4."),
        ("severity: SEV3", "severity: SEV5", 7, "Write SEV1, SEV2, SEV3 or SEV4."),
        ("priority: P3", "priority: high", 8, "Write P1, P2, P3 or P4."),
        ("    mandatory: yes", "    mandatory: maybe", 26, "'mandatory' must be yes or no."),
        (
            "    role: SYS",
            "    role: SYSADMIN",
            33,
            "for 'role'. Choose 'SDA', 'IH', 'MIM'",
        ),
        (
            "phase: contain",
            "phase: stop",
            30,
            "'stop' is not possible for 'phase'.",
        ),
        ("begin: [CM1]", "begin: CM1", 18, "'begin' must be a list"),
        ("tasks:\n  - id: TS1", "tasks: none\nold:\n  - id: TS1", 19, "'tasks' must be a list"),
        ("id: TS1", "id: task 1", 20, "'task 1' is not a task id."),
        ("id: TS2", "id:", 29, "'id' is missing or empty."),
        ("begin: [CM1]", "review: never", 18, "'never' is not possible for 'review'. Choose"),
        ("begin: [CM1]", "clocks: [{id: G9}]", 18, "'G9' is not possible for 'id'."),
        ("begin: [CM1]", "alerts: [CEO]", 18, "'CEO' is not possible for 'alerts'."),
        ("    result: Done\n    section: 2", "    section: 2", 29, "'result' is missing or empty."),
        # Meaning.
        ("category: test/test", "category: fraud/fishing", 6, "Did you mean 'fraud/phishing'?"),
        ("category: test/test", "category: phishing", 6, "There is no category 'phishing'."),
        ("begin: [CM1]", "tags: [x-insidr]", 18, "no tag 'x-insidr'. Did you mean 'x-insider'?"),
        ("begin: [CM1]", "extra_categories: [a/b]", 18, "There is no category 'a/b'."),
        ("begin: [CM1]", "begin: [CM1, CM7]", 18, "no common task 'CM7'. There are: CM1, CM2"),
        ("end: [CM9]", "end: [CM1]", 39, "two tasks CM1"),
        ("id: TS2", "id: TS1", 29, "There are two tasks TS1."),
        ("id: TS2", "id: TEST00", 10, "There are two tasks TEST00."),
        ("after: [TS1, CM1]", "after: [TS9]", 35, "TS2 waits for TS9, which is not here."),
        ("after: [TS1, CM1]", "after: [TEST00]", 35, "TS2 waits for TEST00, which is not here."),
        ("due: TS1+2 h", "due: TS9+2 h", 34, "TS2 is due some time after TS9"),
        ("due: TS1+2 h", "due: some day", 34, "'some day' is not a due time."),
        ("dedupe_key: second", "dedupe_key: TS1", 38, "TS2 and TS1 have the same dedupe_key"),
        ("dedupe_key: second", "no_waive: yes", 29, "so it must be mandatory as well."),
        ("after: [TS1, CM1]", "after: [TS2]", 35, "wait for each other: TS2 after TS2."),
        # Reading.
        ("version: 1", "title: Again", 3, "'title' was given before, on line 2."),
        (
            "    role: IH\n    due",
            "    role: IH\n    id: TS7\n    due",
            25,
            "'id' was given before",
        ),
        ("version: 1", "version: 1\n\tx: 1", 4, "no tabs"),
        ("title: First", "title: First: again", 22, "cannot be read"),
        ("title: First", "title: 'First", 22, "opened on this line do not end well"),
        ("after: [TS1, CM1]", "after: [TS1, CM1", 35, "opened on this line do not end well"),
        ("title: First", "title: &a First", 22, "references are not allowed"),
        ("title: First", "title: *a", 22, "references are not allowed"),
        ("title: First", "title: !!python/name:os.system x", 22, "tags are not allowed"),
        ("title: First", "title: !!str x", 22, "tags are not allowed"),
        ("title: First", "title: Fi\x00rst", 22, "U+0000"),
        ("title: First", "title: Fi\x1b[2Jrst", 22, "U+001B"),
        ("title: First", "title: Fi\u202erst", 22, "U+202E"),
        ("title: First", "title: Fi\u200brst", 22, "U+200B"),
        ("title: First", "title: Fi\udcffrst", 22, "U+DCFF"),
        ("title: First", 'title: "Fi\\0rst"', 22, "U+0000"),
        ("title: First", 'title: "Fi\\U99999999rst"', 22, "escape"),
        ("title: First", "? [a]\n    : b", 22, "must be a plain word"),
        ("title: First", "<<: {a: b}", 22, "There is no field '<<'."),
        ("end: [CM9]", "---\nend: [CM9]", 39, "cannot be read"),
        ("end: [CM9]", "end: " + "[" * 20, 39, "nested more than"),
    ],
)
def test_a_mistake_is_named_with_its_line(old, new, line, words):
    found = errors_of(changed(old, new))

    assert (line, True) in [(number, words in message) for _, number, message in found], found


def test_a_circle_of_tasks_is_named_whole():
    text = changed("    mandatory: yes", "    after: [TS2]")

    ((_, line, message),) = errors_of(text)

    assert line in (26, 35)
    assert message.startswith("These tasks wait for each other: ")
    assert "TS1 after TS2" in message
    assert "TS2 after TS1" in message


def test_all_mistakes_are_reported_at_once_in_the_order_of_the_file():
    text = changed("phase: contain", "phase: stop").replace("title: First\n", "titel: First\n")

    found = errors_of(text.replace("severity: SEV3", "severity: bad"))

    assert [line for _, line, _ in found] == [7, 20, 22, 30]


def test_the_error_says_file_line_and_what_is_wrong():
    with pytest.raises(PlaybookError) as refused:
        read(changed("phase: contain", "phase: stop"))

    assert str(refused.value).startswith("TEST.yaml, line 30: 'stop' is not possible for 'phase'.")


def test_a_playbook_may_be_made_of_common_tasks_alone_but_not_of_none():
    head = SMALL[: SMALL.index("tasks:")]

    assert [task.id for task in read(head).tasks] == ["CM1"]
    ((_, _, message),) = errors_of(head.replace("begin: [CM1]\n", ""))
    assert message == "A playbook needs at least one task."


def test_a_mistake_in_a_variant_has_its_line():
    text = changed(
        "begin: [CM1]", "variants:\n  - when: worse\n    category: fraud/no\nbegin: [CM1]"
    )

    assert [(line, "fraud/no" in message) for _, line, message in errors_of(text)] == [(20, True)]


@pytest.mark.parametrize("text", ["", "\n", "# nothing", "just words", "- a\n- b", "[]", "42"])
def test_a_file_without_fields_is_refused(text):
    ((file, line, message),) = errors_of(text)

    assert (file, line) == ("TEST.yaml", 1)
    assert "must begin with fields" in message


def test_a_huge_file_is_refused_without_reading_it():
    started = time.perf_counter()

    ((_, line, message),) = errors_of("x" * 50_000_000)

    assert (line, "too large" in message) == (1, True)
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 100_000,
        "a: " + "{a: " * 40_000,
        "".join(f"{' ' * depth}a:\n" for depth in range(600)),
        "- " * 90_000,
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]",
    ],
    ids=["lists", "blocks", "indentation", "dashes", "laughs"],
)
def test_a_yaml_bomb_is_refused_at_once(text):
    started = time.perf_counter()

    assert len(errors_of(text)) == 1
    assert time.perf_counter() - started < 2


def test_a_file_that_is_not_utf8_is_refused_with_its_line():
    with pytest.raises(yaml_lines.Unreadable) as refused:
        yaml_lines.decode(b"code: DB\ntitle: caf\xe9\n")

    assert refused.value.problems == [(2, "This line is not UTF-8 text. Save the file as UTF-8.")]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / COMMON).write_text(COMMON_TEXT, encoding="utf-8")
    (tmp_path / "TEST.yaml").write_text(SMALL, encoding="utf-8")
    return tmp_path


def test_a_folder_gives_its_playbooks_by_code(folder):
    assert load_folder(folder) == {"TEST": read()}


def test_a_folder_reports_the_mistakes_of_all_its_files(folder):
    (folder / "A.yaml").write_text("code: A", encoding="utf-8")
    (folder / "B.yaml").write_bytes(b"code: \xff")

    with pytest.raises(PlaybookError) as refused:
        load_folder(folder)

    assert {file for file, _, _ in refused.value.errors} == {"A.yaml", "B.yaml"}


def test_a_file_with_the_code_of_another_is_refused(folder):
    (folder / "OTHER.yaml").write_text("# Copied.\n" + SMALL, encoding="utf-8")

    with pytest.raises(PlaybookError, match=r"OTHER.yaml, line 2: .* name of another code"):
        load_folder(folder)


def test_a_variant_that_attaches_no_known_playbook_is_refused(folder):
    text = changed("begin: [CM1]", "variants: [{when: worse, attach: [GONE]}]\nbegin: [CM1]")
    (folder / "TEST.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(PlaybookError, match=r"TEST.yaml, line 18: There is no playbook 'GONE'"):
        load_folder(folder)


def test_a_mistake_among_the_common_tasks_names_the_common_file(folder):
    (folder / COMMON).write_text(COMMON_TEXT.replace("id: CM2", "id: CM1"), encoding="utf-8")

    with pytest.raises(PlaybookError, match=r"common.yaml, line \d+: There are two tasks CM1"):
        load_folder(folder)


def test_the_format_needs_no_django():
    names = set(vars(playbook_format)) | set(vars(yaml_lines))
    assert not {name for name in names if "django" in name.lower()}


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_is_refused_in_words(text):
    for _, line, message in errors_of(text):
        assert 1 <= line <= text.count("\n") + 1
        assert message


@given(
    st.integers(0, SMALL.count("\n") - 1),
    st.text(alphabet=":-[]{}'\"#&*!|>%@`,? \t\nab1\\", max_size=8),
    st.integers(0, 30),
)
@settings(max_examples=300, deadline=None)
def test_any_slip_of_the_pen_is_read_or_refused_in_words(number, slip, column):
    lines = SMALL.split("\n")
    lines[number] = lines[number][:column] + slip + lines[number][column:]
    text = "\n".join(lines)
    playbook, errors = outcome(text)

    assert all(1 <= line <= text.count("\n") + 1 for _, line, _ in errors)
    assert all(message for _, _, message in errors)
    if playbook:
        assert Playbook.model_validate(playbook.model_dump(mode="json")) == playbook
