"""Makes the work of gettext visible: every translated phrase stands in ⟦brackets⟧.

So a test sees in which language something was said, without any catalogue.
"""

from typing import Any

from django.utils import translation
from django.utils.translation import get_language

OPEN, CLOSE = "⟦⟧"


def mark_translations(monkeypatch) -> None:
    """Until the test ends, phrases in any language but English are marked."""
    real = translation._trans
    for name in ("gettext", "ngettext", "pgettext", "npgettext"):
        monkeypatch.setattr(real, name, _marked(getattr(real, name)))


def _marked(say) -> Any:
    def said(*phrase: Any) -> str:
        text = say(*phrase)
        is_english = (get_language() or "en").startswith("en")
        return text if is_english or not text else f"{OPEN}{text}{CLOSE}"

    return said
