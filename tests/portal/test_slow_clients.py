"""Requests whose body never comes: they may fill the portal, and it answers again by itself."""

import re
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from portal.stuck import THREADS
from tests.live import Product, product
from tests.portal.test_supervisor import nothing_is_left
from tests.waiting import eventually

pytestmark = pytest.mark.product

WORKERS = 2


@pytest.fixture
def running() -> Iterator[Product]:
    with product(DEMO="0", LOG_FORMAT="json", STALL_SECONDS="10") as started:
        started.start()
        started.wait_ready()
        yield started


def half_a_request(running: Product) -> bytes:
    """A sign-in that says how long it is and stops after the first field's name."""
    with urllib.request.urlopen(f"{running.url}/accounts/login/", timeout=10) as page:
        cookie = re.search(r"csrftoken=\w+", page.headers["Set-Cookie"])
    assert cookie
    lines = [
        "POST /accounts/login/ HTTP/1.1",
        f"Host: {urlsplit(running.url).netloc}",
        f"Cookie: {cookie[0]}",
        "Content-Type: application/x-www-form-urlencoded",
        "Content-Length: 1000",
    ]
    return "\r\n".join([*lines, "", "login="]).encode()


def keep_waiting(running: Product, connections: int, stack: ExitStack) -> None:
    """So many visitors who never finish what they say."""
    words = half_a_request(running)
    address = urlsplit(running.url)
    for _ in range(connections):
        line = stack.enter_context(socket.create_connection((address.hostname, address.port), 10))
        line.sendall(words)


def test_a_few_slow_visitors_keep_nobody_out(running):
    with ExitStack() as stack:
        keep_waiting(running, 8, stack)

        assert all(running.answers("/accounts/login/") for _ in range(20))
    assert "stalled" not in running.log.read_text()


def test_too_many_of_them_are_cut_off_and_the_portal_answers_again(running):
    with ExitStack() as stack:
        keep_waiting(running, 3 * WORKERS * THREADS, stack)
        eventually(lambda: '"stalled"' in running.log.read_text(), "it is noticed", seconds=60)
        eventually(
            lambda: all(running.answers("/accounts/login/") for _ in range(8)),
            "it answers again",
            seconds=60,
        )

    running.wait_ready()
    running.stop()
    nothing_is_left(running)
