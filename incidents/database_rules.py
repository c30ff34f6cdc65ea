"""Rules that the database itself keeps: triggers in plain SQLite and PostgreSQL.

They use the database's own functions only, so that they hold for `sqlite3` and `psql` too.
Used by migrations; do not change what an applied migration calls, add to it.
"""

from django.db import migrations

REFUSAL = "tocsin_refuse"
SQLITE = "sqlite"


def append_only(table: str, *, mutable: tuple[str, ...] = ()) -> migrations.RunPython:
    """No DELETE and no UPDATE of `table`, but for updates of the `mutable` columns alone."""
    return _operation(table, _refusals(table, deletes=True, updates=True, mutable=mutable))


def never_deleted(table: str) -> migrations.RunPython:
    """No DELETE of rows of `table`."""
    return _operation(table, _refusals(table, deletes=True, updates=False, mutable=()))


def closed_means_settled() -> migrations.RunPython:
    """No incident is closed with an open mandatory task, and none gets one while it is closed."""
    return _operation("incidents_incident", _settled_sql)


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
