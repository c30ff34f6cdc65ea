"""Strict JSON: what two readers could take for two things is refused."""

import json
import math
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

DEPTH_MOST = 32
MEMBERS_MOST = 200
VALUES_MOST = 10_000  # in the whole body; each may cost a query, or a line in a refusal
TOO_DEEP = gettext_lazy("The body is nested too deeply.")


class StrictJSON(BaseParser):
    """One JSON object in UTF-8; no member twice, no NaN, no number too large, no deep nesting.

    How long a text may be is for whoever reads it to say, by name; how many there are, is not.
    """

    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None) -> dict[str, Any]:
        raw = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(raw) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig
        body = _loads(_text(raw))
        if not isinstance(body, dict):
            raise ParseError(_("Send a JSON object."))
        return body


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise ParseError(_("The body is not UTF-8.")) from None


def _loads(text: str) -> Any:
    try:
        body = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
    except json.JSONDecodeError as problem:
        where = {"line": problem.lineno, "column": problem.colno}
        raise ParseError(
            _("The body is no JSON (line %(line)d, column %(column)d).") % where
        ) from None
    except ValueError:
        # Python reads no whole number of more than 4300 digits.
        raise ParseError(_("The body holds a number that is too large.")) from None
    except RecursionError:
        raise ParseError(TOO_DEEP) from None
    _check_size(body)
    return body


def _check_size(body: Any) -> None:
    level, count = [body], 0
    for _depth in range(DEPTH_MOST):
        level = [inner for outer in level for inner in _inside(outer)]
        count += len(level)
        if count > VALUES_MOST:
            raise ParseError(_("The body holds more than %d values.") % VALUES_MOST)
        if not level:
            return
    raise ParseError(TOO_DEEP)


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MEMBERS_MOST:
        raise ParseError(_("An object of the body has more than %d members.") % MEMBERS_MOST)
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ParseError(_("The member “%s” stands there twice.") % name[:100])
        found[name] = value
    return found


def _refuse_constant(name: str) -> None:
    raise ParseError(_("%s is no JSON number.") % name)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ParseError(_("The body holds a number that is too large."))
    return number
