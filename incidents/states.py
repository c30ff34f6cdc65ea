"""The words of the record: lifecycle, severity, and every other closed list of values.

NEW -> TRIAGE -> RESPONDING -> RESOLVED -> CLOSED        (DOMAIN.md 1.2, 1.3)

acknowledge  NEW -> TRIAGE            resolve  RESPONDING -> RESOLVED
declare      TRIAGE -> RESPONDING     close    RESOLVED -> CLOSED
dismiss      TRIAGE -> CLOSED         resume   RESOLVED -> RESPONDING
refute       RESPONDING -> CLOSED     reopen   CLOSED -> TRIAGE
merge        any open -> CLOSED       split    CLOSED -> where it was before the merge
"""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    NEW = "new", _("New")
    TRIAGE = "triage", _("Triage")
    RESPONDING = "responding", _("Responding")
    RESOLVED = "resolved", _("Resolved")
    CLOSED = "closed", _("Closed")


OPEN_STATES = [State.NEW, State.TRIAGE, State.RESPONDING, State.RESOLVED]


class Outcome(TextChoices):
    """What it turned out to be (DOMAIN.md 1.4)."""

    CONFIRMED = "confirmed", _("Confirmed: harm or loss")
    ATTEMPT_BLOCKED = "attempt_blocked", _("Attack stopped by a control")
    ATTEMPT_FAILED = "attempt_failed", _("Attack failed by itself")
    FALSE_POSITIVE = "false_positive", _("Nothing of the kind happened")
    NOT_SECURITY = "not_security", _("Ordinary support matter")
    DUPLICATE = "duplicate", _("Duplicate")
    INDETERMINATE = "indeterminate", _("Could not be established")
    EXERCISE = "exercise", _("Exercise")


class Severity(IntegerChoices):
    """How bad it is; 1 is the worst (DOMAIN.md 2.1)."""

    SEV1 = 1, _("SEV1 critical")
    SEV2 = 2, _("SEV2 high")
    SEV3 = 3, _("SEV3 moderate")
    SEV4 = 4, _("SEV4 low")


class Urgency(IntegerChoices):
    """How fast it gets worse; 1 is the fastest (DOMAIN.md 2.2)."""

    U1 = 1, _("U1 spreading, or a legal deadline within 24 h")
    U2 = 2, _("U2 limited, or may resume, or a deadline within 72 h")
    U3 = 3, _("U3 stopped, effects remain")
    U4 = 4, _("U4 over, no effect expected")


class Priority(IntegerChoices):
    """What people work by; 1 comes first (DOMAIN.md 2.3)."""

    P1 = 1, "P1"
    P2 = 2, "P2"
    P3 = 3, "P3"
    P4 = 4, "P4"


class Phase(TextChoices):
    ASSESS = "assess", _("Assess")
    CONTAIN = "contain", _("Contain")
    ERADICATE = "eradicate", _("Eradicate")
    RECOVER = "recover", _("Recover")
    NOTIFY = "notify", _("Notify")
    LEARN = "learn", _("Learn")


# T5 asks for the tasks "of phases <= recover"; notices and lessons may outlast the recovery.
PHASES_BEFORE_RESOLVE = [Phase.ASSESS, Phase.CONTAIN, Phase.ERADICATE, Phase.RECOVER]


class TaskState(TextChoices):
    TODO = "todo", _("To do")
    IN_PROGRESS = "in_progress", _("In progress")
    BLOCKED = "blocked", _("Blocked")
    DONE = "done", _("Done")
    WAIVED = "waived", _("Waived")
    CANCELLED = "cancelled", _("Cancelled")


OPEN_TASK_STATES = [TaskState.TODO, TaskState.IN_PROGRESS, TaskState.BLOCKED]
SETTLED_TASK_STATES = [TaskState.DONE, TaskState.WAIVED, TaskState.CANCELLED]


class WaitingOn(TextChoices):
    NONE = "", _("Nobody")
    REPORTER = "reporter", _("Reporter")
    SUPPLIER = "supplier", _("Supplier")
    AUTHORITY = "authority", _("Authority")


class BreachStatus(TextChoices):
    NOT_ASSESSED = "not_assessed", _("Not assessed")
    SUSPECTED = "suspected", _("Suspected")
    CONFIRMED = "confirmed", _("Confirmed")
    RULED_OUT = "ruled_out", _("Ruled out")


class Confidentiality(TextChoices):
    TEAM = "team", _("Response team")
    RESTRICTED = "restricted", _("Named people only")


class Tlp(TextChoices):
    """Traffic Light Protocol 2.0 (FIRST); the labels are exactly these."""

    RED = "TLP:RED", "TLP:RED"
    AMBER_STRICT = "TLP:AMBER+STRICT", "TLP:AMBER+STRICT"
    AMBER = "TLP:AMBER", "TLP:AMBER"
    GREEN = "TLP:GREEN", "TLP:GREEN"
    CLEAR = "TLP:CLEAR", "TLP:CLEAR"


class Door(TextChoices):
    """Through which door a report came."""

    PORTAL = "portal", _("Portal")
    CONSOLE = "console", _("Console")
    PHONE = "phone", _("Phone")
    API = "api", _("API")
    MAIL = "mail", _("Mail")
    DETECTION = "detection", _("Detection")


class About(TextChoices):
    """What the reporter says it is about (DOMAIN.md 4, field 7)."""

    DATA_BREACH = "data_breach", _("Personal or study data in the wrong hands")
    SUSPICIOUS_MAIL = "suspicious_mail", _("A suspicious mail or message")
    MALWARE = "malware", _("A virus, ransomware or other malware")
    LOST_DEVICE = "lost_device", _("A lost or stolen device")
    ACCOUNT_OR_ACCESS = "account_or_access", _("An account, password or access")
    SERVICE_DOWN = "service_down", _("A service that is down or under attack")
    WEAKNESS_FOUND = "weakness_found", _("A weakness that I found")
    COLLEAGUE_OR_INSIDER = "colleague_or_insider", _("A colleague or insider")
    SUPPLIER = "supplier", _("A supplier or partner")
    SOMETHING_ELSE = "something_else", _("Something else")


class PersonalData(TextChoices):
    YES = "yes", _("Yes")
    POSSIBLY = "possibly", _("Possibly")
    NO = "no", _("No")
    UNKNOWN = "unknown", _("I do not know")


class Ongoing(TextChoices):
    YES = "yes", _("Yes")
    NO = "no", _("No")
    UNKNOWN = "unknown", _("I do not know")


class Precision(TextChoices):
    EXACT = "exact", _("Exactly then")
    ABOUT = "about", _("About then")
    DAY = "day", _("That day")
    UNKNOWN = "unknown", _("I do not know")


class UsersAffected(TextChoices):
    """How many people use what is hit; ranges, because a number box scares (DOMAIN.md 4, 10)."""

    NONE = "0", _("None")
    ONE = "1", _("Only me, or one person")
    FEW = "2-10", _("2 to 10")
    TENS = "11-100", _("11 to 100")
    HUNDREDS = "101-1000", _("101 to 1 000")
    MORE = ">1000", _("More than 1 000")
    UNKNOWN = "unknown", _("I do not know")


class DataLocation(TextChoices):
    """The three-way scope of a breach at a workspace provider (DOMAIN.md, fact 2)."""

    INSIDE = "inside_workspace", _("Inside a workspace")
    OUTSIDE = "outside_workspace", _("Outside any workspace")
    ACCOUNT = "user_account_data", _("Data about user accounts")
    UNKNOWN = "unknown", _("I do not know")


class DataRecipient(TextChoices):
    NONE_KNOWN = "none_known", _("Nobody that we know of")
    KNOWN_TRUSTED = "known_trusted", _("Known, trusted")
    KNOWN_UNTRUSTED = "known_untrusted", _("Known, not trusted")
    UNKNOWN = "unknown", _("Unknown")
    PUBLIC = "public", _("Public")


class ReportedElsewhere(TextChoices):
    NO = "no", _("No")
    POLICE = "police", _("Police")
    ORGANISATION = "own_organisation", _("My own organisation")
    AUTHORITY = "authority", _("An authority")


class Milestone(TextChoices):
    """Moments in the life of an incident; each is a nullable column of the same name."""

    OCCURRED_FROM = "occurred_from", _("Began")
    OCCURRED_TO = "occurred_to", _("Ended")
    NOTICED_AT = "noticed_at", _("Noticed")
    REPORTED_AT = "reported_at", _("Reported")
    ACKNOWLEDGED_AT = "acknowledged_at", _("Acknowledged")
    AWARE_AT = "aware_at", _("Aware (legal)")
    CLASSIFIED_AT = "classified_at", _("Classified")
    DECLARED_AT = "declared_at", _("Declared")
    CONTAINED_AT = "contained_at", _("Contained")
    ERADICATED_AT = "eradicated_at", _("Eradicated")
    RECOVERED_AT = "recovered_at", _("Recovered")
    RESOLVED_AT = "resolved_at", _("Resolved")
    REVIEWED_AT = "reviewed_at", _("Reviewed")
    CLOSED_AT = "closed_at", _("Closed")


class Band(TextChoices):
    """How bad the score of a risk assessment is (DOMAIN.md 2.4)."""

    LOW = "low", _("low")
    MEDIUM = "medium", _("medium")
    HIGH = "high", _("high")
    CRITICAL = "critical", _("critical")
