"""When the web server counts as stalled: never while it starts, nor while it answers."""

import pytest

from portal import web_watch

STALL = 45


class Web:
    """A web server that answers as it is told, and counts how often it was asked."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.now = 1000.0

    def ask(self) -> int:
        return self.answers.pop(0) if self.answers else 0


@pytest.fixture
def web(monkeypatch, settings) -> Web:
    web = Web()
    settings.STALL_SECONDS = STALL
    monkeypatch.setattr(web_watch, "ask", web.ask)
    monkeypatch.setattr(web_watch.time, "monotonic", lambda: web.now)
    return web


@pytest.fixture
def watch(web) -> web_watch.WebWatch:
    return web_watch.WebWatch()


def later(watch, web, seconds: float, answers: list[int]) -> bool:
    """Whether it counts as stalled when it gives these answers so much later."""
    web.now += seconds
    web.answers = list(answers)
    watch.look(web.now)
    return watch.stalled.is_set()


def test_a_server_that_never_answered_has_time_to_start(watch, web):
    assert not later(watch, web, web_watch.START_SECONDS + STALL, [])
    assert later(watch, web, 1, [])


def test_a_server_that_has_answered_has_less(watch, web):
    assert not later(watch, web, 1, [200] * web_watch.TIMES)
    assert not later(watch, web, STALL, [])
    assert later(watch, web, 1, [])


def test_an_error_is_an_answer(watch, web):
    assert not later(watch, web, web_watch.START_SECONDS + STALL + 1, [503] * web_watch.TIMES)


def test_one_that_answers_now_and_then_is_stalled_too(watch, web):
    later(watch, web, 1, [200] * web_watch.TIMES)

    assert later(watch, web, STALL + 1, [200, 200, 0, 200])


def test_a_fresh_one_starts_anew(watch, web):
    later(watch, web, 1, [200] * web_watch.TIMES)
    watch.restarted.set()

    assert not later(watch, web, STALL + 1, [])
    assert not watch.restarted.is_set()
