"""The shapes of answers about the record. They are read, never written: see inputs.py."""

from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from incidents import access, facts, risk
from incidents.api import sight
from incidents.api.fields import Moment, Name, Names
from incidents.models import Category, Department, Evidence, Incident, RiskAssessment, Task
from incidents.states import Milestone, WaitingOn

TOLD = [
    "reference",
    "department",
    "subject",
    "description",
    "about",
    "noticed_at",
    "noticed_at_precision",
    "occurred_from",
    "occurred_to",
    "ongoing",
    "personal_data",
    "data_kinds",
    "people_affected",
    "data_location",
    "data_recipient",
    "data_recipient_text",
    "workspaces",
    "workspaces_text",
    "virtual_machines",
    "virtual_machines_text",
    "users_affected",
    "already_done",
    "concerned",
    "supplier",
    "reported_elsewhere",
    "reported_elsewhere_reference",
    *access.IDENTITY,
    "is_name_confidential",
    "language",
    "reported_via",
    "reported_at",
    "is_exercise",
    "state",
    "priority",
]
KNOWN_INSIDE = [
    "entered_by",
    "owner",
    "manager",
    "is_incident",
    "declared_by",
    "phase",
    "waiting_on",
    "outcome",
    "duplicate_of",
    "resolution",
    "root_cause",
    "contained_not_applicable",
    "recovered_not_applicable",
    "severity",
    "severity_by",
    "scales",
    "urgency",
    "category",
    "category_at_triage",
    "category_reason",
    "tags",
    "tenants",
    "breach_status",
    "breach_reason",
    "confidentiality",
    "tlp",
    "legal_hold",
    "reopen_count",
    *(name for name in Milestone.values if name not in TOLD),
    "milestone_notes",
    "version",
    "updated_at",
]


class Shape(serializers.ModelSerializer):
    """Reads rows; every time in UTC."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: Moment,
    }


class ToldShape(Shape):
    """What everybody who reads an incident reads of it, but for a reporter who stays unnamed."""

    reference = serializers.CharField(read_only=True)
    department = serializers.CharField(source="department.code", read_only=True)
    reporter = Name()

    def to_representation(self, instance: sight.Seen) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if not sight.shows_reporter(self.context["user"], instance):
            shown |= dict.fromkeys(access.IDENTITY)
        return shown


class TicketShape(ToldShape):
    """An incident as its reporter sees it."""

    workspaces = serializers.SerializerMethodField()
    virtual_machines = serializers.SerializerMethodField()
    outcome = serializers.SerializerMethodField()
    waits_for_you = serializers.SerializerMethodField()

    class Meta:
        model = Incident
        fields = read_only_fields = [*TOLD, "outcome", "waits_for_you"]

    def get_workspaces(self, incident: Incident) -> list[str]:
        """Those that the reader may name; the others are nothing that a reporter should learn."""
        return self._nameable(incident, "workspaces", facts.nameable_workspaces)

    def get_virtual_machines(self, incident: Incident) -> list[str]:
        return self._nameable(incident, "virtual_machines", facts.nameable_machines)

    def get_outcome(self, incident: Incident) -> str:
        """Told when it is over."""
        return incident.outcome if incident.is_closed else ""

    def get_waits_for_you(self, incident: Incident) -> bool:
        return incident.waiting_on == WaitingOn.REPORTER and not incident.is_closed

    def _nameable(self, incident: Incident, name: str, nameable) -> list[str]:
        known: dict[str, Any] = self.context["nameable"]
        if name not in known:
            known[name] = set(nameable(self.context["user"]).values_list("pk", flat=True))
        return [row.name for row in getattr(incident, name).all() if row.pk in known[name]]


class FullShape(ToldShape):
    """An incident as the response team sees it."""

    entered_by = Name()
    owner = Name()
    manager = Name()
    declared_by = Name()
    severity_by = Name()
    workspaces = Names()
    virtual_machines = Names()
    tenants = Names()
    category = serializers.CharField(source="category.path", read_only=True, default=None)
    category_at_triage = serializers.CharField(
        source="category_at_triage.path", read_only=True, default=None
    )
    phase = serializers.CharField(read_only=True)
    duplicate_of = serializers.SerializerMethodField(help_text="Null too for one you may not see.")

    class Meta:
        model = Incident
        fields = read_only_fields = [*TOLD, *KNOWN_INSIDE]

    def get_duplicate_of(self, incident: sight.Seen) -> str | None:
        return Incident(pk=incident.seen_target).reference if incident.seen_target else None


class IncidentShape(serializers.BaseSerializer):
    """Each row as the reader may see it: from inside, or as a ticket."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        # One serializer for all rows of a page: making its fields costs more than using them.
        context = {**options.get("context", {}), "nameable": {}}
        self.full = FullShape(context=context)
        self.ticket = TicketShape(context=context)

    def to_representation(self, instance: sight.Seen) -> dict[str, Any]:
        shape = self.full if instance.is_inside else self.ticket
        return shape.to_representation(instance)


class TaskShape(Shape):
    incident = serializers.CharField(source="incident.reference", read_only=True)
    assignee = Name()
    mandatory = serializers.BooleanField(source="is_mandatory", read_only=True)
    no_waive = serializers.BooleanField(source="is_no_waive", read_only=True)
    overdue = serializers.BooleanField(source="is_overdue", read_only=True)
    settled_by = Name()

    class Meta:
        model = Task
        fields = read_only_fields = [
            "id",
            "incident",
            "code",
            "title",
            "instruction",
            "phase",
            "role",
            "deputy",
            "assignee",
            "due_at",
            "due_rule",
            "overdue",
            "state",
            "mandatory",
            "no_waive",
            "condition",
            "after",
            "result_needed",
            "result",
            "reason",
            "procedure",
            "playbook",
            "playbook_version",
            "created_at",
            "settled_at",
            "settled_by",
        ]


class EntryShape(serializers.Serializer):
    """A timeline entry with its place in the chain of hashes."""

    sequence = serializers.IntegerField()
    at = Moment()
    kind = serializers.CharField()
    actor = Name()
    actor_name = serializers.CharField()
    text = serializers.CharField()
    data = serializers.JSONField()  # type: ignore[assignment]
    public = serializers.BooleanField(source="is_public")
    previous_hash = serializers.CharField(allow_null=True)
    hash = serializers.CharField(allow_null=True)

    def to_representation(self, instance) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if self.context.get("unnamed") is not None:
            hide_reporter(shown, instance, self.context["unnamed"])
        return shown


def hide_reporter(shown: dict[str, Any], entry, incident: Incident) -> None:
    """Take the reporter's identity off an entry, and the hashes off every one.

    A hash is that of the whole entry and of all before it: by trying names until any hash of the
    chain fits, one would find the reporter.
    """
    shown |= {"hash": None, "previous_hash": None}
    if entry.actor_id is not None and entry.actor_id == incident.reporter_id:
        shown |= {"actor": None, "actor_name": ""}
    shown["data"] = access.without_identity(entry.data)
    shown["data"].pop("to", None)


class PublicEntryShape(serializers.Serializer):
    """A timeline entry for the reporter: what was said, and nothing that tells of what was not."""

    at = Moment()
    kind = serializers.CharField()
    actor_name = serializers.CharField()
    text = serializers.CharField()
    data = serializers.JSONField()  # type: ignore[assignment]
    public = serializers.BooleanField(source="is_public")


class AssessmentShape(Shape):
    made_by = Name()
    accepted_by = Name()
    impact = serializers.IntegerField(read_only=True)
    band = serializers.SerializerMethodField()

    class Meta:
        model = RiskAssessment
        exclude = ["id", "incident"]

    def get_band(self, assessment: RiskAssessment) -> str:
        return risk.band_of(assessment.score)


class EvidenceShape(Shape):
    added_by = Name()
    content = serializers.SerializerMethodField(help_text="Where the bytes are.")
    copied = serializers.SerializerMethodField(help_text="It came with a duplicate.")

    class Meta:
        model = Evidence
        fields = read_only_fields = [
            "id",
            "name",
            "content_type",
            "size",
            "sha256",
            "tlp",
            "from_reporter",
            "copied",
            "added_at",
            "added_by",
            "content",
        ]

    @extend_schema_field(serializers.URLField)
    def get_content(self, evidence: Evidence) -> str:
        return self.context["link"](evidence)

    def get_copied(self, evidence: Evidence) -> bool:
        return evidence.copied_from_id is not None

    def to_representation(self, instance: Evidence) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if self.context.get("unnamed") and instance.from_reporter:
            shown["added_by"] = None
        return shown


class DepartmentShape(Shape):
    class Meta:
        model = Department
        fields = read_only_fields = ["code", "name", "is_active"]


class CategoryShape(Shape):
    path = serializers.CharField(read_only=True)
    tag = serializers.CharField(read_only=True)

    class Meta:
        model = Category
        fields = read_only_fields = [
            "path",
            "class_code",
            "class_label",
            "code",
            "label",
            "tag",
            "veris",
            "taxonomy_version",
            "is_active",
        ]


class InputShape(serializers.Serializer):
    """One thing that a step asks for."""

    name = serializers.CharField()
    type = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    required = serializers.BooleanField()  # type: ignore[assignment]
    choices = serializers.SerializerMethodField()

    def get_choices(self, asked) -> list[str | int]:
        return [value for value, _label in asked.choices]


class ReasonShape(serializers.Serializer):
    """Why something is refused."""

    code = serializers.CharField()
    message = serializers.CharField()


class SignatureShape(serializers.Serializer):
    """A request for a second signature, as the first person made it."""

    id = serializers.IntegerField()
    act = serializers.CharField()
    reason = serializers.CharField()
    asked_by = serializers.CharField(source="asked_by.username")
    asked_at = serializers.DateTimeField()


class OfferShape(serializers.Serializer):
    """A step that the caller may try, what it asks for, and what it still lacks."""

    transition = serializers.CharField(source="step.name")
    label = serializers.CharField(source="step.label")  # type: ignore[assignment]
    target = serializers.CharField(
        source="step.target", allow_null=True, help_text="Null: back to where it was before."
    )
    inputs = InputShape(source="step.inputs", many=True)
    reasons = ReasonShape(many=True)
