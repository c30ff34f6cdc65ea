"""Who is called by name in a note, as `@username` or `@First Last`, and who may know of it."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from incidents import access, roles
from incidents.models import Incident
from incidents.states import Confidentiality

LOOKS_LIKE_A_CALL = re.compile(r"(?<![\w.@])@\w[\w.-]*\w")
SUGGESTED_MOST = 8
TRIED_MOST = 40  # people whose sight is asked for one suggestion


@dataclass
class Called:
    """The people that a text calls; `words` are its own words for those who may see it."""

    people: list[Any] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)
    kept_out: list[str] = field(default_factory=list)


def find(text: str, incident: Incident, *, by) -> Called:
    """Whom `text` calls, oneself apart. No query for a text without an @.

    Who may not see the incident is among `kept_out`: nobody learns of it by being named.
    """
    found = Called()
    if "@" not in text:
        return found
    named = _named()
    if not named:
        return found
    for match in _pattern(named).finditer(text):
        person = named[match[1].casefold()]
        if person is None or match[0] in found.words or match[0] in found.kept_out:
            continue
        if not access.may_see(person, incident):
            found.kept_out.append(match[0])
            continue
        found.words[match[0]] = person.get_username()
        if person != by and person not in found.people:
            found.people.append(person)
    return found


def unknown(text: str) -> list[str]:
    """The words of `text` that look like a call and call nobody. No query for a text without."""
    looks_so = {match[0] for match in LOOKS_LIKE_A_CALL.finditer(text)}
    if not looks_so:
        return []
    calls = [match.span() for match in _pattern(_named()).finditer(text)]
    return sorted(
        {
            match[0]
            for match in LOOKS_LIKE_A_CALL.finditer(text)
            if not any(start == match.start() for start, _end in calls)
        }
    )


def suggested(incident: Incident, typed: str) -> list[Any]:
    """People who may see the incident and whose name or user name has a part that begins so."""
    words = typed.strip()[:60]
    if not words.isprintable():
        return []
    begins = Q(username__istartswith=words) | Q(first_name__istartswith=words)
    begins |= Q(last_name__istartswith=words)
    people = staff().filter(begins).order_by("first_name", "last_name", "username")
    if incident.confidentiality == Confidentiality.RESTRICTED:
        people = people.filter(pk__in=incident.named_people.values("person"))
    seeing = (person for person in people[:TRIED_MOST] if access.may_see(person, incident))
    return [person for person, _n in zip(seeing, range(SUGGESTED_MOST), strict=False)]


def staff() -> QuerySet:
    """Everybody who holds a role."""
    groups = list(roles.GROUP_OF.values())
    return get_user_model().objects.filter(is_active=True, groups__name__in=groups).distinct()


def _named() -> dict[str, Any]:
    """People by both names. A full name that two people bear calls neither: the user name does."""
    people = list(staff())
    alike = Counter(each.get_full_name().casefold() for each in people)
    by_full_name = {
        name: each if alike[name] == 1 else None
        for each in people
        for name in [each.get_full_name().casefold()]
    }
    by_user_name = {each.get_username().casefold(): each for each in people}
    return {name: each for name, each in (by_full_name | by_user_name).items() if name}


def _pattern(names: Iterable[str]) -> re.Pattern[str]:
    """The longest name first, so that @Ann Verbeek is not read as an @Ann; no mail addresses."""
    longest = sorted(names, key=len, reverse=True)
    return re.compile(rf"(?<![\w.@])@({'|'.join(map(re.escape, longest))})(?!\w)", re.IGNORECASE)
