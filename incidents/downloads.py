"""Evidence on its way out: an attachment that a browser neither shows nor runs nor keeps."""

from django.http import FileResponse

from incidents.evidence import open_content
from incidents.models import Evidence

INERT = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def attachment(evidence: Evidence, *, by, purpose: str) -> FileResponse:
    """The bytes as they came; that `by` opened them goes into the chain of custody.

    Asks for no right: each door knows its own readers.
    """
    return FileResponse(
        open_content(evidence, by=by, purpose=purpose),
        as_attachment=True,
        filename=evidence.name,
        content_type="application/octet-stream",
        headers=INERT,
    )
