"""Downloads of one's own files."""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from incidents import downloads
from portal.selfservice import tickets


@never_cache
@require_safe
@login_required
def download(request: HttpRequest, reference: str, key) -> FileResponse:
    """A file that the reporter sent in; those of the team do not exist here."""
    incident = tickets.find(request.user, reference)
    found = incident.evidence.filter(from_reporter=True, key=key).first()
    if found is None:
        raise Http404
    return downloads.attachment(found, by=request.user, purpose="own upload")
