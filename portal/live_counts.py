"""The numbers of the rail and of the start page for a page that stands open: `/admin/now/`.

portal/static/portal/live.js asks once in a minute while the page is in sight. That is no use of
the session by a person, so it does not prolong it (portal/session_life.py).
"""

import hashlib
import json

from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers, get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal import rail, what_now
from portal.rail import View


@require_safe
def answer(request: HttpRequest) -> HttpResponse:
    """The numbers by their links; with `facts` those of the start page and what makes them urgent.

    304 for whoever has them already.
    """
    body = json.dumps([_told(view) for view in _views(request)])
    etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
    response = HttpResponse(body, content_type="application/json", headers={"ETag": etag})
    add_never_cache_headers(response)
    return get_conditional_response(request, etag=etag, response=response) or response


def _views(request: HttpRequest) -> list[View]:
    if not rail.has_queue(request.user):
        return []
    lists = rail.counted(request.user)
    if "facts" not in request.GET:
        return lists.links
    return [lists.queue, *what_now.tiles(request.user, lists)]


def _told(view: View) -> dict:
    return {
        "url": view.url,
        "number": view.number,
        "is_hot": view.is_hot,
        "fact": view.fact,
        "said": _("%(list)s: now %(number)s.") % {"list": view.label, "number": view.number},
    }
