"""One day's increment after a day of history and after a year, by turns: the same objects come to both lakes.

The short lake's stream was turned on a day ago: its tasks are as old as the long one's, and change as often.
"""

from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.bronze_lake import Traffic
from benchmarks.silver.figure import Figure, Line, Note
from benchmarks.silver.subject import run

YEAR = 365
TRAFFIC = Traffic(changes_a_day=1_000_000 / YEAR, objects_a_day=40)
HISTORIES = {"after 1 day": YEAR - 1, "after 365 days": 0}
Runs = dict[str, list[dict[str, Any]]]


def measure(folder: Path, rounds: int, note: Note) -> Figure:
    """Return the seconds and the opened objects of ``2 * rounds + 1`` days for each history, after its first day."""
    lakes = {name: folder / name.replace(" ", "-") for name in HISTORIES}
    for name, first_day in HISTORIES.items():
        note(f"an increment {name}: its history")
        TRAFFIC.deliver(lakes[name], first_day, YEAR)
        run("ours", lakes[name], "history")
        run("naive", lakes[name], lakes[name] / "naive")
    ours: Runs = {name: [] for name in HISTORIES}
    naive: Runs = {name: [] for name in HISTORIES}
    days = 2 * rounds + 1
    for day in range(YEAR, YEAR + days):
        note(f"an increment: day {day - YEAR + 1} of {days}")
        for name, lake in lakes.items():
            TRAFFIC.deliver(lake, day, day + 1)
            ours[name].append(run("ours", lake, f"day_{day}"))
    note("an increment: the naive job's")
    for name, lake in lakes.items():
        naive[name].append(run("naive", lake, lake / "naive"))
    return Figure({"changes_a_day": round(TRAFFIC.changes_a_day), "ours": ours, "naive": naive}, _lines(ours, naive))


def _lines(ours: Runs, naive: Runs) -> list[Line]:
    ours_seconds, naive_seconds = _seconds(ours), _seconds(naive)
    short, long = HISTORIES
    opened = {name: round(median(run["bronze_objects_opened"] for run in ours[name])) for name in HISTORIES}
    return [
        *(
            Line(f"a day's increment {name}: silver_tasks", f"{ours_seconds[name]:.1f} s, {opened[name]} objects")
            for name in HISTORIES
        ),
        *(Line(f"a day's increment {name}: the naive job", f"{naive_seconds[name]:.1f} s") for name in HISTORIES),
        Line("silver_tasks: a year's / a day's", f"{ours_seconds[long] / ours_seconds[short]:.2f}", "at most 1.1"),
        Line("the naive job: a year's / a day's", f"{naive_seconds[long] / naive_seconds[short]:.2f}"),
        Line("after a year: naive / silver_tasks", f"{naive_seconds[long] / ours_seconds[long]:.2f}"),
    ]


def _seconds(runs: Runs) -> dict[str, float]:
    return {name: median(run["job_seconds"] for run in runs[name]) for name in runs}
