"""Rules that the database itself keeps: triggers in plain SQLite and PostgreSQL.

They use the database's own functions only, so that they hold for `sqlite3` and `psql` too.
Used by migrations; do not change what an applied migration calls, add to it.
"""

from dataclasses import dataclass

from django.db import migrations
from django.db.models import Func, IntegerField

REFUSAL = "tocsin_refuse"
SQLITE = "sqlite"

# White space, and what has no width or no ink, by code point: a resolution made of these is none.
# plain_text.visible_length() knows all of Unicode; this much a database can be told.
UNSEEN = [
    *range(0x01, 0x21), *range(0x7F, 0xA1), 0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x1680,
    *range(0x180B, 0x1810), *range(0x2000, 0x2010), *range(0x2028, 0x2030),
    *range(0x205F, 0x2070), 0x2800, 0x3000, 0x3164, *range(0xFE00, 0xFE10), 0xFEFF, 0xFFA0,
]  # fmt: skip
COMMON = [0x09, 0x0A, 0x0D, 0x20, 0xA0, 0x200B, 0xFEFF]


class Ink(Func):
    """How many characters of a text column can be seen."""

    arity = 1
    output_field = IntegerField()

    def as_sqlite(self, compiler, *_args, **_context):
        """Inside a text only the common ones are left out: each is a nested call, and a parser of
        SQLite has room for 100 symbols.
        """
        sql, params = compiler.compile(self.source_expressions[0])
        halves = UNSEEN[:90], UNSEEN[90:]  # a function takes 127 arguments
        every = "||".join(f"char({','.join(map(str, half))})" for half in halves)
        for point in COMMON:
            sql = f"REPLACE({sql}, char({point}), '')"
        return f"LENGTH(TRIM({sql}, {every}))", params

    def as_postgresql(self, compiler, *_args, **_context):
        sql, params = compiler.compile(self.source_expressions[0])
        every = "".join(f"\\u{point:04x}" for point in UNSEEN)
        return f"LENGTH(TRANSLATE({sql}, E'{every}', ''))", params


def append_only(table: str, *, mutable: tuple[str, ...] = ()) -> migrations.RunPython:
    """No DELETE and no UPDATE of `table`, but for updates of the `mutable` columns alone."""
    return _operation(table, _refusals(table, deletes=True, updates=True, mutable=mutable))


def never_deleted(table: str) -> migrations.RunPython:
    """No DELETE of rows of `table`."""
    return _operation(table, _refusals(table, deletes=True, updates=False, mutable=()))


def never_replaced(table: str) -> migrations.RunPython:
    """No row gives way to another: SQLite's REPLACE deletes without asking the DELETE trigger."""

    def forward(apps, editor) -> None:
        if editor.connection.vendor != SQLITE:
            return
        with editor.connection.cursor() as cursor:
            key = editor.connection.introspection.get_primary_key_column(cursor, table)
            keys = [(key,), *_unique_columns(cursor, table)]
        for statement in _replacements(table, key, keys):
            editor.execute(statement, params=None)

    def backward(apps, editor) -> None:
        if editor.connection.vendor == SQLITE:
            editor.execute(f'DROP TRIGGER "{table}_no_replace"', params=None)
            editor.execute(f'DROP TRIGGER "{table}_no_replacing"', params=None)

    return migrations.RunPython(forward, backward)


def _unique_columns(cursor, table: str) -> list[tuple[str, ...]]:
    cursor.execute(f'PRAGMA index_list("{table}")')
    names = [name for _seq, name, unique, _origin, partial in cursor if unique and not partial]
    found = []
    for name in names:
        cursor.execute(f'PRAGMA index_info("{name}")')
        found.append(tuple(column for _seq, _cid, column in cursor))
    return found


def _replacements(table: str, key: str, keys: list[tuple[str, ...]]) -> list[str]:
    def taken(extra: str = "") -> str:
        same = [" AND ".join(f'"{name}" = NEW."{name}"' for name in each) for each in keys]
        return " OR ".join(f'EXISTS (SELECT 1 FROM "{table}" WHERE {each}{extra})' for each in same)

    refuse = f"BEGIN SELECT RAISE(ABORT, 'Rows of {table} are never replaced.'); END"
    columns = ", ".join(f'"{name}"' for name in sorted({name for each in keys for name in each}))
    return [
        f'CREATE TRIGGER "{table}_no_replace" BEFORE INSERT ON "{table}" WHEN {taken()} {refuse}',
        f'CREATE TRIGGER "{table}_no_replacing" BEFORE UPDATE OF {columns} ON "{table}" '
        f"""WHEN {taken(f' AND "{key}" <> OLD."{key}"')} {refuse}""",
    ]


def _operation(table: str, statements) -> migrations.RunPython:
    def forward(apps, editor) -> None:
        columns = _columns(editor, table)
        for statement in statements(editor.connection.vendor, columns)[0]:
            editor.execute(statement, params=None)

    def backward(apps, editor) -> None:
        for statement in statements(editor.connection.vendor, [])[1]:
            editor.execute(statement, params=None)

    return migrations.RunPython(forward, backward)


def _columns(editor, table: str) -> list[str]:
    with editor.connection.cursor() as cursor:
        found = editor.connection.introspection.get_table_description(cursor, table)
    return [column.name for column in found]


def _refusals(table: str, *, deletes: bool, updates: bool, mutable: tuple[str, ...]):
    def statements(vendor: str, columns: list[str]) -> tuple[list[str], list[str]]:
        fixed = ", ".join(f'"{name}"' for name in columns if name not in mutable)
        events = []
        if deletes:
            events.append(("delete", "DELETE", f"Rows of {table} are never deleted."))
        if updates:
            events.append(("update", f"UPDATE OF {fixed}", f"Rows of {table} are never changed."))
        make, drop = [], []
        for name, event, message in events:
            trigger = f"{table}_no_{name}"
            if vendor == SQLITE:
                make.append(
                    f'CREATE TRIGGER "{trigger}" BEFORE {event} ON "{table}" '
                    f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
                )
                drop.append(f'DROP TRIGGER "{trigger}"')
            else:
                make.append(
                    f'CREATE TRIGGER "{trigger}" BEFORE {event} ON "{table}" '
                    f"FOR EACH ROW EXECUTE FUNCTION {REFUSAL}('{message}')"
                )
                drop.append(f'DROP TRIGGER "{trigger}" ON "{table}"')
        if deletes and vendor != SQLITE:
            make.append(
                f'CREATE TRIGGER "{table}_no_truncate" BEFORE TRUNCATE ON "{table}" '
                f"FOR EACH STATEMENT EXECUTE FUNCTION {REFUSAL}"
                f"('Rows of {table} are never deleted.')"
            )
            drop.append(f'DROP TRIGGER "{table}_no_truncate" ON "{table}"')
        return make, drop

    return statements


def refusal_function() -> migrations.RunPython:
    """The PostgreSQL function behind every refusing trigger; SQLite needs none."""

    def statements(vendor: str, columns: list[str]) -> tuple[list[str], list[str]]:
        if vendor == SQLITE:
            return [], []
        make = (
            f"CREATE OR REPLACE FUNCTION {REFUSAL}() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN RAISE EXCEPTION '%', TG_ARGV[0] "
            "USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        return [make], [f"DROP FUNCTION {REFUSAL}()"]

    return _operation("incidents_incident", statements)


OPEN_MANDATORY = "is_mandatory AND state NOT IN ('done', 'waived', 'cancelled')"
NEW_IS_OPEN = "NEW.is_mandatory AND NEW.state NOT IN ('done', 'waived', 'cancelled')"
CLOSED_WITH_OPEN = "An incident is never closed with an open mandatory task."
OPEN_ON_CLOSED = "A closed incident takes no open mandatory task."


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row change that is refused while `condition` holds.

    On PostgreSQL `locks` is read first: it waits for whoever changes that row at the same moment.
    """

    name: str
    table: str
    event: str
    condition: str
    message: str
    locks: str = ""


def refused(*rules: Refusal) -> migrations.RunPython:
    """Triggers that refuse what `rules` say."""

    def statements(vendor: str, columns: list[str]) -> tuple[list[str], list[str]]:
        make, drop = [], []
        for rule in rules:
            made, dropped = _sqlite(rule) if vendor == SQLITE else _postgresql(rule)
            make += made
            drop += dropped
        return make, drop

    return _operation(rules[0].table, statements)


def _sqlite(rule: Refusal) -> tuple[list[str], list[str]]:
    make = (
        f'CREATE TRIGGER "{rule.name}" BEFORE {rule.event} ON "{rule.table}" '
        f"WHEN {rule.condition} BEGIN SELECT RAISE(ABORT, '{rule.message}'); END"
    )
    return [make], [f'DROP TRIGGER "{rule.name}"']


def _postgresql(rule: Refusal) -> tuple[list[str], list[str]]:
    make = [
        f"CREATE FUNCTION {rule.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {rule.locks} "
        f"IF {rule.condition} THEN RAISE EXCEPTION '{rule.message}' "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
        f'CREATE TRIGGER "{rule.name}" BEFORE {rule.event} ON "{rule.table}" '
        f"FOR EACH ROW EXECUTE FUNCTION {rule.name}()",
    ]
    drop = [
        f'DROP TRIGGER "{rule.name}" ON "{rule.table}"',
        f"DROP FUNCTION {rule.name}()",
    ]
    return make, drop


def closed_means_settled() -> migrations.RunPython:
    """No incident is closed with an open mandatory task, and none gets one while it is closed."""
    has_open = (
        "NEW.state = 'closed' AND EXISTS "
        f"(SELECT 1 FROM incidents_task WHERE incident_id = NEW.id AND {OPEN_MANDATORY})"
    )
    is_open = (
        f"{NEW_IS_OPEN} AND EXISTS "
        "(SELECT 1 FROM incidents_incident WHERE id = NEW.incident_id AND state = 'closed')"
    )
    locks = (
        f"IF {NEW_IS_OPEN} THEN "
        "PERFORM 1 FROM incidents_incident WHERE id = NEW.incident_id FOR UPDATE; END IF;"
    )
    return refused(
        *(
            Refusal(
                f"incidents_incident_settled_{event.lower()}",
                "incidents_incident",
                event,
                has_open,
                CLOSED_WITH_OPEN,
            )
            for event in ("INSERT", "UPDATE")
        ),
        *(
            Refusal(
                f"incidents_task_settled_{event.lower()}",
                "incidents_task",
                event,
                is_open,
                OPEN_ON_CLOSED,
                locks,
            )
            for event in ("INSERT", "UPDATE")
        ),
    )


def work_stays_put() -> migrations.RunPython:
    """Nobody gets rid of a mandatory task by moving it or by calling it optional."""
    return refused(
        Refusal(
            "incidents_incident_keeps_its_number",
            "incidents_incident",
            "UPDATE",
            "NEW.id <> OLD.id",
            "An incident keeps its number.",
        ),
        Refusal(
            "incidents_task_stays",
            "incidents_task",
            "UPDATE",
            "NEW.incident_id <> OLD.incident_id OR NEW.id <> OLD.id",
            "A task stays on its incident.",
        ),
        Refusal(
            "incidents_task_stays_mandatory",
            "incidents_task",
            "UPDATE",
            "OLD.is_mandatory AND NOT NEW.is_mandatory",
            "A mandatory task stays mandatory: waive it.",
        ),
        Refusal(
            "incidents_timelinehead_moves_on",
            "incidents_timelinehead",
            "UPDATE",
            "NEW.length <> OLD.length + 1 OR NEW.incident_id <> OLD.incident_id",
            "A timeline grows by one entry at a time.",
        ),
    )


def acknowledged_once() -> migrations.RunPython:
    """Who acknowledged an alert, and when, is written once; so is when it was sent."""
    return refused(
        Refusal(
            "workflows_alert_acknowledged_once",
            "workflows_alert",
            "UPDATE",
            "(OLD.acknowledged_at IS NOT NULL AND (NEW.acknowledged_at IS NULL "
            "OR NEW.acknowledged_at <> OLD.acknowledged_at "
            "OR NEW.acknowledged_by_id <> OLD.acknowledged_by_id)) "
            "OR (OLD.sent_at IS NOT NULL "
            "AND (NEW.sent_at IS NULL OR NEW.sent_at <> OLD.sent_at))",
            "What is proven of an alert stays.",
        )
    )


def working_together() -> migrations.RunPython:
    """What a second person answered stays answered; a duplicate says of what, and is closed."""
    return refused(
        Refusal(
            "incidents_signature_answered_once",
            "incidents_secondsignature",
            "UPDATE",
            "OLD.answer <> '' OR NEW.asked_by_id <> OLD.asked_by_id OR NEW.act <> OLD.act "
            "OR NEW.incident_id <> OLD.incident_id",
            "A signature is asked for and answered once.",
        ),
        Refusal(
            "incidents_handover_answered_once",
            "incidents_handover",
            "UPDATE",
            "OLD.answer <> '' OR NEW.by_id <> OLD.by_id OR NEW.to_id <> OLD.to_id",
            "A hand-over is answered once.",
        ),
        Refusal(
            "incidents_evidence_stays_a_copy",
            "incidents_evidence",
            "UPDATE OF copied_from_id",
            "1 = 1",
            "Evidence is never changed.",
        ),
        Refusal(
            "incidents_duplicate_is_closed",
            "incidents_incident",
            "UPDATE",
            "NEW.duplicate_of_id IS NOT NULL AND (NEW.duplicate_of_id = NEW.id "
            "OR NEW.state <> 'closed' OR NEW.outcome <> 'duplicate')",
            "A duplicate is closed, with the outcome duplicate, and not one of itself.",
        ),
    )
