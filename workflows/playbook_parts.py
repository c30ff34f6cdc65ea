"""What a playbook is made of: its fields and their words. Immutable, and JSON both ways."""

from collections.abc import Callable
from re import fullmatch
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from workflows import due

# DOMAIN.md 6 (phases and roles) and 5.3 (obligations that start a clock).
Phase = Literal["assess", "contain", "eradicate", "recover", "notify", "learn"]
Role = Literal[
    "SDA", "IH", "MIM", "CISO", "DPO", "COM", "LEG", "FOR", "MGT", "SYS", "HR", "SUP"
]  # fmt: skip
Obligation = Literal[
    "G1", "G2", "G3", "G4", "N1", "N2", "N3", "N4", "D1", "D2", "D3", "D4",
    "E1", "C1", "U1", "U2", "H1", "H2", "H3", "S1", "R1",
]  # fmt: skip


def level(prefix: str) -> Callable[[Any], Any]:
    """Read "SEV2" as 2; a stored playbook holds the number already."""

    def read(value: Any) -> Any:
        if isinstance(value, int):
            return value
        if isinstance(value, str) and fullmatch(f"{prefix}[1-4]", value):
            return int(value[-1])
        raise ValueError(f"Write {prefix}1, {prefix}2, {prefix}3 or {prefix}4.")

    return read


def due_time(text: str) -> str:
    return due.parse(text).text


def task_id(text: str) -> str:
    if not fullmatch(due.TASK_ID, text):
        raise ValueError(f"'{text}' is not a task id. Write capitals and a number, such as DB01.")
    return text


def playbook_code(text: str) -> str:
    if not fullmatch("[A-Z]{2,10}", text):
        raise ValueError(f"'{text}' is not a playbook code. Write 2 to 10 capitals, such as DB.")
    return text


Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Prose = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
TaskId = Annotated[str, AfterValidator(task_id)]
Code = Annotated[str, AfterValidator(playbook_code)]
Severity = Annotated[int, BeforeValidator(level("SEV")), Field(ge=1, le=4)]
Priority = Annotated[int, BeforeValidator(level("P")), Field(ge=1, le=4)]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Task(Part):
    """One piece of work. Done only when its result is recorded (DOMAIN.md 1.2).

    `due` is in the words of `workflows.due`. A task with a `condition` may be waived with the
    reason that the condition does not hold, even when it is no-waive. Tasks of several playbooks
    with the same `dedupe_key` are the same work and appear once on an incident.
    """

    id: TaskId
    phase: Phase
    title: Line
    instruction: Prose
    role: Role
    deputy: Role | None = None
    due: Annotated[str, AfterValidator(due_time)]
    mandatory: bool = False
    no_waive: bool = False
    condition: Line | None = None
    after: tuple[TaskId, ...] = ()
    result: Line
    section: Line
    dedupe_key: Line

    @model_validator(mode="before")
    @staticmethod
    def own_key_by_default(fields: Any) -> Any:
        if isinstance(fields, dict) and "dedupe_key" not in fields:
            return {**fields, "dedupe_key": str(fields.get("id"))}
        return fields

    @model_validator(mode="after")
    def no_waive_is_mandatory(self) -> Self:
        if self.no_waive and not self.mandatory:
            raise ValueError(f"Task {self.id} is no_waive, so it must be mandatory as well.")
        return self


class Variant(Part):
    """What differs when the text in `when` holds; a person decides whether it does."""

    when: Line
    severity: Severity | None = None
    priority: Priority | None = None
    category: str | None = None
    extra_categories: tuple[str, ...] = ()
    attach: tuple[Code, ...] = ()


class ProposedClock(Part):
    """An obligation whose clock is proposed when the playbook starts; no `when` means always."""

    id: Obligation
    when: Line | None = None


class Header(Part):
    code: Code
    title: Line
    version: Annotated[int, Field(ge=1)]
    summary: Prose
    procedure: Line
    category: str
    extra_categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    severity: Severity
    priority: Priority
    confirm_priority: Priority | None = None
    variants: tuple[Variant, ...] = ()
    confidentiality: Literal["team", "restricted"] = "team"
    breach: bool = False
    alerts: tuple[Role, ...] = ()
    clocks: tuple[ProposedClock, ...] = ()
    review: Literal["always", "by rule"] = "by rule"
    confirm: Task


class Playbook(Header):
    """A playbook ready to run: `tasks` holds the common ones too, in order.

    `confirm` is the only task while a match waits to be confirmed (DOMAIN.md 7.1, rule 9).
    """

    tasks: tuple[Task, ...]


class PlaybookFile(Header):
    """A playbook as written: names its common tasks instead of repeating them."""

    begin: tuple[str, ...] = ()
    tasks: tuple[Task, ...] = ()
    end: tuple[str, ...] = ()


class CommonFile(Part):
    tasks: tuple[Task, ...]
