"""What a replay on the laptop prints."""

import json
import shlex
from pathlib import Path
from typing import Any

from rich.console import Console

from local.lake import lake_option
from operations.replay.report import ReplayReport, print_report


def print_replay(console: Console, lake: Path, report: ReplayReport) -> None:
    """Print each store's records before and after, why some are left, and what to do next."""
    print_report(console, report)
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
