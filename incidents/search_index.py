"""The full-text index as the databases build it. Used by migrations; see incidents/search.py."""

import unicodedata

from django.db import migrations

SQLITE = "sqlite"
TABLE = "incidents_incident"
# What people wrote about the incident itself. Nothing internal: reporters search it too.
COLUMNS = (
    "subject",
    "description",
    "concerned",
    "supplier",
    "workspaces_text",
    "virtual_machines_text",
)
PUNCTUATION = "".join(chr(code) for code in range(0x21, 0x7F) if not chr(code).isalnum())


def text_index() -> migrations.RunPython:
    """Build the index from the rows that are there, and have the database keep it."""

    def forward(_apps, editor) -> None:
        statements = _sqlite() if editor.connection.vendor == SQLITE else _postgresql()
        for statement in statements:
            editor.execute(statement, params=None)

    def backward(_apps, editor) -> None:
        undo = _undo_sqlite() if editor.connection.vendor == SQLITE else _undo_postgresql()
        for statement in undo:
            editor.execute(statement, params=None)

    return migrations.RunPython(forward, backward)


def sqlite_triggers() -> list[str]:
    """What keeps the index in step; a migration that rebuilds the table runs them again."""
    names, changed = ", ".join(COLUMNS), " OR ".join(f"OLD.{c} IS NOT NEW.{c}" for c in COLUMNS)
    new = ", ".join(f"NEW.{column}" for column in COLUMNS)
    old = ", ".join(f"OLD.{column}" for column in COLUMNS)
    add = f"INSERT INTO incidents_search(rowid, {names}) VALUES (NEW.id, {new});"  # noqa: S608
    drop = (
        f"INSERT INTO incidents_search(incidents_search, rowid, {names})"  # noqa: S608 - own names
        f" VALUES ('delete', OLD.id, {old});"
    )
    return [
        f"CREATE TRIGGER incidents_search_add AFTER INSERT ON {TABLE} BEGIN {add} END",
        f"CREATE TRIGGER incidents_search_change AFTER UPDATE ON {TABLE} WHEN {changed}"
        f" BEGIN {drop} {add} END",
    ]


def _sqlite() -> list[str]:
    names = ", ".join(COLUMNS)
    return [
        f"CREATE VIRTUAL TABLE incidents_search USING fts5({names}, content='{TABLE}',"
        " content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "INSERT INTO incidents_search(incidents_search) VALUES ('rebuild')",
        *sqlite_triggers(),
    ]


def _undo_sqlite() -> list[str]:
    return [
        "DROP TRIGGER incidents_search_add",
        "DROP TRIGGER incidents_search_change",
        "DROP TABLE incidents_search",
    ]


def _postgresql() -> list[str]:
    """One word is one word in both databases: the parser of PostgreSQL sees hosts and hyphens."""
    text = " || ' ' || ".join(f"coalesce({column}, '')" for column in COLUMNS)
    accented, bare = _without_accents()
    blanks = " " * len(PUNCTUATION)
    given = _quoted(accented + PUNCTUATION)
    plain = f"translate(lower({text}), {given}, {_quoted(bare + blanks)})"
    return [
        f"ALTER TABLE {TABLE} ADD COLUMN search tsvector"
        f" GENERATED ALWAYS AS (to_tsvector('simple', {plain})) STORED",
        f"CREATE INDEX incident_search ON {TABLE} USING gin (search)",
    ]


def _undo_postgresql() -> list[str]:
    return [f"ALTER TABLE {TABLE} DROP COLUMN search"]


def _without_accents() -> tuple[str, str]:
    """Latin letters with marks, and the letters below the marks, place by place."""
    pairs = []
    for code in [*range(0xC0, 0x250), *range(0x1E00, 0x1F00)]:
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii() and base.isalpha():
            pairs.append((chr(code), base.lower()))
    return "".join(pair[0] for pair in pairs), "".join(pair[1] for pair in pairs)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
