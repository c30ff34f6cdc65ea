"""A cluster that no longer works but looks alive is noticed, ended and replaced.

Measured: kill -9 of an idle django-q2 worker, or of its monitor, stalls it without a log line.
"""

import pytest

from tests.live import Product, product
from tests.portal.test_supervisor import group_of, house, works_again
from tests.waiting import eventually

pytestmark = pytest.mark.product


@pytest.fixture(scope="module")
def running():
    with product(DEMO="0", LOG_FORMAT="json", STALL_SECONDS="10") as started:
        started.start()
        started.wait_ready()
        yield started


def stalls(running: Product) -> int:
    return running.log.read_text().count('"stalled"')


@pytest.mark.parametrize(
    "victims",
    [slice(0, 2), slice(2, 3), slice(3, 4)],
    ids=["idle workers, one with the queue's lock", "monitor", "pusher"],
)
def test_a_cluster_that_lost_part_of_its_crew_works_again(running, victims):
    eventually(lambda: len(house(running).crew()) == 4, "the cluster has its crew")
    before = stalls(running)
    old = group_of(house(running).keeper("qcluster"))

    house(running).kill(*house(running).crew()[victims])

    if victims.start == 3:  # django-q2 replaces its pusher by itself, and goes on
        eventually(lambda: len(house(running).crew()) == 4, "the pusher was replaced")
        running.wait_ready(seconds=60)
    else:
        eventually(lambda: stalls(running) > before, "the stall is logged", seconds=60)
        works_again(running, old)
