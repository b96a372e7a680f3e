"""Gold of a million changes, and what a question costs: `make bench` prints it, `benchmarks/gold.json` keeps it.

`python -m benchmarks.gold [LAKE] --rounds N` makes a lake of a year, unless LAKE is one that it made before.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from athena_queries.analyst_file import AnalystFile, read_analyst_files
from athena_queries.engines.duckdb_engine import DuckDbEngine
from athena_queries.sql import parse, tables_of, with_parameters
from benchmarks.gold.lake import DAY, USER
from benchmarks.machine import machine
from local.budgets import scan_budgets

KEPT = Path(__file__).parent.with_suffix(".json")
# What somebody asks of one user, or of one day.
HEADLINES = {
    "open_tasks_of_a_user": [USER, DAY],
    "changes_of_a_day": [DAY, DAY],
    "changes_of_a_user": [USER, DAY, DAY],
}


def main(
    lake: Annotated[Path | None, typer.Argument(help="A lake that this command made; else it makes one.")] = None,
    rounds: Annotated[int, typer.Option(min=1)] = 3,
) -> None:
    """Measure, print and keep."""
    with tempfile.TemporaryDirectory() as folder:
        place = (lake or Path(folder)).absolute()
        subprocess.run([sys.executable, "-m", "benchmarks.gold.lake", str(place)], check=True)
        builds = [_printed("benchmarks.gold.job", place) for _ in range(rounds)]
        queries = {name: [_query(place, name) for _ in range(rounds)] for name in HEADLINES}
        scans = {name: _scan(DuckDbEngine(place), name) for name in HEADLINES}
        budgets = scan_budgets(place, _of_this_lake(read_analyst_files()))
    over = f"{sum(scan.is_over for scan in budgets)} of {len(budgets)} (goal: none)"
    lines = {
        **_build_lines(builds),
        **_query_lines(queries),
        **_scan_lines(scans),
        "files above their scan budget after the stated growth": over,
    }
    command = f"python -m benchmarks.gold --rounds {rounds}"
    kept = {"command": command, "machine": machine(), "lines": lines, "builds": builds, "scans": scans}
    kept["budgets"] = [str(scan) for scan in budgets]
    KEPT.write_text(json.dumps(kept, indent=2) + "\n")
    table = Table("figure", "measured")
    for name, value in lines.items():
        table.add_row(name, value)
    Console(highlight=False).print(table)


def _of_this_lake(files: Iterable[AnalystFile]) -> list[AnalystFile]:
    """Return the files with examples that this lake has rows for."""
    examples = {"user_id": f"'{USER}'"}
    return [
        replace(
            file,
            parameters=tuple(replace(each, example=examples.get(each.name, each.example)) for each in file.parameters),
        )
        for file in files
    ]


def _build_lines(builds: list[dict[str, Any]]) -> dict[str, str]:
    names = ("gold", "gold_after_a_day", "duckdb")
    gold, after_a_day, duckdb = (statistics.median(build[f"{name}_seconds"] for build in builds) for name in names)
    return {
        "all Gold": f"{gold:.1f} s (goal: at most 15)",
        "all Gold / DuckDB's SELECTs alone": f"{gold / duckdb:.1f}",
        "Gold after one more day / all Gold": f"{after_a_day / gold:.2f}",
    }


def _query_lines(queries: dict[str, list[dict[str, float]]]) -> dict[str, str]:
    lines = {}
    for name, runs in queries.items():
        seconds, python = (statistics.median(run[key] for run in runs) for key in ("first_row", "python"))
        lines[f"make query {name}: first row"] = f"{seconds:.2f} s (goal: at most 2); Python's own start {python:.2f} s"
    return lines


def _scan_lines(scans: dict[str, dict[str, int]]) -> dict[str, str]:
    return {
        f"{name}: bytes scanned": f"{scan['bytes_scanned'] / scan['table_bytes']:.2%} of its table (goal: at most 1%)"
        for name, scan in scans.items()
    }


def _printed(module: str, *arguments: object) -> dict[str, Any]:
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _query(lake: Path, name: str) -> dict[str, float]:
    """Return the seconds until the command's first row, and those that Python takes to start at all."""
    file = f"athena_queries/analyst/{name}.sql"
    words = " ".join(HEADLINES[name])
    command = [sys.executable, "-m", "local", "query", "--lake", str(lake), "--file", file, "--params", words]
    return {
        "first_row": _first_line([*command, "--format", "csv"]),
        "python": _first_line([sys.executable, "-c", "print()"]),
    }


def _first_line(command: list[str]) -> float:
    started = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline(), f"{' '.join(command)} printed nothing"
        return time.monotonic() - started


def _scan(engine: DuckDbEngine, name: str) -> dict[str, int]:
    file = next(each for each in read_analyst_files() if each.name == name)
    literals = file.literals(HEADLINES[name])
    [table] = tables_of(parse(with_parameters(file.sql, literals)))
    sizes = [task.file.file_size_in_bytes for task in engine.table(table).scan().plan_files()]
    engine.run(file.sql, literals)  # the first one imports modules, which would be counted
    answer = engine.run(file.sql, literals)
    assert answer.rows.num_rows, f"{name} found nothing: it scanned nothing either"
    return {"bytes_scanned": answer.bytes_scanned or 0, "table_bytes": sum(sizes), "rows": answer.rows.num_rows}


if __name__ == "__main__":
    typer.run(main)
