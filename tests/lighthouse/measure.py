"""Fetches Lighthouse once, into .venv, and has it look at one page."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.browser import FLAGS, find_chromium
from tests.live import ROOT

HERE = Path(__file__).resolve().parent
TARGET = ROOT / ".venv" / "lighthouse"
PROGRAM = TARGET / "node_modules" / "lighthouse" / "cli" / "index.js"
STAMP = TARGET / "installed"
FILES = ("package.json", "package-lock.json")
ACCESSIBILITY, SOUND, QUICK = "accessibility", "best-practices", "performance"
INSTALL_SECONDS = 180
PAGE_SECONDS = 90


def is_possible() -> bool:
    """True when this machine has Node, npm and a browser."""
    return bool(shutil.which("node") and shutil.which("npm") and find_chromium())


def install() -> None:
    """Bring .venv/lighthouse up to the lock file; every package is checked against its hash."""
    digest = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    if PROGRAM.exists() and STAMP.exists() and STAMP.read_text(encoding="utf-8") == digest:
        return
    TARGET.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copy(HERE / name, TARGET / name)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(
        command, cwd=TARGET, capture_output=True, text=True, timeout=INSTALL_SECONDS
    )
    if done.returncode:
        raise RuntimeError(f"Lighthouse could not be installed:\n{done.stdout}{done.stderr}")
    STAMP.write_text(digest, encoding="utf-8")


def look(url: str, *categories: str, cookie: str = "") -> tuple[dict[str, int], list[str]]:
    """The marks of a page, 0 to 100, by category; and what kept any of them from being full."""
    with tempfile.TemporaryDirectory(prefix="tocsin-lighthouse-") as name:
        headers, result = Path(name) / "headers.json", Path(name) / "result.json"
        headers.write_text(json.dumps({"Cookie": cookie} if cookie else {}), encoding="utf-8")
        command = [
            "node",
            str(PROGRAM),
            url,
            "--quiet",
            "--output=json",
            f"--output-path={result}",
            f"--only-categories={','.join(categories)}",
            f"--extra-headers={headers}",
            f"--chrome-flags={' '.join(FLAGS)} --user-data-dir={name}/profile",
        ]
        environment = {
            **os.environ,
            "CHROME_PATH": find_chromium() or "",
            "NO_UPDATE_NOTIFIER": "1",
        }
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=PAGE_SECONDS
        )
        if done.returncode:
            raise RuntimeError(f"Lighthouse failed on {url}:\n{done.stdout}{done.stderr}")
        return read(json.loads(result.read_text(encoding="utf-8")))


def read(found: dict) -> tuple[dict[str, int], list[str]]:
    """Marks and shortcomings of one result."""
    assert "runtimeError" not in found, found["runtimeError"]
    marks, lacking = {}, []
    for name, category in found["categories"].items():
        marks[name] = round((category["score"] or 0) * 100)
        for part in category["auditRefs"]:
            audit = found["audits"][part["id"]]
            if part["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                lacking.append(f"{name}: {audit['title']} {audit.get('displayValue', '')}".strip())
    return marks, lacking
