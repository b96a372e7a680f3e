"""The stages of `make run`, timed: `make bench` prints them and keeps them in `benchmarks/stages.json`.

Each round runs the whole command in a process of its own on a fresh lake, and once more on the same lake, where
nothing is new. The figures of one round are comparable with each other, not with those of another machine.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.machine import machine
from benchmarks.records import source

KEPT = Path(__file__).parent / "stages.json"
Seconds = dict[str, list[float]]


def main(rounds: Annotated[int, typer.Option(min=1, help="Fresh lakes to run.")] = 3) -> None:
    """Time every layer of a run on the generated day, or on EVENTS."""
    console = Console(highlight=False)
    seconds: Seconds = defaultdict(list)
    for number in range(1, rounds + 1):
        console.print(f"round {number} of {rounds}: a fresh lake, then the same input again")
        with tempfile.TemporaryDirectory() as folder:
            lake = Path(folder, "lake")
            receipt = _timed(lake, seconds, "make run, fresh lake")
            for table in receipt["tables"]:
                if table["verdict"] != "unchanged":
                    seconds[table["table"]].append(table["seconds"])
            _timed(lake, seconds, "make run, nothing new")
    _keep(seconds, receipt)
    console.print(_table(seconds))
    console.print(f"kept in {KEPT.relative_to(Path.cwd())}")


def _timed(lake: Path, seconds: Seconds, name: str) -> dict[str, Any]:
    """Return the receipt of one run of the command, after noting its wall time."""
    started = time.monotonic()
    subprocess.run([sys.executable, "-m", "local", "run", "--lake", str(lake)], check=True, capture_output=True)
    seconds[name].append(round(time.monotonic() - started, 2))
    newest = max((lake / "runs").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    receipt: dict[str, Any] = json.loads(newest.read_text())
    return receipt


def _keep(seconds: Seconds, receipt: dict[str, Any]) -> None:
    kept = {
        "command": "make bench",
        "events": source(),
        "rows": {table["table"]: table["rows_out"] for table in receipt["tables"]},
        "machine": machine(),
        "seconds": {name: {"median": statistics.median(runs), "all": runs} for name, runs in seconds.items()},
    }
    KEPT.write_text(json.dumps(kept, indent=2) + "\n")


def _table(seconds: Seconds) -> Table:
    table = Table("stage", "median s", "min s", "max s")
    for name, runs in seconds.items():
        table.add_row(name, *(f"{figure:.1f}" for figure in (statistics.median(runs), min(runs), max(runs))))
    return table


if __name__ == "__main__":
    typer.run(main)
