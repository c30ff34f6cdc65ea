"""Playbooks as files: what they hold, and what is wrong with one, by file and line.

The shipped ones are in `shipped/playbooks/`. A loaded playbook is stored whole in a database row
as an immutable version: `model_dump(mode="json")` there, `model_validate` back.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path as File
from typing import TypeVar

import yaml
from pydantic import ValidationError

from workflows import due, yaml_lines
from workflows.playbook_parts import (
    CommonFile,
    Part,
    Playbook,
    PlaybookFile,
    ProposedClock,
    Task,
    Variant,
)
from workflows.yaml_lines import Path, Source, Unreadable

__all__ = ["Playbook", "PlaybookError", "Task", "load", "load_common", "load_shipped"]

SHIPPED = File(__file__).parent / "shipped" / "playbooks"
TAXONOMY = File(__file__).parents[1] / "incidents" / "shipped" / "rsit-1003.yaml"
COMMON = "common.yaml"
FIELDS = frozenset().union(
    *(part.model_fields for part in (PlaybookFile, Task, Variant, ProposedClock))
)

Written = TypeVar("Written", bound=Part)
Placed = Sequence[tuple[Path, Task]]
Problems = Iterator[tuple[Path, str]]


class PlaybookError(Exception):
    """A playbook file is wrong. `errors` are (file, line, message); the text names them all."""

    def __init__(self, errors: list[tuple[str, int, str]]) -> None:
        self.errors = errors
        super().__init__("\n".join(f"{file}, line {line}: {text}" for file, line, text in errors))


def load(
    text: str, filename: str, common: Mapping[str, Task], codes: Collection[str] | None = None
) -> Playbook:
    """Return the playbook in `text`. Raises PlaybookError with every problem found.

    `codes` are the playbooks that a variant may attach; without them any code will do.
    """
    source, written = parse(text, filename, PlaybookFile)
    report(filename, source, check_common(written, common))
    begin = placed("begin", [common[name] for name in written.begin])
    end = placed("end", [common[name] for name in written.end])
    tasks = begin + placed("tasks", written.tasks) + end
    problems = [*check_words(written), *check_tasks(written.confirm, tasks)]
    if codes is not None:
        problems += check_attached(written, codes)
    report(filename, source, problems)
    header = written.model_dump(exclude={"begin", "end", "tasks"})
    return Playbook(**header, tasks=tuple(task for _, task in tasks))


def load_common(text: str, filename: str) -> dict[str, Task]:
    """Return the common tasks by id. Raises PlaybookError."""
    source, written = parse(text, filename, CommonFile)
    report(filename, source, check_ids(placed("tasks", written.tasks)))
    return {task.id: task for task in written.tasks}


def load_folder(folder: File) -> dict[str, Playbook]:
    """Return the playbooks of a folder by code. Raises PlaybookError with the problems of all."""
    common = load_common(text_of(folder / COMMON), COMMON)
    files = {file.stem: file for file in sorted(folder.glob("*.yaml")) if file.name != COMMON}
    playbooks: dict[str, Playbook] = {}
    errors: list[tuple[str, int, str]] = []
    for code, file in files.items():
        try:
            playbooks[code] = load(text_of(file), file.name, common, files)
        except PlaybookError as error:
            errors += error.errors
            continue
        if playbooks[code].code != code:
            line = yaml_lines.read(text_of(file)).line(("code",))
            errors.append((file.name, line, f"The file has the name of another code, '{code}'."))
    if errors:
        raise PlaybookError(errors)
    return playbooks


def load_shipped() -> dict[str, Playbook]:
    """Return the playbooks that come with the product, by code. Reads the files each time."""
    return load_folder(SHIPPED)


@lru_cache(maxsize=1)
def known_words() -> tuple[frozenset[str], frozenset[str]]:
    """Return the categories ("class/subcategory") and the local tags that exist."""
    taxonomy = yaml.safe_load(TAXONOMY.read_text(encoding="utf-8"))
    categories = frozenset(
        f"{group['code']}/{item['code']}"
        for group in taxonomy["classes"]
        for item in group["subcategories"]
    )
    return categories, frozenset(tag["code"] for tag in taxonomy["tags"])


def parse(text: str, filename: str, kind: type[Written]) -> tuple[Source, Written]:
    """Read the fields of a file. Raises PlaybookError."""
    try:
        source = yaml_lines.read(text)
    except Unreadable as error:
        raise PlaybookError([(filename, *problem) for problem in error.problems]) from error
    try:
        return source, kind.model_validate(source.value)
    except ValidationError as error:
        problems = [yaml_lines.explain(item, FIELDS) for item in error.errors()]
        raise PlaybookError(in_order(filename, source, problems)) from error


def text_of(file: File) -> str:
    try:
        return yaml_lines.decode(file.read_bytes())
    except Unreadable as error:
        raise PlaybookError([(file.name, *problem) for problem in error.problems]) from error


def report(filename: str, source: Source, problems: Iterable[tuple[Path, str]]) -> None:
    """Raise PlaybookError if there are problems."""
    if errors := in_order(filename, source, problems):
        raise PlaybookError(errors)


def in_order(
    filename: str, source: Source, problems: Iterable[tuple[Path, str]]
) -> list[tuple[str, int, str]]:
    return sorted((filename, source.line(path), message) for path, message in problems)


def placed(field: str, tasks: Iterable[Task]) -> list[tuple[Path, Task]]:
    return [((field, place), task) for place, task in enumerate(tasks)]


def check_common(written: PlaybookFile, common: Mapping[str, Task]) -> Problems:
    for field, names in (("begin", written.begin), ("end", written.end)):
        for place, name in enumerate(names):
            if name not in common:
                known = ", ".join(common)
                yield (field, place), f"There is no common task '{name}'. There are: {known}."


def check_words(written: PlaybookFile) -> Problems:
    """Categories and tags must be those of the taxonomy (DOMAIN.md 3)."""
    categories, tags = known_words()
    for path, category in categories_of(written):
        if category not in categories:
            yield path, f"There is no category '{category}'.{yaml_lines.hint(category, categories)}"
    for place, tag in enumerate(written.tags):
        if tag not in tags:
            yield ("tags", place), f"There is no tag '{tag}'.{yaml_lines.hint(tag, tags)}"


def categories_of(written: PlaybookFile) -> Problems:
    yield ("category",), written.category
    for place, category in enumerate(written.extra_categories):
        yield ("extra_categories", place), category
    for number, variant in enumerate(written.variants):
        if variant.category:
            yield ("variants", number, "category"), variant.category
        for place, category in enumerate(variant.extra_categories):
            yield ("variants", number, "extra_categories", place), category


def check_attached(written: PlaybookFile, codes: Collection[str]) -> Problems:
    for number, variant in enumerate(written.variants):
        for place, code in enumerate(variant.attach):
            if code not in codes:
                path = ("variants", number, "attach", place)
                yield path, f"There is no playbook '{code}'.{yaml_lines.hint(code, codes)}"


def check_tasks(confirm: Task, tasks: Placed) -> Problems:
    """The tasks fit together: ids, keys, dependencies, and due times that count from a task."""
    if not tasks:
        yield ("tasks",), "A playbook needs at least one task."
    yield from check_ids([*tasks, (("confirm",), confirm)])
    yield from check_keys(tasks)
    ids = {task.id for _, task in tasks}
    yield from check_references([(("confirm",), confirm)], set())
    yield from check_references(tasks, ids)
    yield from check_circle(tasks)


def check_ids(tasks: Placed) -> Problems:
    seen: set[str] = set()
    for path, task in tasks:
        if task.id in seen:
            yield (*path, "id"), f"There are two tasks {task.id}. Give one of them another id."
        seen.add(task.id)


def check_keys(tasks: Placed) -> Problems:
    """Two tasks of one playbook with one key would become one task on the incident."""
    first: dict[str, str] = {}
    for path, task in tasks:
        other = first.setdefault(task.dedupe_key, task.id)
        if other != task.id:
            yield (
                (*path, "dedupe_key"),
                f"{task.id} and {other} have the same dedupe_key '{task.dedupe_key}', "
                "so only one of them would be made.",
            )


def check_references(tasks: Placed, ids: set[str]) -> Problems:
    for path, task in tasks:
        for place, name in enumerate(task.after):
            if name not in ids:
                yield (*path, "after", place), f"{task.id} waits for {name}, which is not here."
        for name in sorted(due.parse(task.due).tasks - ids):
            yield (*path, "due"), f"{task.id} is due some time after {name}, which is not here."


def check_circle(tasks: Placed) -> Problems:
    paths = {task.id: path for path, task in tasks}
    graph = {task.id: [name for name in task.after if name in paths] for _, task in tasks}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = error.args[1]
        chain = ", ".join(f"{later} after {name}" for name, later in pairwise(circle))
        yield (*paths[circle[0]], "after"), f"These tasks wait for each other: {chain}."
