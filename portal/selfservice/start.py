"""The start page: the number to call, one button, one's own tickets, and first aid."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal import announcements, articles, languages
from portal.selfservice import tickets

SHOWN = 3
ARTICLES_SHOWN = 6


@never_cache
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    is_known = request.user.is_authenticated
    mine = tickets.rows(request.user)[:SHOWN] if is_known else []
    language = languages.now()
    facts = {
        "tickets": tickets.lines(mine),
        "announcements": announcements.current(timezone.now()),
        "articles": articles.published(language)[:ARTICLES_SHOWN],
    }
    return render(request, "portal/start.html", facts)
