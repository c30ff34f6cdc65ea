"""The shapes of requests and answers about the machinery."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from incidents.api.fields import Choice, Input, Moment, Name, Text
from incidents.api.serializers import Shape
from incidents.states import About, PersonalData
from workflows.models import Alert, Attempt, PlaybookRun, PlaybookVersion, RuleVersion

CODE_MOST = 20
DECISIONS = ("confirm", "dismiss")


class AnyText(serializers.CharField):
    """Any text of any length: nothing of it is stored."""

    def __init__(self, **options):
        super().__init__(allow_blank=True, trim_whitespace=False, **options)
        self.validators = []

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return data


class TrialBody(Input):
    """Words to try the rules on."""

    subject = AnyText(default="")
    description = AnyText(default="")
    about = Choice(choices=About.choices, required=False)
    personal_data = Choice(choices=PersonalData.choices, required=False)


class HitShape(serializers.Serializer):
    """Words that a rule found: which rule and version, which phrase, where, and in what light."""

    rule = serializers.CharField()
    version = serializers.IntegerField()
    playbook = serializers.CharField()
    phrase = serializers.CharField()
    phrase_id = serializers.CharField()
    language = serializers.CharField()
    field = serializers.CharField(help_text="subject, description, or a field of the form.")
    span = serializers.ListField(
        child=serializers.IntegerField(), help_text="From and to, in code points of the field."
    )
    text = serializers.CharField()
    zone = serializers.CharField(help_text="Quoted, a footer, and so on; empty for plain text.")
    negated = serializers.BooleanField()
    weak = serializers.BooleanField(help_text="Asks a person at most.")

    def to_representation(self, instance: Any) -> dict[str, Any]:
        values = asdict(instance)
        span = [values.pop("start"), values.pop("end")]
        return {"rule": instance.playbook, **values, "span": span}


class MatchShape(HitShape):
    """A hit on record, with the pass of the matcher that found it."""

    cause = serializers.CharField(help_text="report, edit or message.")
    at = Moment()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {
            "rule": instance.playbook,
            "version": instance.version,
            "playbook": instance.playbook,
            "phrase": instance.phrase,
            "phrase_id": instance.phrase_id,
            "language": instance.language,
            "field": instance.field,
            "span": [instance.start, instance.end],
            "text": instance.text,
            "zone": instance.zone,
            "negated": instance.is_negated,
            "weak": instance.is_weak,
            "cause": instance.run.cause,
            "at": Moment().to_representation(instance.run.at),
        }


@extend_schema_field(
    {"type": "object", "additionalProperties": {"type": "string", "enum": ["full", "confirm"]}}
)
class Verdicts(serializers.DictField):
    """Playbook to verdict."""


class TrialShape(serializers.Serializer):
    matches = Verdicts()
    hits = HitShape(many=True)
    cut = serializers.BooleanField(help_text="Only the first 50 000 characters were matched.")


class ReceivedShape(serializers.Serializer):
    """What a report answers beside the incident itself."""

    reference = serializers.CharField()
    matches = Verdicts()
    tasks = serializers.DictField(child=serializers.IntegerField())


class FinishBody(Input):
    """The result of a task; for the task that asks about a playbook also the decision."""

    result = Text()
    decision = Choice(choices=[(word, word) for word in DECISIONS], required=False)


class RunBody(Input):
    code = Text(max_length=CODE_MOST)
    reason = Text(max_length=300)


class RunShape(Shape):
    title = serializers.CharField(source="playbook.title", read_only=True)
    version = serializers.IntegerField(source="playbook.version", read_only=True)
    started_by = Name()

    class Meta:
        model = PlaybookRun
        fields = read_only_fields = [
            "code",
            "title",
            "version",
            "mode",
            "why",
            "started_at",
            "started_by",
        ]


class PlaybookShape(Shape):
    class Meta:
        model = PlaybookVersion
        fields = read_only_fields = ["code", "version", "title", "content", "digest", "loaded_at"]


class RuleShape(Shape):
    class Meta:
        model = RuleVersion
        fields = read_only_fields = ["code", "version", "text", "loaded_at"]


class AttemptShape(Shape):
    class Meta:
        model = Attempt
        fields = read_only_fields = ["at", "succeeded", "is_permanent", "answer"]


class AlertShape(Shape):
    recipient = Name()
    acknowledged_by = Name()
    attempts = AttemptShape(many=True, read_only=True)

    class Meta:
        model = Alert
        fields = read_only_fields = [
            "id",
            "kind",
            "recipient",
            "address",
            "channel",
            "reason",
            "priority",
            "level",
            "state",
            "created_at",
            "sent_at",
            "acknowledged_at",
            "acknowledged_by",
            "attempts",
        ]

    def to_representation(self, instance: Alert) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if self.context.get("unnamed") and instance.kind != Alert.Kind.ALERT:
            # A mail server quotes the address in its answers.
            shown |= {"recipient": None, "address": "", "attempts": []}
        return shown


class PersonShape(serializers.Serializer):
    username = serializers.CharField()
    name = serializers.CharField(source="__str__")


class PostShape(serializers.Serializer):
    """A role and who holds it now."""

    role = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    stands_in = serializers.BooleanField(help_text="Nobody holds it; these stand in.")
    people = PersonShape(many=True)
