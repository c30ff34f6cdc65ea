"""Nothing dead is kept. vulture finds what no code names; some of that only frameworks call.

What only a test calls is dead too, so tests do not count as callers.
"""

import ast
import re

from vulture import Vulture

from tests.house.tree import PACKAGES, ROOT, files, parsed, python_files, read

KINDS = {"function", "class", "method", "property", "import", "unreachable_code"}
# Called by the framework because of their names: Django, its admin, DRF, django-q2, Prometheus.
CALLED_BY_NAME = re.compile(
    r"""__\w+__|handle|add_arguments|ready|clean(_\w+)?|save(_\w+)?|delete(_\w+)?|label_from_instance
    |get_\w+|has_\w+_permission|has_permission|authenticate(_header)?|allow_request|wait|lookups
    |formfield_for_\w+|response_\w+|\w+_view|queryset|choices|value|render(_\w+)?|parse|describe
    |collect|to_\w+|validate(_\w+)?|paginate_queryset|deconstruct|is_open_for_signup|dequeue|enqueue
    |format_\w+|run|send_messages|each_context|app_index|map_\w+|negotiate|\w+_change|Meta|Media
    |construct_\w+|full_clean|history_\w+|filter_\w+|expected_parameters|create|perform_\w+|extract
    |initial|options|get|post|put|patch|head|Command|prepare_value|value_from_datadict|as_\w+
    |select_\w+|pre_\w+|connection_class|_close_connection|\w+Scheme|is_safe_url
    |authentication_failed|_get_login_\w+|send_(password_reset_)?mail""",
    re.VERBOSE,
)


def words_in_texts() -> set[str]:
    """Every word in a string of ours or in a template: names in settings, URL maps, pages."""
    words: set[str] = set()
    for path in python_files():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.update(re.findall(r"\w+", node.value))
    for path in files():
        if "templates" in path.parts:
            words.update(re.findall(r"\w+", read(path)))
    return words


def decorated() -> set[str]:
    """Names with a decorator that registers them or hands them on."""
    plain = {
        "property",
        "staticmethod",
        "classmethod",
        "cached_property",
        "cache",
        "contextmanager",
    }
    return {
        node.name
        for path in python_files()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and any(ast.unparse(decorator) not in plain for decorator in node.decorator_list)
    }


def test_everything_is_used_by_something():
    finder = Vulture()
    finder.scavenge([ROOT / package for package in PACKAGES])
    excused = words_in_texts() | decorated()

    dead = [
        f"{item.filename.relative_to(ROOT)}:{item.first_lineno}: {item.typ} {item.name}"
        for item in finder.get_unused_code(min_confidence=60)
        if item.typ in KINDS
        and item.name not in excused
        and "migrations" not in item.filename.parts
        and not CALLED_BY_NAME.fullmatch(item.name)
    ]

    assert dead == []
