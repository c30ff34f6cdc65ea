"""Merging, splitting and linking at the console, with the need to know kept."""

import pytest
from django.utils import timezone, translation

from incidents import access
from incidents.admin import thread
from incidents.models import Incident, IncidentLink
from incidents.states import Confidentiality, State
from tests.console import on, words_of
from tests.factories import fresh, make_incident, make_task, make_user

WHY = "The same mail, seen by two people."


def restrict(incident: Incident, *people) -> None:
    Incident.objects.filter(pk=incident.pk).update(confidentiality=Confidentiality.RESTRICTED)
    access.restrict_to(incident, people)


@pytest.fixture
def pair(db):
    first = make_user("first-reporter", first_name="Ann", last_name="First")
    second = make_user("second-reporter", first_name="Bo", last_name="Second")
    return make_incident(reporter=first), make_incident(reporter=second)


def merging(incident: Incident) -> str:
    return on(incident, "transition/merge")


def merge(console, source: Incident, target: Incident):
    return console.post(merging(source), target=target.reference, reason=WHY)


def test_the_form_offers_only_what_the_person_may_see(pair, handler):
    source, target = pair
    hidden = make_incident()
    restrict(hidden)

    page = handler.get(merging(source)).content.decode()

    assert 'name="target"' in page
    assert f'<option value="{target.reference}">' in page
    assert hidden.reference not in page
    assert f'<option value="{source.reference}">' not in page


def test_a_link_from_the_panel_fills_the_form(pair, handler):
    source, target = pair

    page = handler.get(merging(source), target=target.reference).content.decode()
    told = merge(handler, source, target)

    assert f'value="{target.reference}"' in page
    assert told.status_code == 302
    assert fresh(source).state == State.CLOSED


def test_merging_is_refused_with_every_reason(pair, handler):
    source, _target = pair

    answer = handler.post(merging(source), target="", reason="")

    assert answer.status_code == 409
    assert "Merge is refused: 2 things are lacking" in words_of(answer)
    assert "Name the incident that this one duplicates, by its number." in words_of(answer)
    assert 'href="#id_target"' in answer.content.decode()


def test_a_hidden_target_reads_like_one_that_does_not_exist(pair, handler):
    source, hidden = pair
    restrict(hidden)

    told = handler.post(merging(source), target=hidden.reference, reason=WHY)
    of_none = handler.post(merging(source), target="INC-987654", reason=WHY)

    assert told.status_code == of_none.status_code == 409
    expected = words_of(of_none).replace("INC-987654", hidden.reference)
    assert words_of(told) == expected
    assert fresh(source).state == State.NEW


def test_whoever_has_no_right_or_no_sight_does_not_merge(
    pair, dpo, auditor, administrator, reporter, superuser
):
    source, target = pair

    answers = {
        console.user.username: merge(console, source, target).status_code
        for console in (dpo, auditor, administrator, reporter, superuser)
    }

    assert set(answers.values()) <= {302, 403, 404}
    assert fresh(source).duplicate_of is None


def test_the_duplicate_says_of_what_and_the_target_lists_it_with_its_reporter(pair, handler):
    source, target = pair
    merge(handler, source, target)

    of_source = handler.get(on(source))
    of_target = handler.get(on(target))

    assert f"/admin/{on(target)}" in of_source.content.decode()
    assert "This one is its duplicate" in words_of(of_source)
    assert "Split…" in words_of(of_source)
    assert "Reopen…" not in words_of(of_source)
    assert f"/admin/{on(source)}" in of_target.content.decode()
    assert "A duplicate of this one" in words_of(of_target)
    assert "Reported by Ann First." in words_of(of_target)
    assert f"merged {source.reference} into this one" in words_of(of_target)


def test_a_hidden_target_is_named_nowhere_on_the_page_of_its_duplicate(pair, handler, manager):
    source, target = pair
    restrict(target, manager.user)
    merge(manager, source, target)

    page = handler.get(on(source)).content.decode()

    assert fresh(source).duplicate_of == target
    assert target.reference not in page
    assert f"/admin/{on(target)}" not in page


def test_an_incident_that_may_not_be_named_is_told_of_in_the_readers_language(
    pair, handler, manager
):
    source, target = pair
    restrict(target, manager.user)
    manager.post(on(target, "link"), other=source.reference, note="Look at both.")
    merge(manager, source, target)

    with translation.override("nl"):
        told = [
            thread.lines([entry], fresh(source), reporter="", knows_reporter=True)[0]
            for entry in source.timeline.filter(kind__in=["change", "transition"])
        ]

    assert "heeft een ander incident gekoppeld" in [line.sentence for line in told]
    assert any("een ander incident" in detail for line in told for detail in line.details)


def test_splitting_asks_for_a_reason_and_leads_back(pair, handler, agent):
    source, target = pair
    merge(handler, source, target)

    lacking = handler.post(on(source, "transition/split"), reason="")
    denied = agent.post(on(source, "transition/split"), reason=WHY)
    handler.post(on(source, "transition/split"), reason=WHY)

    assert (lacking.status_code, denied.status_code) == (409, 403)
    assert fresh(source).state == State.NEW
    assert f"Linked: {WHY}" in words_of(handler.get(on(source)))


def test_two_incidents_are_linked_with_a_reason(pair, handler):
    source, other = pair

    told = handler.post(on(source, "link"), other=other.reference, note=WHY)

    assert told.status_code == 302
    assert IncidentLink.objects.get().note == WHY
    panel = words_of(handler.get(on(other)))
    assert f"Linked: {WHY}" in panel
    assert f"linked {source.reference}" in panel
    assert f"Merge into {source.reference}…" in panel


def test_a_link_to_what_may_not_be_seen_is_an_error_at_its_field(pair, handler, auditor):
    source, hidden = pair
    restrict(hidden)

    answer = handler.post(on(source, "link"), other=hidden.reference, note=WHY)
    denied = auditor.post(on(source, "link"), other=hidden.reference, note=WHY)

    assert "There is no incident of this number." in words_of(answer)
    assert denied.status_code == 403
    assert not IncidentLink.objects.exists()


def test_the_page_of_the_target_tells_of_two_tasks_and_no_new_fact(db, handler):
    now = timezone.now()
    source, target = (make_incident(noticed_at=now, reported_at=now) for _n in range(2))
    for n in range(2):
        make_task(source, by=handler.user, title=f"By hand {n}")
    merge(handler, source, target)

    answer = handler.get(on(target))

    entry = target.timeline.get(data__has_key="merged")
    assert entry.data["gained"] == {}
    assert len(entry.data["tasks"]) == 2
    assert answer.status_code == 200
    assert f"merged {source.reference} into this" in words_of(answer)
