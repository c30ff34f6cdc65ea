"""`python -m tests.bench [word ...]`: runs the benchmarks and prints what they measured."""

import importlib
import os
import sys
from pathlib import Path

import django

HERE = Path(__file__).parent
Row = tuple[str, str, str]  # what, measured, target


def main(wanted: list[str]) -> None:
    """Run every bench_*.py, or those whose name holds one of the words."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    for name in sorted(path.stem for path in HERE.glob("bench_*.py")):
        if not wanted or any(word in name for word in wanted):
            print(f"\n{name.removeprefix('bench_')}", flush=True)
            show(importlib.import_module(f"tests.bench.{name}").rows())


def show(rows: list[Row]) -> None:
    for what, measured, target in rows:
        print(f"  {what:<62} {measured:>12}   {target}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
