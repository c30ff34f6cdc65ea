"""Who owns an incident: taking it, or giving it to somebody."""

from incidents import facts, lifecycle
from incidents.models import Incident
from incidents.states import State


def take(incident: Incident, *, by) -> Incident:
    """`by` owns it from now on; taking a new incident acknowledges it. Raises as give() does."""
    return give(incident, by.get_username(), by=by)


def give(incident: Incident, username: str, *, by) -> Incident:
    """Give it an owner; that acknowledges a new one.

    Raises what the step and facts.edit() raise: ValidationError, rights.Denied, records.Closed and
    lifecycle.TransitionRefused.
    """
    if incident.state == State.NEW:
        return lifecycle.transition(incident, "acknowledge", by=by, inputs={"owner": username})
    return facts.edit(incident, {"owner": username}, by=by)
