"""How the timeline tells of two incidents: merged, split off again, linked."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from incidents import access
from incidents.models import TimelineEntry

SENTENCES = {
    "merged": gettext_lazy("merged %s into this one"),
    "split": gettext_lazy("split %s off again"),
    "linked": gettext_lazy("linked %s"),
    "wrote": gettext_lazy("says that the reporter of %s has written there"),
}
# The same of an incident that not every reader may know.
UNNAMED = {
    "merged": gettext_lazy("merged another incident into this one"),
    "split": gettext_lazy("split another incident off again"),
    "linked": gettext_lazy("linked another incident"),
    "wrote": gettext_lazy("says that the reporter of another incident has written there"),
}


def sentence(entry: TimelineEntry) -> str:
    """What was done with which other incident; nothing for any other entry."""
    act = next((each for each in SENTENCES if each in entry.data), "")
    name = entry.data.get(act, "")
    if name == access.UNNAMED:
        return str(UNNAMED[act])
    return str(SENTENCES[act]) % name if act else ""


def named(reference: str) -> str:
    """The other incident, as a reader of the timeline may know it."""
    return _("another incident") if reference == access.UNNAMED else reference


def brought(entry: TimelineEntry) -> list[str]:
    """What came along with a merge, beside the facts."""
    told = []
    if files := len(entry.data.get("files") or []):
        told.append(ngettext("%d file copied", "%d files copied", files) % files)
    if tasks := entry.data.get("tasks"):
        told.append(_("Tasks that go on here: %s") % ", ".join(tasks))
    return told
