"""The line under which a report stands in lists, when its reporter wrote none."""

import re
from textwrap import shorten

TITLE_LEAST, TITLE_MOST = 12, 90
SENTENCE_END = re.compile(r"(?<=[.!?]) ")


def title_of(description: str) -> str:
    """The first sentence, or as many of its words as a list shows; all of it when it is short."""
    whole = " ".join(description.split())
    sentence = SENTENCE_END.split(whole, maxsplit=1)[0]
    title = sentence if len(sentence) >= TITLE_LEAST else whole
    if len(title.split(" ")[0]) > TITLE_MOST // 2:
        return title[:TITLE_MOST]  # such as a long address, which nothing may be cut from
    return shorten(title, TITLE_MOST, placeholder=" …", break_on_hyphens=False)
