"""YAML for people: every value is text, every value knows its line, and nothing is clever.

All scalars stay text ("no", "1.10" and "2026-01-01" mean what they say); the models turn them
into what they should be. Aliases, tags, duplicate keys, deep nesting, odd characters and huge
files are refused: a playbook needs none of them, and each is a way to hide something.
"""

import difflib
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from pydantic_core import ErrorDetails

Path = tuple[str | int, ...]
Problem = tuple[int, str]

MAX_CHARACTERS = 200_000
MAX_DEPTH = 8
MAX_PROBLEMS = 20
# Control characters, line breaks that only YAML knows, lone surrogates, and the invisible marks
# that make a line read differently from what it says (CVE-2021-42574).
ODD = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff"
    "\ud800-\udfff]"
)

WORDS = {
    "missing": "is missing or empty",
    "string_type": "must be text, not a list or a block",
    "string_too_short": "is empty",
    "string_too_long": "is too long: at most {max_length} characters",
    "bool_parsing": "must be yes or no",
    "bool_type": "must be yes or no",
    "int_parsing": "must be a whole number",
    "greater_than_equal": "must be at least {ge}",
    "tuple_type": "must be a list, such as [CM1, CM2]",
    "model_type": "must be a block of fields",
}


class Unreadable(Exception):
    """The text is not YAML that is accepted here. `problems` are pairs of line and message."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(str(problems))


class Refused(yaml.MarkedYAMLError):
    """YAML that is well formed, but not wanted."""


class Composer(yaml.SafeLoader):
    """Builds the tree of nodes, and stops at what is refused before it can cost anything."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        peek: Callable[[], yaml.Event] = self.peek_event
        event = peek()
        mark: Any = event.start_mark
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise Refused(
                None, None, "'&' and '*' references are not allowed. Write the text out.", mark
            )
        if getattr(event, "tag", None):
            raise Refused(None, None, "'!' tags are not allowed: put such text in quotes.", mark)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Refused(None, None, f"Blocks are nested more than {MAX_DEPTH} deep.", mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


@dataclass
class Source:
    """A file that was read: its values, and where each of them stands."""

    root: yaml.Node
    value: Any = None
    problems: list[Problem] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """Return the line of the value at `path`, or of the nearest thing around it."""
        node, mark = self.root, self.root.start_mark
        for step in path:
            found = child(node, step)
            if found is None:
                break
            node, mark = found
        return line_of(mark)

    def plain(self, node: yaml.Node) -> Any:
        """The value of a node, in text, lists and dicts. What is left empty is left out."""
        if isinstance(node, yaml.MappingNode):
            pairs = [(key, self.plain(value)) for key, value in self.distinct(node)]
            return {key: value for key, value in pairs if value != ""}
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(item) for item in node.value]
        self.problems += odd_characters(node.value, node.start_mark.line + 1)
        return node.value

    def distinct(self, node: yaml.MappingNode) -> Iterator[tuple[str, yaml.Node]]:
        """The fields of a block; notes those that come twice."""
        seen: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self.problems.append((line, "The name of a field must be a plain word."))
            elif key.value in seen:
                first = seen[key.value]
                self.problems.append(
                    (line, f"'{key.value}' was given before, on line {first}. Keep one of them.")
                )
            else:
                seen[key.value] = line
                yield key.value, value


def child(node: yaml.Node, step: str | int) -> tuple[yaml.Node, yaml.Mark] | None:
    """The node one step down, and the mark where it begins (for a field: where its name is)."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return value, key.start_mark
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item = node.value[step]
        return item, item.start_mark
    return None


def decode(content: bytes) -> str:
    """Return the text of a file. Raises Unreadable for what is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        message = "This line is not UTF-8 text. Save the file as UTF-8."
        raise Unreadable([(line, message)]) from error


def read(text: str) -> Source:
    """Return the values of a YAML block with their lines. Raises Unreadable."""
    if len(text) > MAX_CHARACTERS:
        raise Unreadable([(1, f"The file is too large: at most {MAX_CHARACTERS} characters.")])
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if odd := list(odd_characters(text, 1)):
        raise Unreadable(odd[:MAX_PROBLEMS])
    root = compose(text)
    if not isinstance(root, yaml.MappingNode):
        raise Unreadable([(1, "The file must begin with fields, such as 'code: DB'.")])
    source = Source(root)
    source.value = source.plain(root)
    if source.problems:
        raise Unreadable(sorted(source.problems)[:MAX_PROBLEMS])
    return source


def odd_characters(text: str, first_line: int) -> Iterator[Problem]:
    for number, line in enumerate(text.split("\n"), start=first_line):
        if match := ODD.search(line):
            code = f"U+{ord(match[0]):04X}"
            yield number, f"An invisible or control character ({code}) is not allowed. Delete it."


def compose(text: str) -> yaml.Node | None:
    loader = Composer(text)
    try:
        return loader.get_single_node()
    except Refused as error:
        raise Unreadable([(line_of(error.problem_mark), str(error.problem))]) from error
    except yaml.MarkedYAMLError as error:
        raise Unreadable([syntax_problem(error)]) from error
    except (ValueError, OverflowError) as error:
        # PyYAML passes an escape such as "\U99999999" to chr() unchecked.
        message = "This line holds an escape that is no character."
        raise Unreadable([(loader.line + 1, message)]) from error
    finally:
        loader.dispose()


def syntax_problem(error: yaml.MarkedYAMLError) -> Problem:
    if "quoted" in str(error.context) or "flow" in str(error.context):
        # PyYAML blames the place where it gave up, which may be the end of the file.
        message = f"The quotes or brackets opened on this line do not end well ({error.problem})."
        return line_of(error.context_mark), message
    message = (
        f"This line cannot be read ({error.problem}). Check colons, quotes, and indentation: "
        "spaces, no tabs."
    )
    return line_of(error.problem_mark), message


def line_of(mark: Any) -> int:
    return mark.line + 1 if mark else 1


def explain(error: ErrorDetails, fields: Collection[str]) -> tuple[Path, str]:
    """Return where and what, in plain words, for one error of a pydantic model."""
    path, kind = error["loc"], error["type"]
    name = next((step for step in reversed(path) if isinstance(step, str)), "The file")
    if kind == "extra_forbidden":
        return path, f"There is no field '{name}'.{hint(name, fields)}"
    if kind == "value_error":
        return path, str(error["ctx"]["error"])
    if kind == "literal_error":
        given, choices = str(error["input"])[:60], error["ctx"]["expected"]
        return path, f"'{given}' is not possible for '{name}'. Choose {choices}."
    limits = error.get("ctx", {})
    return path, f"'{name}' {WORDS.get(kind, error['msg'])}".format(**limits) + "."


def hint(word: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f" Did you mean '{close[0]}'?" if close else ""
