"""Keyword rules at work: match the texts of an incident and start what they call for.

Runs on every new report, on edits of its text and on new messages of the reporter, from every
door. It may add playbooks and upgrade a question to the whole playbook, never the reverse.
"""

import hashlib
from functools import lru_cache

import structlog
from django.conf import settings
from django.db import transaction

from incidents import records, timeline
from incidents.models import Incident, RiskAssessment, TimelineEntry
from incidents.models.assessment import PersonalDataInvolved
from incidents.models.timeline import Kind
from incidents.roles import Role
from workflows import alerts, matching, playbooks
from workflows.models import Match, MatchRun, PlaybookRun, RuleVersion

logger = structlog.get_logger(__name__)

RISK = "RISK"
BREACH = "DB"
MATCHED_FIELDS = frozenset({"subject", "description", "about", "personal_data"})
Compiled = tuple[matching.PhraseLists, tuple[str, ...]]


def apply(incident: Incident, cause: str, entry: TimelineEntry | None = None) -> None:
    """Match and start playbooks. A broken rule or playbook never costs the report: it is logged,
    noted on the timeline, alarmed, and the rest goes on.
    """
    try:
        with transaction.atomic():
            run = _match(incident, cause, entry)
    except Exception as problem:  # noqa: BLE001 - any bug in matching must leave the report standing
        _alarm(incident, "The keyword rules failed.", problem)
        if not PlaybookRun.objects.filter(incident=incident).exists():
            _start_all(incident, {RISK: "full"}, why="the keyword rules failed")
        return
    _start_all(incident, run.verdicts, why=_why(run))


def heed(incident: Incident, assessment: RiskAssessment) -> None:
    """A risk assessment that does not exclude personal data calls for DB (DOMAIN.md 2.4)."""
    involved = PersonalDataInvolved(assessment.personal_data)
    if involved == PersonalDataInvolved.NO:
        return
    verdict = "confirm" if involved == PersonalDataInvolved.UNKNOWN else "full"
    why = f"personal data in the risk assessment: {involved.value}"
    _start_all(incident, {BREACH: verdict}, why=why)


def give_receipt(incident: Incident) -> None:
    """The reporter's receipt; a fault in it never costs the report either."""
    try:
        with transaction.atomic():
            alerts.receipt(incident)
    except Exception as problem:  # noqa: BLE001 - the report must stand
        _alarm(incident, "The receipt could not be written.", problem)


def apply_if_changed(incident: Incident) -> None:
    """Match again if a text or form answer differs from what was matched last. One query else."""
    last = (
        MatchRun.objects.filter(incident=incident, entry=None).order_by("-pk").values("digest")[:1]
    )
    if not last or last[0]["digest"] != _digest(incident):
        apply(incident, MatchRun.Cause.EDIT)


def try_out(
    subject: str, description: str, *, about: str = "", personal_data: str = ""
) -> matching.Result:
    """What would match, with the rules in use. Nothing is stored, no length is refused."""
    lists, _broken = _lists()
    return matching.match(
        lists,
        subject,
        description,
        about=about,
        personal_data=personal_data,
        known_footers=tuple(settings.KNOWN_FOOTERS),
    )


def highlights(incident: Incident) -> list[Match]:
    """The matches in the incident's own text as it is now, in the order of the words."""
    last = MatchRun.objects.filter(incident=incident, entry=None).order_by("-pk").first()
    return list(last.matches.order_by("field", "start")) if last else []


def _match(incident: Incident, cause: str, entry: TimelineEntry | None) -> MatchRun:
    lists, broken = _lists()
    for code in broken:
        _alarm(incident, f"The phrases of the rule {code} cannot be read.", None)
    result = _result(lists, incident, entry)
    run = MatchRun.objects.create(
        incident=incident,
        cause=cause,
        entry=entry,
        digest=_digest(incident),
        verdicts=result.verdicts,
        was_cut=result.cut,
    )
    Match.objects.bulk_create([_row(run, hit) for hit in result.hits])
    if result.cut:
        timeline.append(
            incident,
            Kind.RULE,
            by=None,
            text="The text is very long. Only its first 50 000 characters were matched.",
        )
    return run


def _result(
    lists: matching.PhraseLists, incident: Incident, entry: TimelineEntry | None
) -> matching.Result:
    footers = tuple(settings.KNOWN_FOOTERS)
    if entry is not None:
        return matching.match(lists, "", entry.text, known_footers=footers, fallback=False)
    has_playbook = PlaybookRun.objects.filter(incident=incident).exists()
    return matching.match(
        lists,
        incident.subject,
        incident.description,
        about=incident.about,
        personal_data=incident.personal_data,
        known_footers=footers,
        fallback=not has_playbook,
    )


def _row(run: MatchRun, hit: matching.Hit) -> Match:
    return Match(
        run=run,
        incident_id=run.incident_id,
        playbook=hit.playbook,
        version=hit.version,
        phrase_id=hit.phrase_id,
        phrase=hit.phrase,
        language=hit.language,
        field=hit.field,
        start=hit.start,
        end=hit.end,
        text=hit.text,
        zone=hit.zone,
        is_negated=hit.negated,
        is_weak=hit.weak,
    )


def _start_all(incident: Incident, verdicts: dict[str, str], *, why: str) -> None:
    started = []
    for code, verdict in verdicts.items():
        try:
            with transaction.atomic():
                run, has_changed = playbooks.start(incident, code, by=None, why=why, mode=verdict)
        except records.Closed:
            _ring_closed(incident, f"{code}-closed", f"{why}, on a closed incident")
            continue
        except Exception as problem:  # noqa: BLE001 - one broken playbook must not stop the others
            _alarm(incident, f"The playbook {code} could not be started.", problem)
            continue
        if has_changed:
            started.append(run)
    if started:
        _ring(incident, started, why)


def _ring(incident: Incident, started: list[PlaybookRun], why: str) -> None:
    try:
        with transaction.atomic():
            playbooks.ring(incident, started, why=why)
    except Exception as problem:  # noqa: BLE001 - the report stands; the alarm below tries a simpler way
        _alarm(incident, "Alerting failed.", problem)


def _ring_closed(incident: Incident, cause: str, why: str) -> None:
    """A closed incident takes no tasks, but what the reporter writes now must reach somebody."""
    try:
        with transaction.atomic():
            alerts.request(
                incident,
                roles=sorted(playbooks.QUEUE),
                why=why,
                cause=cause,
                priority=incident.priority,
            )
    except Exception as problem:  # noqa: BLE001 - the message stands; the alarm tries a simpler way
        _alarm(incident, "Alerting failed.", problem)


def _alarm(incident: Incident, text: str, problem: Exception | None) -> None:
    logger.error("rule_failed", incident=incident.reference, problem=text, exc_info=problem)
    timeline.append(
        incident,
        Kind.PROBLEM,
        by=None,
        text=text,
        data={"error": type(problem).__name__} if problem else {},
    )
    try:
        with transaction.atomic():
            alerts.request(
                incident,
                roles=[Role.CISO, Role.IH, Role.SDA],
                why=text,
                cause=f"problem-{hashlib.sha256(text.encode()).hexdigest()[:12]}",
                priority=incident.priority,
            )
    except Exception:  # nothing is left but the log; the report must stand
        logger.exception("alarm_failed", incident=incident.reference)


def _why(run: MatchRun) -> str:
    """Each playbook with the words that fired it, such as DB v1: “data breach”."""
    parts = []
    rows = run.matches.order_by("is_negated", "zone", "is_weak", "pk")
    for code in run.verdicts:
        row = next((match for match in rows if match.playbook == code), None)
        parts.append(f"{code} v{row.version}: “{row.text[:60]}”" if row else f"{code}: no keyword")
    return "; ".join(parts)


def _digest(incident: Incident) -> str:
    parts = (incident.subject, incident.description, incident.about, incident.personal_data)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _lists() -> Compiled:
    rows = RuleVersion.objects.filter(is_active=True).order_by("code")
    return _compiled(tuple(rows.values_list("pk", "code")))


@lru_cache(maxsize=2)
def _compiled(keys: tuple[tuple[int, str], ...]) -> Compiled:
    """The phrase lists of these rows, and the codes of those that cannot be read."""
    rows = RuleVersion.objects.filter(pk__in=[key for key, _code in keys])
    lists, broken = [], []
    for row in rows.order_by("code"):
        try:
            lists.append(matching.parse_list(row.code, row.text, f"{row.code} v{row.version}"))
        except matching.PhraseError:
            broken.append(row.code)
    return matching.PhraseLists.of(lists), tuple(broken)
