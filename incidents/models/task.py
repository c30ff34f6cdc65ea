from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.lookups import GreaterThan
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents import clock
from incidents.database_rules import Ink
from incidents.roles import Role
from incidents.states import SETTLED_TASK_STATES, Phase, TaskState


class Task(models.Model):
    """A piece of work on one incident; done only when its result is written down."""

    incident = models.ForeignKey("incidents.Incident", models.PROTECT, related_name="tasks")
    code = models.CharField(_("code"), max_length=20, blank=True)
    title = models.CharField(_("title"), max_length=200)
    instruction = models.TextField(_("what to do"), blank=True)
    phase = models.CharField(_("phase"), max_length=20, choices=Phase)
    role = models.CharField(_("role"), max_length=8, choices=Role)
    deputy = models.CharField(_("deputy role"), max_length=8, choices=Role, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name=_("assignee"),
    )
    state = models.CharField(
        _("state"), max_length=20, choices=TaskState, default=TaskState.TODO, db_index=True
    )
    is_mandatory = models.BooleanField(_("mandatory"), default=False)
    is_no_waive = models.BooleanField(_("cannot be waived"), default=False)
    condition = models.CharField(_("only if"), max_length=300, blank=True)
    due_rule = models.CharField(_("due rule"), max_length=300, blank=True)
    due_at = models.DateTimeField(_("due"), null=True, blank=True, db_index=True)
    after = models.JSONField(
        _("after"), default=list, blank=True, help_text=_("Keys of the tasks before it.")
    )
    dedupe_key = models.CharField(_("dedupe key"), max_length=60)
    result_needed = models.TextField(_("result to record"), blank=True)
    result = models.TextField(_("result"), blank=True)
    reason = models.TextField(
        _("reason"), blank=True, help_text=_("Why it was waived or is blocked.")
    )
    procedure = models.CharField(_("procedure"), max_length=200, blank=True)
    playbook = models.CharField(_("playbook"), max_length=20, blank=True)
    playbook_version = models.PositiveIntegerField(_("playbook version"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["incident", "pk"]
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "dedupe_key"], name="task_once_per_incident"
            ),
            models.CheckConstraint(
                condition=~Q(state=TaskState.DONE) | Q(GreaterThan(Ink("result"), 0)),
                name="task_done_needs_result",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[TaskState.WAIVED, TaskState.CANCELLED])
                | Q(GreaterThan(Ink("reason"), 0)),
                name="task_waived_or_cancelled_needs_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["assignee", "state", "due_at"], name="task_my_work"),
            models.Index(fields=["state", "due_at"], name="task_due"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}".strip()

    @property
    def is_settled(self) -> bool:
        return self.state in SETTLED_TASK_STATES

    @property
    def is_overdue(self) -> bool:
        return not self.is_settled and self.due_at is not None and self.due_at < timezone.now()

    @property
    def who(self) -> str:
        """Who must act: the assignee by name, else the role."""
        return str(self.assignee) if self.assignee_id else self.get_role_display()
