"""One's own open tickets that are like what one describes: add to them, or report anew."""

import re

from django.core.exceptions import PermissionDenied
from django.db.models.functions import Left
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from incidents import access
from incidents.models import Incident
from incidents.states import State
from workflows.matching.cleaning import fold

READ_MOST = 20_000  # characters of what is typed
READ_OF_TICKET = 4_000
TICKETS_MOST = 50
SHOWN_MOST = 3
SHARED_LEAST = 2  # words; of one word in common nothing follows
ALIKE_FROM = 0.4  # of the shorter text's words
WORD = re.compile(r"\w{3,}")
STEM = 6

# Words that say nothing about what happened, in our four languages.
SILENT = frozenset(
    fold(
        """
        about after again all also and any are been before but can cannot could did does for from
        get got had has have her him his how into its just like may more not now off one our out
        over see seen she should since some somebody someone something than that the their them
        then there they this today until very was were what when where which who why will with
        would yesterday you your please think know because

        aan alle als ander andere ben bij daar dan dat deze die dit door een geen gisteren had heb
        hebben heeft het hier hij hoe iemand iets kan maar meer met mij mijn moet naar niet nog
        ook onze over toen tot uit van vandaag veel voor waar want was wat weer werd wie wij
        worden wordt zag zal zich zij zijn zonder gezien

        aber alle als auch auf aus bei bin bis das dass dem den der des die dies diese dieser doch
        ein eine einem einen einer eines etwas für gestern habe haben hat hatte heute hier ich
        ihr ihre ist jemand kann kein keine man mein meine meinem meinen meiner mich mir mit nach
        nicht noch nur oder ohne schon sehr sein seine sich sie sind und uns unser unter von vor
        war was weil wenn wer wie wieder wir wird wurde zum zur

        alors après aussi autre avant avec ces cet cette chez comme dans depuis des donc elle elles
        est été être fait hier ils les leur leurs lui mais mes moi mon même nos notre nous par pas
        plus pour quand que quelque quelqu qui quoi sans ses son sont sur tous tout très une vos
        votre vous était aujourd hui
        """
    ).split()
)


@never_cache
@require_POST
def fragment(request: HttpRequest) -> HttpResponse:
    """What portal/describe.js shows while somebody types; empty when nothing is alike."""
    if not request.user.is_authenticated:
        raise PermissionDenied(_("Sign in first."))
    found = of(request.user, request.POST.get("text", ""))
    return render(request, "portal/_similar.html", {"similar": found})


def of(user, text: str, *, apart_from: Incident | None = None) -> list[Incident]:
    """The user's own open tickets most like `text`, the most alike first. One query.

    Never anybody else's. `apart_from` is the one that is being described.
    """
    wanted = telling(text[:READ_MOST])
    if len(wanted) < SHARED_LEAST:
        return []
    rows = [row for row in _open(user) if apart_from is None or row.pk != apart_from.pk]
    scores = {row.pk: alike(wanted, telling(f"{row.subject} {row.opening}")) for row in rows}
    found = [row for row in rows if scores[row.pk] >= ALIKE_FROM]
    return sorted(found, key=lambda row: (-scores[row.pk], -row.pk))[:SHOWN_MOST]


def telling(text: str) -> set[str]:
    """The words that tell something, without endings: laptops and Laptop are the same one."""
    words = (word for word in WORD.findall(fold(text)) if word not in SILENT)
    return {word.rstrip("s")[:STEM] for word in words}


def alike(one: set[str], other: set[str]) -> float:
    """How much of the shorter text the longer one has as well; 0 if they share next to nothing."""
    shared = len(one & other)
    return shared / min(len(one), len(other)) if shared >= SHARED_LEAST else 0.0


def _open(user):
    rows = access.tickets_of(user).exclude(state=State.CLOSED).order_by("-pk")
    return rows.annotate(opening=Left("description", READ_OF_TICKET)).defer("description")[
        :TICKETS_MOST
    ]
