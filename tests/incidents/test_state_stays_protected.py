"""Reading an incident anew takes the protection off its state for nobody, in no thread."""

import pytest
from django.db import connection

from incidents.models import Incident
from incidents.states import State
from tests.factories import make_incident

pytestmark = pytest.mark.django_db


def is_protected() -> bool:
    return Incident._meta.get_field("state").protected


def test_the_state_is_protected_while_a_row_is_read_anew():
    incident = make_incident()
    seen = []

    def look(execute, *query):
        seen.append(is_protected())
        return execute(*query)

    with connection.execute_wrapper(look):
        incident.refresh_from_db()

    assert seen == [True]


def test_it_stays_protected_when_the_row_cannot_be_read():
    incident = make_incident()
    incident.pk += 1

    with pytest.raises(Incident.DoesNotExist):
        incident.refresh_from_db()

    assert incident.state == State.NEW
    with pytest.raises(AttributeError):
        incident.state = State.CLOSED


def test_the_new_state_is_read_and_is_protected_again():
    incident = make_incident()
    Incident.objects.filter(pk=incident.pk).update(state=State.TRIAGE)

    incident.refresh_from_db()

    assert incident.state == State.TRIAGE
    with pytest.raises(AttributeError):
        incident.state = State.CLOSED


def test_reading_one_field_anew_leaves_the_others_as_they_were():
    incident = make_incident()
    before = incident.description
    Incident.objects.filter(pk=incident.pk).update(
        subject="Another subject", description="Another description"
    )

    incident.refresh_from_db(fields=["subject"])

    assert (incident.subject, incident.description) == ("Another subject", before)
    assert incident.state == State.NEW


def test_a_state_that_was_not_read_is_read_when_it_is_asked_for():
    key = make_incident().pk

    incident = Incident.objects.only("subject").get(pk=key)

    assert incident.state == State.NEW
