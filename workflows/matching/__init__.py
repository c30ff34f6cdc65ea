"""Finds the phrases of the lists in a report, and says what they mean (DOMAIN.md 7.1).

Pure: texts in, hits and verdicts out. Nothing here knows of Django, rows or time.
"""

from .lists import CODES, Phrase, PhraseError, PhraseList, PhraseLists, load_shipped, parse_list
from .matcher import Result, match
from .verdicts import Hit

__all__ = [
    "CODES",
    "Hit",
    "Phrase",
    "PhraseError",
    "PhraseList",
    "PhraseLists",
    "Result",
    "load_shipped",
    "match",
    "parse_list",
]
