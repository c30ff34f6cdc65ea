"""A form that was open across a sign-in: its token is old, so it is shown again, words and all.

The request is not trusted: nothing of it is stored or done. Its words are kept as a draft, shown
in the form they came from, escaped, and count only when the person sends them once more.
"""

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import add_never_cache_headers

from portal.selfservice import drafts

# How Django's reasons begin when the page was ours; the others tell of a page from elsewhere,
# and its words are not put into anybody's form.
OUR_PAGE = "CSRF "
PAGES = {"report", "report_question", "report_check", "ticket", "ticket_reopen"}


def page(request: HttpRequest, reason: str) -> HttpResponse | None:
    """The way back to the form with what was typed; None when this is no such form."""
    match = request.resolver_match
    is_ours = reason.startswith(OUR_PAGE) and request.method == "POST"
    if match is None or not is_ours or match.view_name not in PAGES:
        return None
    back = drafts.way_back(request)
    answer = redirect(back) if request.user.is_authenticated else redirect_to_login(back)
    add_never_cache_headers(answer)
    return answer
