"""What becomes of the open tasks and the playbooks of a duplicate (DOMAIN.md 1.5)."""

from datetime import timedelta

from django.utils import timezone

from incidents import tasks
from incidents.models import Incident, Task
from incidents.states import OPEN_TASK_STATES
from tests.factories import fresh, make_report, make_task, make_user
from tests.incidents.merging import make_pair, merge


def open_codes(incident: Incident) -> set[str]:
    return set(incident.tasks.filter(state__in=OPEN_TASK_STATES).values_list("code", flat=True))


def test_open_tasks_go_on_at_the_target_and_stay_cancelled_here(handler, manager):
    source, target = make_pair()
    due = timezone.now() + timedelta(days=1)
    task = make_task(source, title="Call the bank", is_mandatory=True, assignee=handler, due_at=due)
    make_task(target, title="Read the log")
    done = make_task(source, title="Done before")
    tasks.finish(done, by=manager, result="It is done.")

    merge(source, target, handler)

    assert fresh(task).state == "cancelled"
    assert fresh(task).reason == f"moved to {target.reference}"
    assert fresh(done).state == "done"
    moved = target.tasks.get(title="Call the bank")
    assert (moved.is_mandatory, moved.assignee, moved.due_at) == (True, handler, due)
    assert (moved.code, moved.dedupe_key) == ("X02", "x-2")
    assert not target.tasks.filter(title="Done before").exists()


def test_what_the_target_has_already_is_covered_there(handler, reference, team):
    source = make_report(make_user("one"), subject="Phishing mail", description="A phishing mail.")
    target = make_report(make_user("two"), subject="Phishing mail", description="A phishing mail.")
    before = open_codes(target)
    asked = source.tasks.filter(dedupe_key__in=target.tasks.values("dedupe_key"))
    count = asked.count()

    merge(source, target, handler)

    assert count > 3
    assert open_codes(target) == before
    covered = source.tasks.filter(reason__startswith=f"covered by {target.reference} ")
    assert covered.count() == count
    assert not open_codes(source)


def test_the_playbook_of_the_duplicate_goes_on_at_the_target(handler, reference, team):
    quiet = make_report(make_user("one"))
    breach_report = make_report(
        make_user("two"), subject="Data breach", description="A data breach with names happened."
    )
    keys = set(breach_report.tasks.values_list("dedupe_key", flat=True))

    merge(breach_report, quiet, handler)

    runs = {run.code: run.mode for run in quiet.playbook_runs.all()}
    assert runs["DB"] == "full"
    assert keys <= set(quiet.tasks.values_list("dedupe_key", flat=True))
    assert fresh(quiet).breach_status == "suspected"
    assert not fresh(breach_report).tasks.filter(state__in=OPEN_TASK_STATES).exists()


def test_a_question_about_a_playbook_that_runs_in_full_is_not_asked_again(handler, reference, team):
    asks = make_report(
        make_user("one"), subject="A question", description="This was not a data breach, I think."
    )
    full = make_report(
        make_user("two"), subject="Data breach", description="A data breach with names happened."
    )
    assert asks.tasks.filter(dedupe_key="confirm-DB", state="todo").exists()

    merge(asks, full, handler)

    questions = full.tasks.filter(dedupe_key="confirm-DB", state__in=OPEN_TASK_STATES)
    assert not questions.exists()


def test_what_was_waived_there_covers_nothing(handler, manager, reference, team):
    source = make_report(make_user("one"), subject="Phishing mail", description="A phishing mail.")
    target = make_report(make_user("two"), subject="Phishing mail", description="A phishing mail.")
    task = source.tasks.filter(is_mandatory=True, is_no_waive=True).first()
    Task.objects.filter(incident=target, dedupe_key=task.dedupe_key).update(
        state="waived", reason="Not needed there."
    )

    merge(source, target, handler)

    again = target.tasks.get(dedupe_key=f"{task.dedupe_key}-{source.pk}")
    assert (again.state, again.is_mandatory, again.is_no_waive) == ("todo", True, True)
    assert fresh(task).reason == f"moved to {target.reference}"
