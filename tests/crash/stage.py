"""A lake on which jobs are played: undisturbed, as often as a test wants from the same beginning."""

import json
import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from athena_queries.engines.duckdb_engine import DuckDbEngine
from glue_jobs.jobs import silver_api, silver_tasks
from local.capture import capture
from local.options import DEFAULTS, Inputs, Options
from local.spark import start_spark
from tests.crash.killed_job import GOLD_TABLES, SETTINGS, announce, run_job
from tests.e2e import history

GOLD = {f"gold.{name}" for name in GOLD_TABLES}
TABLES = sorted({table.full_name for table in (*silver_tasks.TABLES, *silver_api.TABLES)} | GOLD)
# When a row was quarantined is the one thing that two runs do not agree on.
CLOCKS = {"quarantined_at"}

Rows = dict[str, list[str]]
Command = tuple[str, ...]
Events = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Scene:
    """A job on a lake: what it finds, and what it makes of that when nothing disturbs it.

    ``then`` is what is run after the job; ``mended`` are the rows after that.
    """

    found: Path
    command: Command
    then: Sequence[Command]
    commits: Sequence[str]
    old: Rows
    new: Rows
    mended: Rows

    def deaths(self, *, at_every_table: bool = False, but_of: Collection[str] = ()) -> list[int]:
        """Return the numbers of the commits to die before: the first of each kind, or of each kind on each table.

        ``but_of`` are kinds to leave out.
        """
        is_first_run = not (self.found / "catalog.db").exists()
        first: dict[str, int] = {}
        for number, commit in enumerate(self.commits, start=1):
            if kind_of(commit) in but_of:
                continue
            # On a table that is there, these commit nothing.
            if is_first_run or "gold." in commit or not commit.startswith(("CREATE", "ALTER")):
                first.setdefault(commit if at_every_table else kind_of(commit), number)
        return list(first.values())


def kind_of(commit: str) -> str:
    """Return what a commit does, whatever the table."""
    return commit.partition(": ")[0]


class Stage:
    """One lake, at one path: Iceberg's metadata name their files by it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.lake = folder, folder / "lake"
        self._numbers = count()

    def set(self, found: Path) -> None:
        """Make the lake what it was."""
        shutil.rmtree(self.lake, ignore_errors=True)
        shutil.copytree(found, self.lake)

    def play(self, command: Command, then: Sequence[Command] = ()) -> Scene:
        """Return the scene of a job on the lake as it is; without ``then``, the job itself mends what it left."""
        found, old = self.folder / f"found{next(self._numbers)}", self.rows()
        shutil.copytree(self.lake, found)
        commits, new = self.run(*command), self.rows()
        for another in then:
            self.run(*another)
        return Scene(found, command, then or [command], commits, old, new, self.rows())

    def run(self, *command: str) -> list[str]:
        """Run a job in this process; return its commits."""
        job, *options = command
        self._unlock()
        commits: list[str] = []
        with pytest.MonkeyPatch.context() as patch:
            announce(commits.append, patch.setattr)
            run_job(self.lake, f"r{next(self._numbers)}", job, *options)
        return commits

    def sql(self, statement: str) -> None:
        """Change a table as another tool does."""
        self._unlock()
        spark = start_spark(self.lake, SETTINGS)
        spark.sql(statement)
        spark.stop()

    def _unlock(self) -> None:
        """Put SQLite's file anew: Iceberg's catalog leaves a cursor open, and with it the file of a former session
        locked for as long as this process lives.
        """
        if (catalog := self.lake / "catalog.db").exists():
            copy = shutil.copy(catalog, self.folder)
            Path(copy).replace(catalog)

    def rows(self) -> Rows:
        """Return every row of every table that a reader sees, as text and in order."""
        if not (self.lake / "catalog.db").exists():
            return {table: [] for table in TABLES}
        engine = DuckDbEngine(self.lake)
        return {table: _rows(engine, table) for table in TABLES}

    def arrive(self, events: Events = (), logs: Events = (), options: Options = DEFAULTS) -> None:
        """Let stream records and log events arrive in Bronze."""
        number = next(self._numbers)
        inputs = Inputs(
            history.write(self.folder / f"{number}.jsonl", events) if events else None,
            history.write(self.folder / f"{number}.logs.jsonl", logs) if logs else None,
        )
        capture(inputs, self.lake, lambda *_: None, options)


def _rows(engine: DuckDbEngine, table: str) -> list[str]:
    if not (engine.view_target(table) or engine.catalog.table_exists(table)):
        return []
    rows: list[dict[str, Any]] = engine.run(f"select * from {table}").rows.to_pylist()
    kept = [{name: value for name, value in row.items() if name not in CLOCKS} for row in rows]
    return sorted(json.dumps(row, default=str, sort_keys=True) for row in kept)
