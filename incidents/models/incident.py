from django.conf import settings
from django.core.validators import MaxLengthValidator, MinLengthValidator
from django.db import models
from django.db.models import Q
from django.db.models.lookups import GreaterThanOrEqual
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, ConcurrentTransitionMixin, FSMField, transition

from incidents import clock
from incidents.database_rules import Ink
from incidents.guards import RESOLUTION_LEAST
from incidents.states import (
    OPEN_STATES,
    About,
    BreachStatus,
    Confidentiality,
    DataLocation,
    DataRecipient,
    Door,
    Ongoing,
    Outcome,
    PersonalData,
    Phase,
    Precision,
    Priority,
    ReportedElsewhere,
    Severity,
    State,
    Tlp,
    Urgency,
    UsersAffected,
    WaitingOn,
)
from incidents.steps import STEPS


def _conditions(name: str) -> dict:
    step = STEPS[name]
    return {
        "source": list(step.sources),
        "target": step.target or RETURN_VALUE(*OPEN_STATES),
        "conditions": list(step.guards),
    }


class Incident(ConcurrentTransitionMixin, models.Model):
    """The record of one suspected security incident, from the first report to its end.

    `state` moves only through incidents.lifecycle.transition; the methods below are its last part.
    """

    # What was reported (DOMAIN.md 4)
    department = models.ForeignKey(
        "incidents.Department", models.PROTECT, verbose_name=_("department")
    )
    subject = models.CharField(_("subject"), max_length=150, validators=[MinLengthValidator(5)])
    description = models.TextField(
        _("description"), validators=[MinLengthValidator(10), MaxLengthValidator(20_000)]
    )
    about = models.CharField(_("about"), max_length=24, choices=About, blank=True)
    noticed_at = models.DateTimeField(_("noticed"))
    noticed_at_precision = models.CharField(
        _("precision"), max_length=8, choices=Precision, default=Precision.UNKNOWN
    )
    occurred_from = models.DateTimeField(_("began"), null=True, blank=True)
    occurred_to = models.DateTimeField(_("ended"), null=True, blank=True)
    ongoing = models.CharField(
        _("still going on"), max_length=8, choices=Ongoing, default=Ongoing.UNKNOWN
    )
    personal_data = models.CharField(
        _("personal data"), max_length=8, choices=PersonalData, blank=True
    )
    data_kinds = models.TextField(_("whose data, which kind"), blank=True, max_length=2000)
    people_affected = models.CharField(_("about how many people"), max_length=100, blank=True)
    data_location = models.CharField(
        _("where the data is or was"), max_length=20, choices=DataLocation, blank=True
    )
    data_recipient = models.CharField(
        _("who may have got it"), max_length=20, choices=DataRecipient, blank=True
    )
    data_recipient_text = models.TextField(_("who, in words"), blank=True, max_length=2000)
    workspaces = models.ManyToManyField(
        "incidents.Workspace", blank=True, related_name="incidents", verbose_name=_("workspaces")
    )
    workspaces_text = models.TextField(_("workspaces, in words"), blank=True, max_length=2000)
    virtual_machines = models.ManyToManyField(
        "incidents.VirtualMachine",
        blank=True,
        related_name="incidents",
        verbose_name=_("virtual machines"),
    )
    virtual_machines_text = models.TextField(
        _("virtual machines, in words"), blank=True, max_length=2000
    )
    tenants = models.ManyToManyField(
        "incidents.Tenant", blank=True, related_name="incidents", verbose_name=_("tenants")
    )
    users_affected = models.CharField(
        _("users affected"), max_length=12, choices=UsersAffected, blank=True
    )
    already_done = models.TextField(_("what was done already"), blank=True, max_length=2000)
    concerned = models.CharField(
        _("device, account or mail address concerned"), max_length=300, blank=True
    )
    supplier = models.CharField(_("supplier involved"), max_length=200, blank=True)
    reported_elsewhere = models.CharField(
        _("reported elsewhere"), max_length=20, choices=ReportedElsewhere, blank=True
    )
    reported_elsewhere_reference = models.CharField(
        _("reference there"), max_length=200, blank=True
    )

    duplicate_of = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="duplicates",
        verbose_name=_("duplicate of"),
    )

    # Who reported it, and how
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tickets",
        verbose_name=_("reporter"),
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("entered by"),
        help_text=_("Who typed it in for the reporter."),
    )
    contact_name = models.CharField(_("contact name"), max_length=200, blank=True)
    contact_email = models.EmailField(_("contact mail"), blank=True)
    contact_phone = models.CharField(_("phone"), max_length=50, blank=True)
    safe_channel = models.CharField(
        _("another way to reach the reporter"),
        max_length=300,
        blank=True,
        help_text=_("When set, nothing is mailed to the reporter's account."),
    )
    on_behalf_of = models.CharField(_("reported for"), max_length=200, blank=True)
    is_name_confidential = models.BooleanField(
        _("keep the reporter's name from the people involved"), default=False
    )
    language = models.CharField(_("language"), max_length=8, default="en")
    reported_via = models.CharField(_("reported through"), max_length=12, choices=Door)
    reported_at = models.DateTimeField(_("reported"), default=clock.now, db_index=True)

    # Where it stands
    state = FSMField(
        _("state"), default=State.NEW, choices=State.choices, protected=True, db_index=True
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="owned_incidents",
        verbose_name=_("owner"),
    )
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("major incident manager"),
    )
    is_incident = models.BooleanField(_("declared an incident"), default=False)
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    waiting_on = models.CharField(
        _("waiting for"), max_length=12, choices=WaitingOn, blank=True, default=WaitingOn.NONE
    )
    breach_status = models.CharField(
        _("personal data breach"),
        max_length=16,
        choices=BreachStatus,
        default=BreachStatus.NOT_ASSESSED,
        db_index=True,
    )
    breach_reason = models.TextField(_("why"), blank=True)
    is_exercise = models.BooleanField(_("exercise"), default=False)
    legal_hold = models.BooleanField(_("legal hold"), default=False)
    confidentiality = models.CharField(
        _("who may see it"),
        max_length=12,
        choices=Confidentiality,
        default=Confidentiality.TEAM,
    )
    tlp = models.CharField("TLP", max_length=20, choices=Tlp, default=Tlp.AMBER_STRICT)

    # How bad, how fast, what first (DOMAIN.md 2)
    category = models.ForeignKey(
        "incidents.Category",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="incidents",
        verbose_name=_("category"),
    )
    category_at_triage = models.ForeignKey(
        "incidents.Category", models.PROTECT, null=True, blank=True, related_name="+"
    )
    category_reason = models.CharField(_("why no category fits"), max_length=500, blank=True)
    tags = models.JSONField(_("tags"), default=list, blank=True)
    severity = models.PositiveSmallIntegerField(
        _("severity"), choices=Severity, default=Severity.SEV3
    )
    severity_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    scales = models.JSONField(_("severity scales"), default=dict, blank=True)
    urgency = models.PositiveSmallIntegerField(_("urgency"), choices=Urgency, default=Urgency.U3)
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=Priority, default=Priority.P3, db_index=True
    )

    # How it ended
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome, blank=True)
    resolution = models.TextField(_("resolution"), blank=True, max_length=20_000)
    root_cause = models.TextField(_("root cause"), blank=True, max_length=20_000)
    contained_not_applicable = models.CharField(
        _("why containment does not apply"), max_length=500, blank=True
    )
    recovered_not_applicable = models.CharField(
        _("why recovery does not apply"), max_length=500, blank=True
    )
    reopen_count = models.PositiveIntegerField(_("reopened"), default=0)

    # Milestones; set through incidents.milestones, which keeps precision, source and reason
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True, blank=True)
    aware_at = models.DateTimeField(_("aware (legal)"), null=True, blank=True)
    classified_at = models.DateTimeField(_("classified"), null=True, blank=True)
    declared_at = models.DateTimeField(_("declared"), null=True, blank=True)
    contained_at = models.DateTimeField(_("contained"), null=True, blank=True)
    eradicated_at = models.DateTimeField(_("eradicated"), null=True, blank=True)
    recovered_at = models.DateTimeField(_("recovered"), null=True, blank=True)
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    milestone_notes = models.JSONField(_("precision and source of milestones"), default=dict)

    version = models.PositiveIntegerField(default=1, help_text=_("Grows with every change."))
    updated_at = models.DateTimeField(_("updated"), auto_now=True, db_index=True)

    # Set by incidents.lifecycle for the guards of the step under way; never stored.
    step_reason = ""
    step_by = None
    step_asked_by = None  # whoever asked for a second signature, once that is given
    step_target: "Incident | None" = None
    step_target_named = ""
    step_target_chain: frozenset[int] = frozenset()
    step_target_instead = ""
    step_merge: dict = {}  # noqa: RUF012 - replaced, never changed
    _is_refreshing = False

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=State.CLOSED)
                | (Q(GreaterThanOrEqual(Ink("resolution"), RESOLUTION_LEAST)) & ~Q(outcome="")),
                name="incident_closed_needs_resolution_and_outcome",
            ),
            models.CheckConstraint(
                condition=Q(state__in=State.values), name="incident_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(severity__gte=1, severity__lte=4), name="incident_severity_in_range"
            ),
            models.CheckConstraint(
                condition=Q(urgency__gte=1, urgency__lte=4), name="incident_urgency_in_range"
            ),
            models.CheckConstraint(
                condition=Q(priority__gte=1, priority__lte=4), name="incident_priority_in_range"
            ),
            models.CheckConstraint(
                condition=Q(outcome="") | Q(outcome__in=Outcome.values),
                name="incident_outcome_is_known",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "priority", "-id"], name="incident_queue"),
            models.Index(fields=["reporter", "-id"], name="incident_my_tickets"),
            models.Index(fields=["owner", "state"], name="incident_mine"),
            models.Index(fields=["priority", "-id"], name="incident_by_priority"),
            # SQLite takes the index of one column for the best, however many rows share the value.
            models.Index(fields=["breach_status", "state"], name="incident_breaches"),
            models.Index(fields=["department", "state"], name="incident_departments"),
            # All that lists count and filter by: wide rows with long texts are then not read.
            models.Index(
                fields="state confidentiality severity priority waiting_on breach_status owner "
                "department reported_via is_exercise".split(),
                name="incident_lists",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def refresh_from_db(self, *args, **kwargs) -> None:
        """As in Django. That of django-fsm lifts the protection of `state` meanwhile, and for every
        thread of the process: measured, with two threads one report in thirty failed.
        """
        state = self.__dict__.pop("state", None)  # what is not there may be set
        self._is_refreshing = state is not None
        try:
            models.Model.refresh_from_db(self, *args, **kwargs)
        finally:
            self._is_refreshing = False
            if state is not None:
                self.__dict__.setdefault("state", state)
        self._update_initial_state()

    def get_deferred_fields(self) -> set[str]:
        """The state is not deferred while it is only taken out to be refreshed."""
        deferred = super().get_deferred_fields()
        return deferred - {"state"} if self._is_refreshing else deferred

    @property
    def reference(self) -> str:
        return f"INC-{self.pk:06d}" if self.pk else "INC-new"

    @property
    def is_closed(self) -> bool:
        return self.state == State.CLOSED

    @property
    def phase(self) -> str:
        """Where the response stands, derived from the milestones (DOMAIN.md 1.2)."""
        if self.state in {State.RESOLVED, State.CLOSED}:
            return "review"
        if self.eradicated_at:
            return Phase.RECOVER.value
        if self.contained_at:
            return Phase.ERADICATE.value
        return Phase.CONTAIN.value if self.state == State.RESPONDING else "analyse"

    @transition(state, **_conditions("acknowledge"))
    def acknowledge(self) -> None:
        self.acknowledged_at = self.acknowledged_at or clock.now()

    @transition(state, **_conditions("declare"))
    def declare(self) -> None:
        self.is_incident = True
        self.declared_at = clock.now()
        self.declared_by = self.step_by
        self.classified_at = self.classified_at or self.declared_at
        self.category_at_triage = self.category

    @transition(state, **_conditions("dismiss"))
    def dismiss(self) -> None:
        self.closed_at = clock.now()

    @transition(state, **_conditions("refute"))
    def refute(self) -> None:
        self.is_incident = False
        self.closed_at = clock.now()

    @transition(state, **_conditions("resolve"))
    def resolve(self) -> None:
        self.resolved_at = clock.now()

    @transition(state, **_conditions("close"))
    def close(self) -> None:
        self.closed_at = clock.now()

    @transition(state, **_conditions("resume"))
    def resume(self) -> None:
        self.resolved_at = None

    @transition(state, **_conditions("reopen"))
    def reopen(self) -> None:
        self.reopen_count += 1
        self.resolved_at = self.closed_at = None
        # The old words stay on the timeline; a new end needs words of its own.
        self.outcome = self.resolution = ""

    @transition(state, **_conditions("merge"))
    def merge(self) -> None:
        self.duplicate_of = self.step_target
        self.outcome = Outcome.DUPLICATE
        self.closed_at = clock.now()

    @transition(state, **_conditions("split"))
    def split(self) -> str:
        self.duplicate_of = self.closed_at = None
        return self.step_merge["from"]
