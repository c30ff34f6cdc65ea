"""The shipped reference data as rows: taxonomy, departments, groups, playbooks, phrase lists.

Everything here is safe to repeat. What an organisation has changed stays: a shipped version comes
into use only if its number is higher than the one in use.
"""

import hashlib
import json
from pathlib import Path

import yaml
from django.contrib.auth.models import Group
from django.db import transaction

from incidents import intake, roles
from incidents.models import Category, Department, Macro
from workflows import matching, playbook_format
from workflows.models import PlaybookVersion, RuleVersion
from workflows.playbook_parts import Playbook

TAXONOMY = Path(intake.__file__).parent / "shipped" / "rsit-1003.yaml"
MACROS = Path(intake.__file__).parent / "shipped" / "macros.yaml"
PHRASES = Path(__file__).parent / "shipped" / "phrases"


class VersionReused(Exception):
    """A shipped file changed but kept its version number."""

    def __init__(self, name: str, version: int):
        super().__init__(f"{name} changed but is still version {version}: raise its version.")


@transaction.atomic
def sync() -> dict[str, int]:
    """Bring every shipped row up to date; how many of each kind are new.

    Raises playbook_format.PlaybookError, matching.PhraseError and VersionReused; then nothing
    was changed.
    """
    return {
        "groups": _sync_groups(),
        "departments": _sync_departments(),
        "categories": _sync_categories(),
        "macros": _sync_macros(),
        "playbooks": sum(_sync_playbook(each) for each in playbook_format.load_shipped().values()),
        "rules": sum(_sync_rule(path) for path in sorted(PHRASES.glob("*.txt"))),
    }


def _sync_groups() -> int:
    return sum(Group.objects.get_or_create(name=name)[1] for name in roles.GROUP_OF.values())


def _sync_departments() -> int:
    # DOMAIN.md 4, field 1
    _row, is_new = Department.objects.get_or_create(
        code=intake.DEFAULT_DEPARTMENT, defaults={"name": "Security-related incidents"}
    )
    return int(is_new)


def _sync_categories() -> int:
    taxonomy = yaml.safe_load(TAXONOMY.read_text(encoding="utf-8"))
    version = str(taxonomy["version"])
    present = set(
        Category.objects.filter(taxonomy_version=version).values_list("class_code", "code")
    )
    fresh = [
        Category(
            taxonomy_version=version,
            class_code=group["code"],
            class_label=group["label"],
            code=item["code"],
            label=item["label"],
            veris=item.get("veris", ""),
        )
        for group in taxonomy["classes"]
        for item in group["subcategories"]
        if (group["code"], item["code"]) not in present
    ]
    Category.objects.bulk_create(fresh)
    return len(fresh)


def _sync_macros() -> int:
    """A row of that name and language is the organisation's own, whatever it says by now."""
    present = set(Macro.objects.values_list("name", "language"))
    fresh = [
        Macro(
            name=name,
            language=language,
            audience=each["audience"],
            text=each["text"][language],
            changes=each.get("changes", {}),
        )
        for each in yaml.safe_load(MACROS.read_text(encoding="utf-8"))
        for language, name in each["names"].items()
        if (name, language) not in present
    ]
    Macro.objects.bulk_create(fresh)
    return len(fresh)


def _sync_playbook(playbook: Playbook) -> int:
    content = playbook.model_dump(mode="json")
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=True)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    rows = PlaybookVersion.objects.filter(code=playbook.code)
    same = rows.filter(version=playbook.version).first()
    if same is not None:
        if same.digest != digest:
            raise VersionReused(f"{playbook.code}.yaml", playbook.version)
        return 0
    if rows.filter(version__gt=playbook.version).exists():
        return 0
    rows.filter(is_current=True).update(is_current=False)
    rows.create(
        code=playbook.code,
        version=playbook.version,
        title=playbook.title,
        content=content,
        digest=digest,
    )
    return 1


def _sync_rule(path: Path) -> int:
    text = path.read_text(encoding="utf-8")
    shipped = matching.parse_list(path.stem, text, path.name)
    rows = RuleVersion.objects.filter(code=shipped.code)
    same = rows.filter(version=shipped.version).first()
    if same is not None:
        if same.text != text and same.loaded_by_id is None:
            raise VersionReused(path.name, shipped.version)
        return 0
    if rows.filter(version__gt=shipped.version).exists():
        return 0
    rows.filter(is_active=True).update(is_active=False)
    rows.create(code=shipped.code, version=shipped.version, text=text)
    return 1
