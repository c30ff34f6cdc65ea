"""What is done with kept words: put into the form they were typed in, or thrown away."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.encoding import escape_uri_path
from django.utils.http import escape_leading_slashes
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from portal.selfservice import drafts


@never_cache
@require_POST
@login_required
def settle(request: HttpRequest, key: UUID) -> HttpResponse:
    """Take the words as one's own, or discard them; then back to their page."""
    draft = drafts.find(request, key)
    if draft is None:
        raise Http404
    path = escape_leading_slashes(escape_uri_path(draft.path))
    query = QueryDict(request.POST.get("query", ""), mutable=True)
    query.pop(drafts.PARAMETER, None)
    if "use" in request.POST:
        drafts.take(draft, by=request.user)
        return redirect(drafts.address(path, query, draft))
    draft.delete()
    return redirect(drafts.address(path, query, None))
