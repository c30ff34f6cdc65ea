"""The start page: the number to call, one button, and one's own tickets."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.selfservice import tickets

SHOWN = 3


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    mine = tickets.rows(request.user)[:SHOWN] if request.user.is_authenticated else []
    return render(request, "portal/start.html", {"tickets": tickets.lines(mine)})
