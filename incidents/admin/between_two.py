"""How the timeline tells of two incidents: merged, split off again, linked."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from incidents.models import TimelineEntry

SENTENCES = {
    "merged": gettext_lazy("merged %s into this one"),
    "split": gettext_lazy("split %s off again"),
    "linked": gettext_lazy("linked %s"),
    "wrote": gettext_lazy("says that the reporter of %s has written there"),
}


def sentence(entry: TimelineEntry) -> str:
    """What was done with which other incident; nothing for any other entry."""
    found = [str(words) % entry.data[act] for act, words in SENTENCES.items() if act in entry.data]
    return found[0] if found else ""


def brought(entry: TimelineEntry) -> list[str]:
    """What came along with a merge, beside the facts."""
    told = []
    if files := len(entry.data.get("files") or []):
        told.append(ngettext("%d file copied", "%d files copied", files) % files)
    if tasks := entry.data.get("tasks"):
        told.append(_("Tasks that go on here: %s") % ", ".join(tasks))
    return told
