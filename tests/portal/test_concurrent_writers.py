"""Eight processes write into one SQLite file at once, and none is ever told that it is locked."""

import subprocess
import sys

import pytest

from tests.live import ROOT, product

pytestmark = pytest.mark.product

WRITERS = 8
ROUNDS = 40
# Reads, then writes what it read: without IMMEDIATE nine in ten of these fail (ENGINE.md A5).
WRITE = f"""
from django.db import transaction
from workflows.models import Heartbeat
from workflows import heartbeat

for _ in range({ROUNDS}):
    with transaction.atomic():
        row = Heartbeat.objects.get(name="shared")
        heartbeat.beat("shared", str(int(row.token) + 1))
"""
FIRST = 'from workflows import heartbeat; heartbeat.beat("shared", "0")'
COUNT = 'from workflows.models import Heartbeat; print(Heartbeat.objects.get(name="shared").token)'


def test_no_writer_fails_and_no_write_is_lost():
    with product(DEMO="0") as idle:
        idle.manage("migrate", "--verbosity=0")
        idle.manage("shell", "--no-imports", "-c", FIRST)
        writers = [
            subprocess.Popen(
                [sys.executable, "manage.py", "shell", "--no-imports", "-c", WRITE],
                cwd=ROOT,
                env=idle.environment,
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(WRITERS)
        ]

        complaints = [writer.communicate(timeout=120)[1] for writer in writers]

        assert [writer.returncode for writer in writers] == [0] * WRITERS, complaints
        assert int(idle.manage("shell", "--no-imports", "-c", COUNT)) == WRITERS * ROUNDS
