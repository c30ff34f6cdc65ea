"""The fixed words of rules 3 and 7, in their clean spelling. Every language counts everywhere."""


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def phrases(text: str) -> dict[str, list[list[str]]]:
    """Return the phrases, one a line, as words, under the first of them."""
    found: dict[str, list[list[str]]] = {}
    for line in text.strip().splitlines():
        found.setdefault(line.split()[0], []).append(line.split())
    return found


CUES = words(
    """
    no not never without none nobody cannot isn't wasn't aren't weren't didn't doesn't hasn't
    haven't can't don't
    geen niet zonder nooit niemand noch
    kein keine keinen keinem keiner keines nicht ohne nie niemand weder
    pas aucun aucune sans jamais ni
    """
)
STOPS = words("but however maar echter aber jedoch mais")

DOUBTS = phrases(
    """
    not sure
    don't know
    do not know
    don't think
    unclear
    unknown
    whether
    if
    weet niet
    niet zeker
    onduidelijk
    misschien
    nicht sicher
    weiss nicht
    unklar
    vielleicht
    pas sur
    sais pas
    peut-etre
    """
)

# These deny a hit that stands before them.
DENIALS = phrases(
    """
    ruled out
    excluded
    uitgesloten
    ausgeschlossen
    exclu
    exclue
    """
)

# A hit with one of these after it speaks of rules or lessons, seldom of an incident.
PROCEDURE = words(
    """
    policy policies procedure procedures training form forms protocol register
    beleid formulier formulieren reglement opleiding
    richtlinie richtlinien leitlinie verfahren formular schulung
    formation formulaire politique
    """
)
