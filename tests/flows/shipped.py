"""What the shipped playbooks promise, read from their files and from DOMAIN.md 9, not from rows."""

from collections.abc import Mapping

from workflows.playbook_format import load_shipped

PLAYBOOKS = load_shipped()
PERSON = {
    "SDA": "agent",
    "IH": "handler",
    "MIM": "manager",
    "CISO": "ciso",
    "DPO": "dpo",
}
AT_ONCE = {1: {"IH", "MIM", "CISO"}, 2: {"IH", "SDA"}, 3: {"SDA", "IH"}, 4: {"SDA"}}
QUEUE = {"IH", "SDA"}
UNTOUCHED_PRIORITY = 3  # SEV3 and nothing known about whether it goes on

Verdicts = Mapping[str, str]


def laid_out(verdicts: Verdicts) -> dict[str, str]:
    """The code of the task for each piece of work; two playbooks that ask the same ask once."""
    found: dict[str, str] = {}
    for code, verdict in verdicts.items():
        playbook = PLAYBOOKS[code]
        if verdict == "full":
            for task in playbook.tasks:
                found.setdefault(task.dedupe_key, task.id)
        else:
            found.setdefault(f"confirm-{code}", playbook.confirm.id)
    return found


def tasks_of(verdicts: Verdicts) -> list[str]:
    return sorted(laid_out(verdicts).values())


def key_of(code: str, task: str) -> str:
    """The piece of work that a task of this playbook is."""
    return next(each.dedupe_key for each in PLAYBOOKS[code].tasks if each.id == task)


def priority_of(verdicts: Verdicts) -> int:
    wanted = [
        PLAYBOOKS[code].priority if verdict == "full" else PLAYBOOKS[code].confirm_priority
        for code, verdict in verdicts.items()
    ]
    return min([UNTOUCHED_PRIORITY, *(each for each in wanted if each)])


def people_rung(verdicts: Verdicts) -> set[str]:
    """Whom the priority and the playbooks name; one to confirm rings the queue."""
    called = set(AT_ONCE[priority_of(verdicts)])
    for code, verdict in verdicts.items():
        called |= set(PLAYBOOKS[code].alerts) if verdict == "full" else QUEUE
    return {PERSON[role] for role in called}


def is_restricted(verdicts: Verdicts) -> bool:
    return any(
        verdict == "full" and PLAYBOOKS[code].confidentiality == "restricted"
        for code, verdict in verdicts.items()
    )
