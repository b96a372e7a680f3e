"""One thing to be measured, in a process of its own, on a lake whose Bronze is given."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

BRONZE = ("bronze", "bronze_ledger")


class SubjectError(Exception):
    """The process that was to be measured failed."""


def run(subject: str, *arguments: object, environment: dict[str, str] | None = None) -> dict[str, Any]:
    """Return what `benchmarks.silver.<subject>` prints as its last line, JSON, and its ``process_seconds``."""
    command = [sys.executable, "-m", f"benchmarks.silver.{subject}", *map(str, arguments)]
    started = time.monotonic()
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, env={**os.environ, **(environment or {})}
    )
    seconds = time.monotonic() - started
    if done.returncode:
        raise SubjectError(f"{' '.join(command)}: {done.stderr[-2000:]}")
    printed: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return printed | {"process_seconds": round(seconds, 2)}


def with_bronze_of(lake: Path, folder: Path) -> Path:
    """Return a new lake with another one's Bronze, linked and not copied."""
    for name in BRONZE:
        shutil.copytree(lake / name, folder / name, copy_function=os.link)
    return folder
