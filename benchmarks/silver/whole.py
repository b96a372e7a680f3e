"""All of a year's Bronze to all task tables: ours, DuckDB and the usual way by turns, on the same objects."""

import shutil
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.bronze_lake import Traffic
from benchmarks.silver import results, scans
from benchmarks.silver.figure import Figure, Line, Note
from benchmarks.silver.subject import run, with_bronze_of

CHANGES, DAYS, OBJECTS = 1_000_000, 365, 400
SUBJECTS = ("ours", "duckdb_job", "naive")
Runs = dict[str, list[dict[str, Any]]]


def measure(folder: Path, rounds: int, note: Note) -> Figure:
    """Return the seconds of each subject, and what queries read of the tables that ours made."""
    rows = Traffic(CHANGES / DAYS, OBJECTS / DAYS).deliver(folder / "lake", 0, DAYS)
    runs: Runs = {subject: [] for subject in SUBJECTS}
    for number in range(1, rounds + 1):
        note(f"{rows:,} changes, round {number} of {rounds}")
        for subject in SUBJECTS:
            shutil.rmtree(folder / subject, ignore_errors=True)
        lake = with_bronze_of(folder / "lake", folder / "ours")
        runs["ours"].append(run("ours", lake, f"round_{number}"))
        for subject in SUBJECTS[1:]:
            runs[subject].append(run(subject, folder / "lake", folder / subject))
        folders = {subject: results.of_folder(folder / subject) for subject in SUBJECTS[1:]}
        made = {"ours": results.of_lake(lake)} | folders
        results.check_same(made)
    scanned = scans.measure(folder / "ours")
    kept = {"rows": rows, "days": DAYS, "objects": OBJECTS, "runs": runs, "made": made["ours"], "scans": scanned.kept}
    return Figure(kept, [*_lines(runs), *scanned.lines])


def _lines(runs: Runs) -> list[Line]:
    names = {"ours": "silver_tasks", "duckdb_job": "DuckDB", "naive": "the naive job"}
    gate = median(each["gate_seconds"] / each["job_seconds"] for each in runs["ours"])
    return [
        *(Line(f"a million changes: {name}", _seconds(runs[subject])) for subject, name in names.items()),
        Line("silver_tasks / DuckDB", _ratio(runs["ours"], runs["duckdb_job"]), "at most 2"),
        Line("the naive job / silver_tasks", _ratio(runs["naive"], runs["ours"]), "at least 5"),
        Line("the gate's share of silver_tasks", f"{gate:.0%}", "at most 25%"),
    ]


def _seconds(runs: list[dict[str, Any]]) -> str:
    wall, cpu, process = (_median(runs, f"{name}_seconds") for name in ("job", "job_cpu", "process"))
    return f"{wall:.1f} s, {cpu:.1f} of processors; {process:.1f} s with its process"


def _ratio(slower: list[dict[str, Any]], faster: list[dict[str, Any]]) -> str:
    wall, cpu = (_median(slower, name) / _median(faster, name) for name in ("job_seconds", "job_cpu_seconds"))
    return f"{wall:.2f}, {cpu:.2f} of processors"


def _median(runs: list[dict[str, Any]], name: str) -> float:
    return median(float(each[name]) for each in runs)
