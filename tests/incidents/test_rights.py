"""What a refusal says: a sentence for people, never the code of a right."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from incidents import rights
from incidents.rights import Right
from tests.spoken import OPEN, mark_translations

ROOT = Path(rights.__file__).parent.parent
RAISED = re.compile(r'rights\.Denied\("(\w+)"\)')


@pytest.mark.parametrize("right", Right)
def test_a_refusal_is_a_sentence_without_the_code(right):
    said = str(rights.Denied(right))

    assert said.endswith(".")
    assert "_" not in said
    assert said != str(rights.NOT_HERE)


def test_every_word_that_the_product_refuses_with_has_a_sentence():
    sources = [path for name in ("incidents", "workflows", "portal")
               for path in (ROOT / name).rglob("*.py")]  # fmt: skip

    words = {word for path in sources for word in RAISED.findall(path.read_text())}

    assert len(words) > 5
    assert words <= set(rights.SENTENCES)


def test_it_is_said_in_the_readers_language(monkeypatch):
    mark_translations(monkeypatch)

    with translation.override("nl"):
        said = str(rights.Denied(Right.MERGE))

    assert said.startswith(OPEN)
