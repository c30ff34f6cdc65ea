"""Downloads of one's own files: always as an attachment, never run or shown by the browser."""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from incidents import evidence
from portal.selfservice import tickets

# Should a browser open it after all, it may do nothing there.
SANDBOX = "sandbox; default-src 'none'"


@login_required
@never_cache
@require_safe
def download(request: HttpRequest, reference: str, key) -> FileResponse:
    """A file that the reporter sent in; those of the team do not exist here."""
    incident = tickets.find(request.user, reference)
    found = incident.evidence.filter(from_reporter=True, key=key).first()
    if found is None:
        raise Http404
    content = evidence.open_content(found, by=request.user, purpose="own upload")
    response = FileResponse(
        content, as_attachment=True, filename=found.name, content_type=found.content_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = SANDBOX
    return response
