"""Rule 8: what the hits and the form answers say about each playbook."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

FULL = "full"
CONFIRM = "confirm"
FALLBACK = "RISK"

# Field 7 of the report form. "something_else" is no hit.
ABOUT = {
    "data_breach": "DB",
    "suspicious_mail": "PHISH",
    "malware": "MAL",
    "lost_device": "LOST",
    "account_or_access": "ACC",
    "service_down": "DOS",
    "weakness_found": "VULN",
    "colleague_or_insider": "INSIDER",
    "supplier": "SUPP",
}
# Field 11: is personal data involved? The value tells whether the answer only asks for a look.
PERSONAL_DATA = {"yes": False, "possibly": False, "unknown": True}


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase that stands in a report, or a form answer that counts as one.

    `start` and `end` are code points of the original field; both are 0 for a form answer, whose
    code is the `text`.
    """

    playbook: str
    phrase_id: str
    phrase: str
    language: str
    field: str
    start: int
    end: int
    text: str
    zone: str
    negated: bool
    weak: bool
    version: int

    @property
    def is_clear(self) -> bool:
        """True if this hit alone attaches the playbook in full."""
        return not (self.negated or self.zone or self.weak)


def form_hits(about: str, personal_data: str, versions: Mapping[str, int]) -> list[Hit]:
    """Return the hits of the two form fields; codes that name no playbook give none."""
    hits = []
    if about in ABOUT:
        hits.append(answer(ABOUT[about], "about", about, versions, weak=False))
    if personal_data in PERSONAL_DATA:
        weak = PERSONAL_DATA[personal_data]
        hits.append(answer("DB", "personal_data", personal_data, versions, weak=weak))
    return hits


def answer(playbook: str, field: str, code: str, versions: Mapping[str, int], *, weak: bool) -> Hit:
    return Hit(
        playbook=playbook,
        phrase_id=f"{playbook}.{field}",
        phrase=code,
        language="",
        field=field,
        start=0,
        end=0,
        text=code,
        zone="",
        negated=False,
        weak=weak,
        version=versions.get(playbook, 0),
    )


def decide(hits: Iterable[Hit], *, fallback: bool) -> dict[str, str]:
    """Return "full" or "confirm" for each playbook with a hit, in the order they come.

    With `fallback`, RISK is attached in full where nothing else is.
    """
    verdicts: dict[str, str] = {}
    for hit in hits:
        if hit.is_clear:
            verdicts[hit.playbook] = FULL
        else:
            verdicts.setdefault(hit.playbook, CONFIRM)
    if not verdicts and fallback:
        return {FALLBACK: FULL}
    return verdicts
