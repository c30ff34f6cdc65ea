"""What exists is documented: settings, commands, endpoints. Served at /help/."""

import re

import pytest
from drf_spectacular.generators import SchemaGenerator

from tests.house.tree import PACKAGES, ROOT, files, read

SETTING = re.compile(r'env\.\w+\(\s*"(\w+)"')
PREFIX = "/api/v1"


def documentation() -> str:
    pages = sorted((ROOT / "portal" / "docs").glob("*.md"))
    return "\n".join(page.read_text(encoding="utf-8") for page in pages)


def settings() -> list[str]:
    return sorted(set(SETTING.findall(read(ROOT / "portal" / "settings.py"))))


def commands() -> list[str]:
    return sorted(
        path.stem
        for path in files()
        if path.parts[0] in PACKAGES and path.parent.name == "commands" and path.suffix == ".py"
        if path.stem != "__init__"
    )


def endpoints() -> list[str]:
    paths = SchemaGenerator().get_schema(public=True)["paths"]
    return sorted(path.removeprefix(PREFIX) for path in paths if path.startswith(PREFIX))


@pytest.mark.parametrize("name", settings())
def test_every_setting_is_documented(name):
    assert f"`{name}`" in documentation()


@pytest.mark.parametrize("name", commands())
def test_every_command_is_documented(name):
    assert re.search(rf"`(manage\.py )?{name}\b", documentation())


def test_every_endpoint_is_documented():
    text = documentation()

    assert [endpoint for endpoint in endpoints() if endpoint not in text] == []
    assert endpoints() != []


def test_every_file_that_the_readme_names_is_there():
    """In a row of the map a bare name stands beside the path before it."""
    missing, folder = [], ""
    for name in re.findall(r"`([\w/-]+\.(?:py|md))`", read(ROOT / "README.md")):
        folder = name.rpartition("/")[0] if "/" in name else folder
        if not (ROOT / name).exists() and not (ROOT / folder / name).exists():
            missing.append(name)
    assert missing == []
