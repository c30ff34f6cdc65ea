from workflows.models.alerts import Alert, Attempt, Escalation
from workflows.models.heartbeat import Heartbeat
from workflows.models.playbooks import PlaybookRun, PlaybookVersion
from workflows.models.rules import Match, MatchRun, RuleVersion

__all__ = [
    "Alert",
    "Attempt",
    "Escalation",
    "Heartbeat",
    "Match",
    "MatchRun",
    "PlaybookRun",
    "PlaybookVersion",
    "RuleVersion",
]
