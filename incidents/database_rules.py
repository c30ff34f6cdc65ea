"""Rules that the database itself keeps: triggers in plain SQLite and PostgreSQL.

They use the database's own functions only, so that they hold for `sqlite3` and `psql` too.
Used by migrations; do not change what an applied migration calls, add to it.
"""

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


def closed_means_settled() -> migrations.RunPython:
    """No incident is closed with an open mandatory task, and none gets one while it is closed."""
    return _operation("incidents_incident", _settled_sql)


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
CLOSED_WITH_OPEN = "An incident is never closed with an open mandatory task."
OPEN_ON_CLOSED = "A closed incident takes no open mandatory task."


def _settled_sql(vendor: str, columns: list[str]) -> tuple[list[str], list[str]]:
    has_open = (
        f"EXISTS (SELECT 1 FROM incidents_task WHERE incident_id = NEW.id AND {OPEN_MANDATORY})"
    )
    is_open = (
        "NEW.is_mandatory AND NEW.state NOT IN ('done', 'waived', 'cancelled') AND EXISTS "
        "(SELECT 1 FROM incidents_incident WHERE id = NEW.incident_id AND state = 'closed')"
    )
    rules = [
        ("incidents_incident", "insert", f"NEW.state = 'closed' AND {has_open}", CLOSED_WITH_OPEN),
        ("incidents_incident", "update", f"NEW.state = 'closed' AND {has_open}", CLOSED_WITH_OPEN),
        ("incidents_task", "insert", is_open, OPEN_ON_CLOSED),
        ("incidents_task", "update", is_open, OPEN_ON_CLOSED),
    ]
    make, drop = [], []
    for table, event, condition, message in rules:
        name = f"{table}_settled_{event}"
        if vendor == SQLITE:
            make.append(
                f'CREATE TRIGGER "{name}" BEFORE {event.upper()} ON "{table}" WHEN {condition} '
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
            drop.append(f'DROP TRIGGER "{name}"')
        else:
            make += [
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"IF {condition} THEN RAISE EXCEPTION '{message}' "
                "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
                f'CREATE TRIGGER "{name}" BEFORE {event.upper()} ON "{table}" '
                f"FOR EACH ROW EXECUTE FUNCTION {name}()",
            ]
            drop += [f'DROP TRIGGER "{name}" ON "{table}"', f"DROP FUNCTION {name}()"]
    return make, drop
