"""Fields of requests and answers: strict readers, times in UTC."""

from datetime import UTC
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from incidents import milestones, plain_text

YEARS_AHEAD = 20


class Input(serializers.Serializer):
    """The body of a request; a member that is not declared is refused by name."""

    def to_internal_value(self, data: Any) -> Any:
        strange = {
            name: [_("There is no such field here.")]
            for name in (data if isinstance(data, dict) else {})
            if name not in self.fields
        }
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as problem:
            detail: Any = problem.detail
            raise serializers.ValidationError({**detail, **strange}) from None
        if strange:
            raise serializers.ValidationError(strange)
        return value


class Text(serializers.CharField):
    """Text, and only text: a number or a truth value is a mistake. Null is no text."""

    def __init__(self, **options):
        options.setdefault("max_length", plain_text.TEXT_MOST)
        options.setdefault("allow_blank", not options.get("required", True))
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            plain_text.check(data)
        except ValidationError as problem:
            raise serializers.ValidationError(problem.messages) from None
        return super().to_internal_value(data)


class Number(serializers.IntegerField):
    """A JSON number; "3" and true are none."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return super().to_internal_value(data)


class Flag(serializers.BooleanField):
    """true or false; "yes" and 1 are neither."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


@extend_schema_field(OpenApiTypes.DATETIME)
class Past(serializers.Field):
    """A moment from 1990 to now (incidents/milestones.py)."""

    def to_internal_value(self, data: Any):
        try:
            return milestones.read_moment(data)
        except ValidationError as problem:
            raise serializers.ValidationError(problem.messages) from None

    def to_representation(self, value):
        return value


class Future(serializers.DateTimeField):
    """When something is due: from yesterday to twenty years ahead."""

    def __init__(self, **options):
        super().__init__(default_timezone=UTC, **options)

    def to_internal_value(self, data: Any):
        if not isinstance(data, str):
            self.fail("invalid", format="RFC 3339")
        moment = super().to_internal_value(data)
        away = moment - timezone.now()
        if not -1 <= away.days <= 366 * YEARS_AHEAD:
            raise serializers.ValidationError(_("This is long past, or too far ahead."))
        return moment


class Choice(serializers.ChoiceField):
    """One of a closed list of words."""

    def to_internal_value(self, data: Any):
        if not isinstance(data, str) or data not in self.choices:
            raise serializers.ValidationError(
                _("Use one of: %s.") % ", ".join(map(str, self.choices))
            )
        return data


@extend_schema_field({"type": ["integer", "string"], "description": "1 to 4, or such as SEV2."})
class Grade(serializers.Field):
    """1 to 4, also written with its letters, such as SEV2 or P1."""

    def __init__(self, letters: str, **options):
        self.letters = letters
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> int:
        if type(data) is int and 1 <= data <= 4:
            return data
        if isinstance(data, str) and (found := self.number(data)):
            return found
        raise serializers.ValidationError(_("Use a number from 1 to 4."))

    def to_representation(self, value):
        return value

    def number(self, text: str) -> int | None:
        digit = text.strip().upper().removeprefix(self.letters)
        return int(digit) if digit in {"1", "2", "3", "4"} else None


class Person(Text):
    """An active user by user name."""

    def __init__(self, **options):
        super().__init__(max_length=150, **options)

    def run_validation(self, data: Any = empty) -> Any:
        name = super().run_validation(data)
        if not isinstance(name, str):
            return name
        found = get_user_model().objects.filter(username=name, is_active=True).first()
        if found is None:
            raise serializers.ValidationError(_("There is nobody of this user name."))
        return found


class Moment(serializers.DateTimeField):
    """A moment in an answer: RFC 3339, always UTC."""

    def __init__(self, **options):
        super().__init__(default_timezone=UTC, **{**options, "read_only": True})


class Name(serializers.CharField):
    """The user name of somebody in an answer."""

    def __init__(self, **options):
        super().__init__(read_only=True, allow_null=True, **options)

    def to_representation(self, value) -> str:
        return value.username


class Names(serializers.ListField):
    """The names of linked rows in an answer."""

    def __init__(self, **options):
        super().__init__(child=serializers.CharField(), read_only=True, **options)

    def get_attribute(self, instance):
        return [row.name for row in getattr(instance, str(self.source)).all()]
