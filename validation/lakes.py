"""A lake of a validation's own: what arrives in it, the commands a user would type, and what it answers."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from athena_queries.engines.duckdb_engine import DuckDbEngine
from local.capture import CaptureReport, capture
from local.java import ROOT
from local.lake import open_lake
from local.options import DEFAULTS, Inputs, Options
from local.replay import replay as replay_failures
from operations.replay.report import ReplayReport

# What `make` may have exported, and each command would take for its own.
_SETTINGS = re.compile(
    "LAKE|EVENTS|LOGS|FAULTS|SEED|SHARDS|USER_BUCKETS|FILE|SQL|PARAMS|ENGINE|FORMAT|CHART|NAME|TABLE|VERSION|RESUME|"
    "RETENTION_DAYS|SINCE|STORE|DRY_RUN|FROM_DATE|TO_DATE|STAGE|YES|VALIDATION|PAGE"
)
Row = dict[str, Any]


class StoppedError(Exception):
    """A command that a validation needs did not do what it should; the message is one line."""


def environment() -> Mapping[str, str]:
    """Return the environment of a command that is told everything by its options."""
    return {name: value for name, value in os.environ.items() if not _SETTINGS.fullmatch(name)}


def command(*words: str, tree: Path = ROOT) -> str:
    """Run `python -m local …` of a source tree in a process of its own, and return what it prints."""
    typed = [sys.executable, "-m", "local", *words]
    done = subprocess.run(typed, cwd=tree, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()] or ["it said nothing"]
        raise StoppedError(f"`local {' '.join(words)}` exits {done.returncode}: {said[-1].strip()}")
    return done.stdout


def run(lake: Path, inputs: Inputs, tree: Path = ROOT) -> dict[str, Any]:
    """Run the lake on inputs, from what of them is not captured yet to Gold; return the receipt."""
    named = {"--events": inputs.events, "--logs": inputs.logs}
    command(
        "run",
        "--lake",
        str(lake),
        *(word for option, file in named.items() if file for word in (option, str(file))),
        tree=tree,
    )
    return receipt(lake)


def receipt(lake: Path) -> dict[str, Any]:
    """Return the receipt of the lake's last run."""
    newest = max((lake / "runs").glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    found: dict[str, Any] = json.loads(newest.read_text())
    return found


def captured(lake: Path, inputs: Inputs, options: Options = DEFAULTS) -> CaptureReport:
    """Bring inputs to Bronze or the failure stores, and no further."""
    with open_lake(lake) as opened:
        return capture(inputs, opened, lambda *_: None, options)


def replayed(lake: Path, options: Options = DEFAULTS) -> ReplayReport:
    """Hand over again what the lake's failure stores hold."""
    with open_lake(lake) as opened:
        return replay_failures(opened, lambda *_: None, options)


def asked(lake: Path, sql: str) -> list[Row]:
    """Return the rows of a SELECT in Athena's dialect."""
    rows: list[Row] = DuckDbEngine(lake).run(sql).rows.to_pylist()
    return rows
