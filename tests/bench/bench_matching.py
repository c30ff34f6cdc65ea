"""How long the matcher takes, with the shipped lists and with ten thousand phrases."""

import random
import time
from collections.abc import Callable
from statistics import median

from workflows.matching import PhraseList, PhraseLists, load_shipped, match, parse_list

SEED = 7
SYLLABLES = "ba be bi bo da de di do fa fe ga ge ka ke la le ma me na ne pa pe ra re sa se".split()
REPORT = (
    "This morning I noticed a data breach: files were sent to the wrong person. "
    "My laptop was not stolen, but somebody clicked on a suspicious link. "
)
PHRASES = 10_000


def rows() -> list[tuple[str, str, str]]:
    """Return what was measured, the result and the target. Times are medians."""
    shipped = load_shipped()
    many = PhraseLists.of([*shipped.lists, invented(PHRASES)])
    short, long = prose(2_000), prose(100_000)
    few, more = compared(shipped, many, short, 200)
    few_long, more_long = compared(shipped, many, long, 20)
    return [
        ("matcher, shipped lists, 2 KB", f"{few:.2f} ms", "under 0.5 ms"),
        ("matcher, shipped lists, 100 KB", f"{few_long:.1f} ms", "under 20 ms"),
        ("matcher, 10,000 phrases more, 2 KB", f"{more / few:.1f} x", "at most 5 x"),
        ("matcher, 10,000 phrases more, 100 KB", f"{more_long / few_long:.1f} x", "at most 5 x"),
        ("matcher, shipped lists read and compiled", f"{loading():.0f} ms", "under 100 ms"),
    ]


def prose(length: int) -> str:
    """Return a report of that many characters, with hits in every two thousand."""
    chance = random.Random(SEED)  # noqa: S311 - a repeatable text, no secret
    text = ""
    while len(text) < length:
        text += REPORT + " ".join(word(chance) for _ in range(350)) + ". "
    return text[:length]


def word(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=chance.randint(1, 4)))


def invented(count: int) -> PhraseList:
    """Return a list of phrases of one to three words such as the prose is made of."""
    chance = random.Random(SEED + 1)  # noqa: S311 - a repeatable list, no secret
    phrases = {
        " ".join(word(chance) for _ in range(chance.randint(2, 3))) for _ in range(2 * count)
    }
    text = "\n".join(["version: 1", "[en]", *sorted(phrases)[:count]])
    return parse_list("MANY", text, "MANY.txt")


def compared(one: PhraseLists, other: PhraseLists, text: str, times: int) -> tuple[float, float]:
    """Return the milliseconds of both, measured in turn so that both meet the same machine."""
    pairs = [(once(one, text), once(other, text)) for _ in range(times)]
    return median(a for a, _ in pairs), median(b for _, b in pairs)


def once(lists: PhraseLists, text: str) -> float:
    return milliseconds(lambda: match(lists, "Question", text))


def loading() -> float:
    return median(milliseconds(load_shipped) for _ in range(10))


def milliseconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1_000


if __name__ == "__main__":
    for what, measured, target in rows():
        print(f"{what:<45} {measured:>10}   {target}")
