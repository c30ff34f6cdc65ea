"""Real processes, real kills: what dies is restarted whole, and nothing is ever left behind."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.live import Product, product
from tests.processes import House, of_data_directory
from tests.waiting import eventually

pytestmark = pytest.mark.product

CREW = 4  # two workers, the monitor, the pusher


@pytest.fixture
def fresh() -> Iterator[Product]:
    """A product for one test, which ends it."""
    with product(DEMO="0", LOG_FORMAT="json") as started:
        started.start()
        started.wait_ready()
        yield started


@pytest.fixture(scope="module")
def running() -> Iterator[Product]:
    """One product for all tests after which it must still run."""
    with product(DEMO="0", LOG_FORMAT="json") as started:
        started.start()
        started.wait_ready()
        eventually(lambda: tolerant(lambda: len(house(started).crew()) == CREW), "all are there")
        yield started


def house(running: Product) -> House:
    assert running.process is not None
    return House(running.data, running.process.pid)


def nothing_is_left(running: Product) -> None:
    eventually(lambda: not of_data_directory(running.data), "no process is left")


def works_again(running: Product, old: set[int]) -> None:
    """Both children run, with none of the `old` processes, and a fresh tick has been answered."""

    def renewed() -> bool:
        now = {found.pid for found in of_data_directory(running.data)}
        return not now & old and len(house(running).crew()) == CREW

    eventually(lambda: tolerant(renewed), "the group was replaced as a whole", seconds=40)
    running.wait_ready(seconds=60)


def tolerant(look) -> bool:
    """False while the processes that `look` asks for are being replaced."""
    try:
        return look()
    except (StopIteration, IndexError):
        return False


def group_of(keeper: int) -> set[int]:
    return {
        int(pid)
        for pid in os.listdir("/proc")
        if pid.isdigit() and group_number(int(pid)) == keeper
    }


def group_number(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_all_of_it_in_good_order(fresh, number):
    started = time.monotonic()

    fresh.process.send_signal(number)

    assert fresh.process.wait(15) == 0
    assert time.monotonic() - started < 8, "it was killed instead of asked"
    nothing_is_left(fresh)


def test_a_killed_supervisor_leaves_nothing_behind(fresh):
    fresh.process.kill()

    nothing_is_left(fresh)


def test_a_supervisor_that_dies_while_it_starts_leaves_nothing_behind():
    with product(DEMO="0") as starting:
        starting.start()
        eventually(
            lambda: "keeper" in commands(starting), "the first keeper runs", seconds=90, every=0.001
        )

        starting.process.kill()

        nothing_is_left(starting)


def commands(running: Product) -> str:
    return " ".join(found.command for found in of_data_directory(running.data))


@pytest.mark.parametrize("of", ["granian", "qcluster"])
def test_a_killed_keeper_takes_its_group_along_and_is_replaced(running, of):
    keeper = house(running).keeper(of)
    old = group_of(keeper)

    house(running).kill(keeper)

    works_again(running, old)


@pytest.mark.parametrize("of", ["granian", "qcluster"])
def test_a_killed_main_process_takes_its_group_along_and_is_replaced(running, of):
    old = group_of(house(running).keeper(of))

    house(running).kill(house(running).main(of))

    works_again(running, old)


def test_a_killed_sentinel_leaves_no_unguarded_workers(running):
    old = group_of(house(running).keeper("qcluster"))

    house(running).kill(house(running).sentinel())

    works_again(running, old)


def test_a_killed_web_worker_is_replaced(running):
    victim = house(running).web_workers()[0]

    house(running).kill(victim)

    eventually(lambda: len(set(house(running).web_workers()) - {victim}) == 2, "two serve again")
    running.wait_ready()


def test_keepers_and_supervisor_killed_together_leave_nothing_of_their_own(fresh):
    keepers = [house(fresh).keeper(of) for of in ("granian", "qcluster")]
    mains = [house(fresh).main(of) for of in ("granian", "qcluster")]

    fresh.process.send_signal(signal.SIGSTOP)  # it cannot help any more
    house(fresh).kill(*keepers)

    eventually(
        lambda: not {found.pid for found in of_data_directory(fresh.data)} & set(mains),
        "the main processes die with their keepers",
    )
    fresh.process.send_signal(signal.SIGCONT)
    fresh.stop()
    nothing_is_left(fresh)


def test_a_second_portal_on_the_same_port_says_so_in_one_line(running):
    second = subprocess.run(
        [os.sys.executable, "manage.py", "runall"],
        env=running.environment,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=os.getcwd(),
    )

    port = running.environment["PORT"]
    assert second.returncode == 1
    line = f"PORT: {port} is taken by another program. Set PORT to a free one."
    assert line in second.stderr


def test_the_demo_refuses_to_be_reachable():
    with product(DEMO="0", HOST="0.0.0.0") as refused:
        refused.environment["DEMO"] = "1"
        refused.start()

        assert refused.process.wait(60) == 1
        assert "HOST: '0.0.0.0' is not loopback" in refused.log.read_text()


def test_only_the_worker_runs_when_only_that_is_asked_for():
    with product(DEMO="0") as node:
        node.start("--only", "worker")
        eventually(lambda: "qcluster" in commands(node), "the worker runs", seconds=90)

        assert "granian" not in commands(node)
        node.stop()
        nothing_is_left(node)
