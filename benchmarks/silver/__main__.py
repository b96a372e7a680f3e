"""Silver's figures beside DuckDB and the usual way: `make bench` prints them, `benchmarks/silver.json` keeps them.

Each subject runs in a process of its own, by turns with the others, on the same Bronze: the ratios hold further than
the seconds.
"""

import json
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.machine import machine
from benchmarks.silver import increment, memory, small_objects, whole
from benchmarks.silver.figure import Figure

KEPT = Path(__file__).parent.with_suffix(".json")


class Name(StrEnum):
    """A comparison."""

    WHOLE = "whole"
    INCREMENT = "increment"
    SMALL_OBJECTS = "small_objects"
    MEMORY = "memory"


MEASURES = {
    Name.WHOLE: whole.measure,
    Name.INCREMENT: increment.measure,
    Name.SMALL_OBJECTS: small_objects.measure,
    Name.MEMORY: memory.measure,
}


def main(
    figures: Annotated[list[Name] | None, typer.Argument(help="These alone.")] = None,
    rounds: Annotated[int, typer.Option(min=1, help="Times that all subjects of a comparison run.")] = 3,
) -> None:
    """Measure, print and keep."""
    console = Console(highlight=False)
    table = Table("figure", "measured", "goal")
    for name in figures or list(Name):
        with tempfile.TemporaryDirectory() as folder:
            figure = MEASURES[name](Path(folder), rounds, console.print)
        _keep(name, figure, rounds)
        for line in figure.lines:
            table.add_row(line.name, line.value, line.goal)
        table.add_section()
    console.print(table)
    console.print(f"kept in {KEPT.relative_to(Path.cwd())}")


def _keep(name: str, figure: Figure, rounds: int) -> None:
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    command = f"python -m benchmarks.silver {name} --rounds {rounds}"
    lines = {line.name: f"{line.value} (goal: {line.goal})" if line.goal else line.value for line in figure.lines}
    kept[name] = {"command": command, "machine": machine(), "lines": lines, **figure.kept}
    KEPT.write_text(json.dumps(kept, indent=2) + "\n")


if __name__ == "__main__":
    typer.run(main)
