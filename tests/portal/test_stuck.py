"""When a web process counts as stuck: all threads taken, and none free for too long."""

import pytest

from portal import stuck

STALL = 45


@pytest.fixture
def guarded(monkeypatch, settings):
    settings.STALL_SECONDS = STALL
    monkeypatch.setattr(stuck.Guarded, "watch", lambda _self: None)
    return stuck.Guarded(lambda _environ, _start: [b"here"])


def fill(guarded, requests: int) -> None:
    for _ in range(requests):
        guarded.count(1)


def test_a_process_with_all_threads_taken_for_long_is_stuck(guarded):
    fill(guarded, stuck.THREADS)

    assert not guarded.is_stuck(guarded.moved_at + STALL)
    assert guarded.is_stuck(guarded.moved_at + STALL + 1)


def test_a_process_with_a_free_thread_is_not(guarded):
    fill(guarded, stuck.THREADS - 1)

    assert not guarded.is_stuck(guarded.moved_at + STALL + 1)


def test_what_has_left_is_counted_no_more(guarded):
    fill(guarded, stuck.THREADS - 1)

    assert guarded({}, None) == [b"here"]
    assert guarded.inside == stuck.THREADS - 1


def test_a_request_that_fails_has_left_too(guarded):
    guarded.application = lambda _environ, _start: 1 / 0

    with pytest.raises(ZeroDivisionError):
        guarded({}, None)

    assert guarded.inside == 0
