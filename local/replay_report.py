"""What a replay prints."""

import json
import shlex
from pathlib import Path
from typing import Any

from rich.console import Console

from local.answer import plain_table
from local.lake import lake_option
from local.replay import ReplayReport


def print_replay(console: Console, lake: Path, report: ReplayReport) -> None:
    """Print each store's records before and after, why some are left, and what to do next."""
    if not report.before:
        console.print("The failure stores are empty: nothing to replay.")
        return
    table = plain_table("Replay")
    table.add_column("failure store", no_wrap=True)
    for name in ("records", "left"):
        table.add_column(name, justify="right", no_wrap=True)
    for store in sorted({*report.before, *report.after}):
        table.add_row(store, f"{report.before[store]:,}", f"{report.after[store]:,}")
    console.print(table)
    console.print("A record counts as often as it is kept, here; in a run's account it counts once.", style="dim")
    for (store, reason), count in sorted(report.reasons.items()):
        example = report.examples[store, reason]
        console.print(
            f"left: {count:,} in {store}: {reason}, see {example}", style="yellow", markup=False, soft_wrap=True
        )
    if report.before.total() > report.after.total():
        console.print(f"Bronze has them now. To bring them to Silver and Gold: {_next_run(lake)}", soft_wrap=True)


def _next_run(lake: Path) -> str:
    """Return the command of the lake's last run: its inputs are captured, so it does what is left to do."""
    receipts = sorted((lake / "runs").glob("*.json"))
    last: dict[str, Any] = json.loads(receipts[-1].read_text()) if receipts else {}
    generated = str(lake / "generated")
    inputs = {name.upper(): last[name] for name in ("events", "logs") if last.get(name)}
    given = [f"{name}={shlex.quote(file)}" for name, file in inputs.items() if not file.startswith(generated)]
    return " ".join(["make run", *given]) + lake_option(lake)
