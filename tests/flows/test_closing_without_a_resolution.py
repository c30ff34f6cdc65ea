"""No path closes an incident without a resolution and an outcome, or with mandatory work open.

Each path is a function that tries to close the incident with the words it is given, and raises
when it is refused. Beside every refusal stands the permission: the same path, nothing lacking.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core import serializers
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django_fsm import ConcurrentTransition, TransitionNotAllowed

from incidents import facts, lifecycle
from incidents.models import Incident, Task
from incidents.states import State
from tests.calling import Caller
from tests.console import Console, on
from tests.factories import RESOLUTION, fresh, make_incident, make_task


class Refused(Exception):
    """A door answered that it does not do this."""


REFUSALS = (
    Refused,
    AttributeError,  # the protected field
    ConcurrentTransition,  # an object whose state is not that of the row
    IntegrityError,  # the database
    TransitionNotAllowed,  # the methods of the model
    ValidationError,
    lifecycle.TransitionRefused,
)
GOOD = {"resolution": RESOLUTION, "outcome": "false_positive"}
# What each attempt lacks
LACKING = {
    "no resolution": {"resolution": ""},
    "spaces": {"resolution": " " * 40},
    "line breaks": {"resolution": "\n" * 40},
    "white space of all kinds": {"resolution": " \t\r\n\v\f\u00a0\u2003\u3000" * 5},
    "zero-width characters": {"resolution": "\u200b\u200d\u2060\ufeff" * 10},
    "letters that show nothing": {"resolution": "\u2800\u3164\u115f" * 10},
    "dots far apart": {"resolution": "." + " " * 60 + "\n" * 60 + "."},
    "nineteen characters": {"resolution": "Nineteen characters"[:19]},
    "no outcome": {"outcome": ""},
    "an outcome that does not exist": {"outcome": "solved"},
}
Path = Callable[[Incident, dict[str, str]], Any]


def model_save(incident, ending):
    with_state(incident, ending).save()


def constructor(incident, ending):
    Incident(state=State.CLOSED, **birth(incident), **ending).save()


def constructor_over_the_row(incident, ending):
    Incident(pk=incident.pk, state=State.CLOSED, **birth(incident), **ending).save()


def assignment(incident, ending):
    incident.state = State.CLOSED
    incident.save()


def setting_the_field(incident, ending):
    setattr(incident, "outcome", ending["outcome"])  # noqa: B010 - the path is what is shown
    Incident._meta.get_field("state").set_state(incident, State.CLOSED)
    incident.resolution = ending["resolution"]
    incident.save(update_fields=["state", "resolution", "outcome"])


def close_method(incident, ending):
    incident.resolution, incident.outcome = ending["resolution"], ending["outcome"]
    incident.close()
    incident.save()


def queryset_update(incident, ending):
    Incident.objects.filter(pk=incident.pk).update(state=State.CLOSED, **ending)


def bulk_update(incident, ending):
    Incident.objects.bulk_update([with_state(incident, ending)], ["state", "resolution", "outcome"])


def bulk_create(incident, ending):
    Incident.objects.bulk_create([Incident(state=State.CLOSED, **birth(incident), **ending)])


def bulk_create_over_the_row(incident, ending):
    Incident.objects.bulk_create(
        [with_state(incident, ending)],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["state", "resolution", "outcome"],
    )


def update_or_create(incident, ending):
    Incident.objects.update_or_create(pk=incident.pk, defaults={"state": State.CLOSED, **ending})


def creating_by_update_or_create(incident, ending):
    defaults = {"state": State.CLOSED, **birth(incident), **ending}
    Incident.objects.update_or_create(pk=incident.pk + 1000, defaults=defaults)


def fixture(incident, ending):
    (row,) = json.loads(serializers.serialize("json", [incident]))
    row["fields"] |= {"state": State.CLOSED, **ending}
    for each in serializers.deserialize("json", json.dumps([row])):
        each.save()


def sql_update(incident, ending):
    sql(
        "UPDATE incidents_incident SET state = 'closed', resolution = %s, outcome = %s "
        "WHERE id = %s",
        [ending["resolution"], ending["outcome"], incident.pk],
    )


def sql_insert(incident, ending):
    columns = [field.column for field in Incident._meta.concrete_fields]
    changed = {"id": incident.pk + 1000, "state": "closed", **ending}
    wanted = ", ".join("%s" if name in changed else f'"{name}"' for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    sql(
        f"INSERT INTO incidents_incident ({names}) SELECT {wanted} FROM incidents_incident "
        "WHERE id = %s",
        [*(changed[name] for name in columns if name in changed), incident.pk],
    )


def facts_edit(incident, ending):
    facts.edit(incident, {"state": State.CLOSED, **ending}, by=incident.owner)


def transition(incident, ending):
    lifecycle.transition(incident, "close", by=incident.owner, inputs=ending)


def console_form(incident, ending):
    answer = Console(incident.owner).post(on(incident, "transition/close"), **ending)
    refuse_unless(answer.status_code == 302, answer)


def crafted_console_post(incident, ending):
    """Fields that no form has, on every page that takes a POST of the change form."""
    words = {"state": "closed", "_save": "Save", "action": "close", **ending}
    for page in ("change", "facts", "grade", "take", "milestone", "transition/acknowledge"):
        Console(incident.owner).post(on(incident, page), **words)
    raise Refused


def console_bulk_action(incident, ending):
    """The queue has one action; any other name, and any state beside it, changes nothing."""
    for action in ("take", "close", "delete_selected"):
        Console(incident.owner).post(
            "incidents/incident/",
            action=action,
            _selected_action=[incident.pk],
            index="0",
            select_across="0",
            **{"state": "closed", **ending},
        )
    raise Refused


def api_patch(incident, ending):
    answer = Caller(incident.owner).patch(
        f"incidents/{incident.reference}/", {"state": "closed", **ending}
    )
    refuse_unless(answer.status_code == 200, answer)


def api_transition(incident, ending):
    answer = Caller(incident.owner).post(
        f"incidents/{incident.reference}/transitions/", {"transition": "close", "inputs": ending}
    )
    refuse_unless(answer.status_code == 200, answer)


def api_put(incident, ending):
    answer = Caller(incident.owner).send(
        "put", f"incidents/{incident.reference}/", {"state": "closed", **ending}
    )
    refuse_unless(answer.status_code == 200, answer)


def refuse_unless(is_done: bool, answer) -> None:
    if not is_done:
        assert answer.status_code < 500, answer.content[:2000]
        raise Refused


def birth(incident: Incident) -> dict[str, Any]:
    """What a row needs besides its end."""
    return {
        "department": incident.department,
        "subject": incident.subject,
        "description": incident.description,
        "noticed_at": incident.noticed_at,
        "reported_via": incident.reported_via,
    }


def with_state(incident: Incident, ending: dict[str, str]) -> Incident:
    """The incident in memory as if it were closed, past the protected field."""
    incident.__dict__.update(state=State.CLOSED, **ending)
    return incident


def sql(statement: str, values: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


ALWAYS_REFUSED = [
    api_patch,
    api_put,
    assignment,
    console_bulk_action,
    constructor_over_the_row,
    crafted_console_post,
    facts_edit,
    fixture,
    update_or_create,
]
NEW_ROW = [constructor, bulk_create, creating_by_update_or_create, sql_insert]
SAME_ROW = [
    model_save,
    setting_the_field,
    close_method,
    queryset_update,
    bulk_update,
    sql_update,
    transition,
    console_form,
    api_transition,
]
# PostgreSQL takes an upsert that lacks nothing, SQLite none on a table whose rows are not replaced
UPSERT = [bulk_create_over_the_row]
EVERY_PATH = [*ALWAYS_REFUSED, *NEW_ROW, *SAME_ROW, *UPSERT]


def name_of(path: Path) -> str:
    return path.__name__.replace("_", " ")


@pytest.fixture
def incident(db):
    """Resolved and ready to be closed, but for its resolution and its outcome."""
    return make_incident(State.RESOLVED, resolution="", outcome="")


@pytest.mark.parametrize("lacking", LACKING.values(), ids=LACKING)
@pytest.mark.parametrize("path", EVERY_PATH, ids=name_of)
def test_no_path_closes_an_incident_without_a_resolution_and_an_outcome(path, lacking, incident):
    before = fresh(incident)

    with pytest.raises(REFUSALS), transaction.atomic():
        path(incident, {**GOOD, **lacking})

    after = fresh(incident)
    assert (after.state, after.resolution, after.outcome) == (State.RESOLVED, "", "")
    assert after.version == before.version
    assert not Incident.objects.filter(state=State.CLOSED).exists()


@pytest.mark.parametrize("path", [*ALWAYS_REFUSED, *SAME_ROW, *UPSERT], ids=name_of)
def test_no_path_closes_an_incident_with_mandatory_work_open(path, incident):
    make_task(incident, is_mandatory=True, phase="learn")

    with pytest.raises(REFUSALS), transaction.atomic():
        path(incident, GOOD)

    assert fresh(incident).state == State.RESOLVED


@pytest.mark.parametrize("path", ALWAYS_REFUSED, ids=name_of)
def test_some_paths_close_nothing_whatever_they_are_given(path, incident):
    with pytest.raises(REFUSALS), transaction.atomic():
        path(incident, GOOD)

    assert fresh(incident).state == State.RESOLVED


@pytest.mark.parametrize("path", [*NEW_ROW, *SAME_ROW], ids=name_of)
def test_the_same_path_closes_an_incident_that_lacks_nothing(path, incident):
    path(incident, GOOD)

    closed = Incident.objects.get(state=State.CLOSED)
    assert closed.resolution == RESOLUTION


@pytest.mark.parametrize("lacking", LACKING.values(), ids=LACKING)
@pytest.mark.parametrize("step", ["dismiss", "refute"])
def test_the_short_ways_out_need_a_resolution_too(step, lacking, manager):
    source = {"dismiss": State.TRIAGE, "refute": State.RESPONDING}[step]
    incident = make_incident(source)

    inputs = {**GOOD, **lacking, **({"reason": "A test."} if step == "refute" else {})}

    with pytest.raises(REFUSALS), transaction.atomic():
        lifecycle.transition(incident, step, by=manager, inputs=inputs)

    assert fresh(incident).state == source


@pytest.mark.parametrize("step", ["close", "dismiss", "refute"])
@pytest.mark.parametrize("state", [State.NEW, State.TRIAGE, State.RESPONDING, State.RESOLVED])
def test_the_methods_of_the_model_close_nothing_that_is_not_ready(state, step, db):
    incident = make_incident(state, resolution="", outcome="")

    with pytest.raises(TransitionNotAllowed):
        getattr(incident, step)()

    assert fresh(incident).state == state


@pytest.mark.parametrize("lacking", LACKING.values(), ids=LACKING)
def test_a_closed_incident_does_not_lose_its_resolution(lacking, db):
    incident = make_incident(State.CLOSED)

    with pytest.raises(IntegrityError), transaction.atomic():
        Incident.objects.filter(pk=incident.pk).update(**lacking)

    assert fresh(incident).resolution == RESOLUTION


def test_a_closed_incident_takes_no_open_mandatory_task(db):
    open_one, closed_one = make_incident(State.RESPONDING), make_incident(State.CLOSED)
    mandatory, voluntary = make_task(open_one, is_mandatory=True), make_task(open_one)
    for number, task in enumerate((mandatory, voluntary)):
        task.pk, task.incident, task.dedupe_key = None, closed_one, f"late-{number}"

    with pytest.raises(IntegrityError, match="open mandatory"), transaction.atomic():
        Task.objects.bulk_create([mandatory])

    Task.objects.bulk_create([voluntary])
    with pytest.raises(IntegrityError, match="open mandatory"), transaction.atomic():
        sql("UPDATE incidents_task SET is_mandatory = %s WHERE dedupe_key = 'late-1'", [True])


@pytest.mark.parametrize(
    "way_out",
    [
        "UPDATE incidents_task SET incident_id = %s WHERE incident_id = %s",
        "UPDATE incidents_task SET is_mandatory = (1 = 0), id = id + %s * 0 WHERE incident_id = %s",
        "UPDATE incidents_task SET state = 'waived', id = id + %s * 0 WHERE incident_id = %s",
        "UPDATE incidents_task SET state = 'cancelled', id = id + %s * 0 WHERE incident_id = %s",
        "UPDATE incidents_task SET state = 'done', id = id + %s * 0 WHERE incident_id = %s",
    ],
)
def test_mandatory_work_is_not_got_rid_of_first(way_out, incident):
    other = make_incident()
    task = make_task(incident, is_mandatory=True, phase="learn")

    with pytest.raises(IntegrityError), transaction.atomic():
        sql(way_out, [other.pk, incident.pk])
    with pytest.raises(IntegrityError), transaction.atomic():
        queryset_update(incident, GOOD)

    assert (fresh(task).incident, fresh(task).state) == (incident, "todo")
    assert fresh(incident).state == State.RESOLVED
