"""What the database itself refuses, whoever asks: Django, a driver, or a shell on the server."""

import sqlite3

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from django.db.models import ProtectedError

from incidents import risk
from incidents.models import Incident, NamedPerson
from incidents.states import State
from tests.factories import ASSESSMENT, fresh, make_incident, make_report, make_task
from workflows.models import Attempt

NEVER_DELETED = [
    "incidents.Incident",
    "incidents.Task",
    "incidents.TimelineHead",
    "workflows.Escalation",
    "workflows.PlaybookRun",
]
# Table, and the columns that may change
APPEND_ONLY = {
    "incidents.TimelineEntry": set(),
    "incidents.PriorityChange": set(),
    "incidents.RiskAssessment": set(),
    "incidents.Evidence": set(),
    "incidents.CustodyEvent": set(),
    "workflows.Alert": {
        "state",
        "tries",
        "next_try_at",
        "claimed_at",
        "sent_at",
        "acknowledged_at",
        "acknowledged_by_id",
    },
    "workflows.Attempt": set(),
    "workflows.Match": set(),
    "workflows.MatchRun": set(),
    "workflows.PlaybookVersion": {"is_current"},
    "workflows.RuleVersion": {"is_active"},
    "portal.SignInEvent": set(),
}
PROTECTED = [*NEVER_DELETED, *APPEND_ONLY]


@pytest.fixture
def record(reference, team, reporter):
    """An incident with at least one row in every protected table."""
    file = SimpleUploadedFile("note.txt", b"what I saw")
    incident = make_report(reporter, subject="Data breach", files=[file])
    risk.assess(incident, by=team["handler"], **ASSESSMENT)
    Attempt.objects.create(alert=incident.alerts.first(), succeeded=True, answer="250 OK")
    return fresh(incident)


def is_sqlite() -> bool:
    return connection.vendor == "sqlite"


def refused(statement: str, values: list | None = None) -> str:
    """The sentence with which the database refuses; the transaction goes on."""
    with pytest.raises(IntegrityError) as problem, transaction.atomic():
        run(statement, values)
    return str(problem.value)


def run(statement: str, values: list | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or [])
        return cursor.rowcount


def keys_of(label: str) -> set:
    return set(apps.get_model(label)._base_manager.values_list("pk", flat=True))


def test_no_row_is_ever_deleted(record):
    before = {label: keys_of(label) for label in PROTECTED}
    assert all(before.values())

    for label in PROTECTED:
        model = apps.get_model(label)
        assert "never deleted" in refused(f"DELETE FROM {model._meta.db_table}"), label
        with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic():
            model._base_manager.all()._raw_delete("default")
        with pytest.raises((IntegrityError, ProtectedError)), transaction.atomic():
            model._base_manager.first().delete()

    assert {label: keys_of(label) for label in PROTECTED} == before


def test_no_column_of_an_append_only_row_changes(record):
    for label, mutable in APPEND_ONLY.items():
        model = apps.get_model(label)
        table = model._meta.db_table
        for name in {field.column for field in model._meta.concrete_fields}:
            statement = f'UPDATE {table} SET "{name}" = "{name}"'
            if name in mutable:
                assert run(statement) > 0
            else:
                assert "never changed" in refused(statement), f"{label}.{name}"


def test_the_orm_changes_no_append_only_row_either(record):
    for label in APPEND_ONLY:
        model = apps.get_model(label)
        row = model._base_manager.first()
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            row.save()


def test_no_row_gives_way_to_another(record):
    for label in PROTECTED:
        model = apps.get_model(label)
        table = model._meta.db_table
        if is_sqlite():
            answer = refused(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
            assert "never replaced" in answer, label
        else:
            # By name: the column of the search fills itself, and takes no value.
            quoted = connection.ops.quote_name
            names = ", ".join(quoted(field.column) for field in model._meta.concrete_fields)
            answer = refused(f"INSERT INTO {table} ({names}) SELECT {names} FROM {table}")
            assert "duplicate key" in answer, label


def test_no_row_gives_way_by_an_update_either(record):
    first = "(SELECT MIN(id) FROM incidents_task)"
    verb = "UPDATE OR REPLACE" if is_sqlite() else "UPDATE"
    before = keys_of("incidents.Task")

    assert refused(f"{verb} incidents_task SET id = {first} WHERE id <> {first}")

    assert keys_of("incidents.Task") == before
    assert run("UPDATE incidents_task SET id = id, dedupe_key = dedupe_key") > 0


STAYS = {
    "An incident keeps its number": "UPDATE incidents_incident SET id = id + 1000",
    "A task stays on its incident": "UPDATE incidents_task SET incident_id = {other}",
    "A mandatory task stays mandatory": "UPDATE incidents_task SET is_mandatory = (1 = 0)",
    "grows by one entry": "UPDATE incidents_timelinehead SET length = length - 1",
    "task_done_needs_result": "UPDATE incidents_task SET state = 'done', result = '\u200b \u2003'",
    "needs_reason": "UPDATE incidents_task SET state = 'cancelled', reason = '\ufeff'",
}


@pytest.mark.parametrize(("why", "statement"), STAYS.items(), ids=STAYS)
def test_what_the_record_tells_of_stays_where_it_is(why, statement, record):
    other = make_incident()

    assert why in refused(statement.format(other=other.pk))


def test_what_is_proven_of_an_alert_is_written_once(record):
    alert = record.alerts.filter(kind="alert").first()
    table = f"UPDATE workflows_alert SET {{}} WHERE id = {alert.pk}"
    for column in ("sent_at", "acknowledged_at"):
        assert run(table.format(f"{column} = next_try_at")) == 1

    for column in ("sent_at", "acknowledged_at"):
        assert "proven" in refused(table.format(f"{column} = NULL"))
        assert "proven" in refused(table.format(f"{column} = '2026-11-01 00:00:00+00:00'"))


@pytest.mark.parametrize(
    "label",
    [
        "incidents.TimelineEntry",
        "incidents.Task",
        "incidents.RiskAssessment",
        "workflows.PlaybookRun",
        "workflows.Alert",
    ],
)
def test_no_row_gives_way_by_another_unique_key_than_its_own(label, record):
    model = apps.get_model(label)
    table = model._meta.db_table
    columns = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    names = ", ".join(f'"{name}"' for name in columns)
    verb = "INSERT OR REPLACE" if is_sqlite() else "INSERT"

    answer = refused(f"{verb} INTO {table} ({names}) SELECT {names} FROM {table}")

    assert ("never replaced" if is_sqlite() else "duplicate key") in answer


def test_no_table_is_emptied_at_once(record):
    tables = [apps.get_model(label)._meta.db_table for label in PROTECTED]
    if is_sqlite():
        with pytest.raises(OperationalError, match="syntax error"), transaction.atomic():
            run(f"TRUNCATE {tables[0]}")
        return
    run("SET CONSTRAINTS ALL IMMEDIATE")  # no TRUNCATE before what is deferred was checked

    answers = {table: refused(f"TRUNCATE {table} CASCADE") for table in tables}

    assert all("never deleted" in answer for answer in answers.values())


CONSTRAINTS = {
    "state is known": "UPDATE incidents_incident SET state = 'gone' WHERE id = {incident}",
    "severity from 1": "UPDATE incidents_incident SET severity = 0 WHERE id = {incident}",
    "severity to 4": "UPDATE incidents_incident SET severity = 5 WHERE id = {incident}",
    "urgency from 1": "UPDATE incidents_incident SET urgency = 0 WHERE id = {incident}",
    "urgency to 4": "UPDATE incidents_incident SET urgency = 5 WHERE id = {incident}",
    "priority from 1": "UPDATE incidents_incident SET priority = 0 WHERE id = {incident}",
    "priority to 4": "UPDATE incidents_incident SET priority = 5 WHERE id = {incident}",
    "outcome is known": "UPDATE incidents_incident SET outcome = 'fine' WHERE id = {incident}",
    "done has a result": "UPDATE incidents_task SET state = 'done' WHERE id = {task}",
    "waived has a reason": "UPDATE incidents_task SET state = 'waived' WHERE id = {task}",
    "a task is there once": "UPDATE incidents_task SET dedupe_key = 'same'",
    "one playbook in use": "UPDATE workflows_playbookversion SET is_current = {true}",
    "one rule in use": "UPDATE workflows_ruleversion SET is_active = {true}",
    "a category has codes": "UPDATE incidents_category SET code = ''",
    "a named person is there once": (
        "INSERT INTO incidents_namedperson (incident_id, person_id, added_at) "
        "SELECT incident_id, person_id, added_at FROM incidents_namedperson"
    ),
}


def test_every_constraint_is_the_databases_own(record, handler):
    task = make_task(record)
    NamedPerson.objects.create(incident=record, person=handler)
    for label, flag in (("PlaybookVersion", "is_current"), ("RuleVersion", "is_active")):
        row = apps.get_model("workflows", label).objects.first()
        row.pk, row.version = None, row.version + 1
        setattr(row, flag, False)
        row.save(force_insert=True)
    true = "1" if is_sqlite() else "true"

    for name, statement in CONSTRAINTS.items():
        assert refused(statement.format(incident=record.pk, task=task.pk, true=true)), name


@pytest.mark.parametrize("score", [0, 26])
def test_a_risk_score_is_from_1_to_25(score, record, handler):
    row = record.assessments.get()
    row.pk, row.version, row.score = None, 2, score

    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)

    row.score = 25
    row.save(force_insert=True)


def test_a_plain_connection_without_django_is_refused_as_well(record, tmp_path):
    closed = make_incident("closed")
    statements = [
        f"DELETE FROM incidents_incident WHERE id = {record.pk}",
        f"DELETE FROM incidents_timelineentry WHERE incident_id = {record.pk}",
        "DELETE FROM workflows_alert",
        "DELETE FROM workflows_attempt",
        "UPDATE incidents_timelineentry SET text = 'nothing happened'",
        "UPDATE workflows_attempt SET answer = '250 OK'",
        f"UPDATE incidents_incident SET state = 'closed' WHERE id = {record.pk}",
        (
            "UPDATE incidents_incident SET state = 'closed', outcome = 'confirmed', resolution = "
            f"'Twenty letters and more of it' WHERE id = {record.pk}"
        ),
        f"UPDATE incidents_incident SET resolution = '' WHERE id = {closed.pk}",
        f"UPDATE incidents_incident SET outcome = '' WHERE id = {closed.pk}",
    ]

    answers = plain_answers(statements, tmp_path)

    assert [name for name in answers if name != "IntegrityError"] == []
    assert len(answers) == len(statements)


def plain_answers(statements: list[str], folder) -> list[str]:
    """The class of error with which the bare driver answers each statement."""
    if is_sqlite():
        # A copy, because the database under test is in memory and inside a transaction.
        plain = sqlite3.connect(folder / "copy.sqlite3", isolation_level=None)
        # Without the search index: a dump cannot hold virtual tables, and no rule is about it.
        dump = [each for each in connection.connection.iterdump() if "incidents_search" not in each]
        plain.executescript("\n".join(dump))
        answers = [answer_of(plain.execute, each) for each in statements]
        plain.close()
        return answers
    answers = []
    for each in statements:
        with transaction.atomic():
            cursor = connection.connection.cursor()  # psycopg's own
            answers.append(answer_of(cursor.execute, each))
            transaction.set_rollback(True)
    return answers


def answer_of(execute, statement: str) -> str:
    try:
        execute(statement)
    except Exception as problem:  # noqa: BLE001 - each driver has classes of its own
        names = {each.__name__ for each in type(problem).__mro__}
        return "IntegrityError" if "IntegrityError" in names else repr(problem)
    return f"took {statement}"


def test_what_is_not_protected_may_go(record, handler):
    person = NamedPerson.objects.create(incident=record, person=handler)

    person.delete()

    assert not NamedPerson.objects.exists()
    assert Incident.objects.filter(pk=record.pk).exists()


def refused_sql(sql: str, *values) -> None:
    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, values)


def test_a_mandatory_task_is_not_got_rid_of_by_sql(manager):
    incident, other = make_incident(State.TRIAGE), make_incident(State.TRIAGE)
    task = make_task(incident, is_mandatory=True)

    refused_sql("UPDATE incidents_task SET incident_id = %s WHERE id = %s", other.pk, task.pk)
    refused_sql("UPDATE incidents_task SET is_mandatory = %s WHERE id = %s", False, task.pk)
    refused_sql("UPDATE incidents_task SET state = 'done', result = ' ' WHERE id = %s", task.pk)
    refused_sql("UPDATE incidents_task SET state = 'cancelled' WHERE id = %s", task.pk)
    refused_sql(
        "UPDATE incidents_task SET state = 'waived', reason = %s WHERE id = %s", "\u200b ", task.pk
    )
    refused_sql("UPDATE incidents_incident SET id = id + 1000 WHERE id = %s", incident.pk)


def test_a_timeline_head_never_goes_back(manager):
    incident = make_incident(State.TRIAGE)

    refused_sql(
        "UPDATE incidents_timelinehead SET length = length - 1 WHERE incident_id = %s", incident.pk
    )
