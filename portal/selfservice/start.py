"""The start page: the number to call, one button, and one's own tickets."""

from django.db.models import Case, Q, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from incidents.states import State, WaitingOn
from portal.selfservice import tickets

SHOWN = 3
# A question must not slip out of sight because the reporter has reported more since.
ASKED_FIRST = Case(
    When(Q(waiting_on=WaitingOn.REPORTER) & ~Q(state=State.CLOSED), then=Value(0)),
    default=Value(1),
)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    is_known = request.user.is_authenticated
    mine = tickets.rows(request.user).order_by(ASKED_FIRST, "-pk")[:SHOWN] if is_known else []
    return render(request, "portal/start.html", {"tickets": tickets.lines(mine)})
