"""`python -m local run` and `query`, each in a process of its own, as a user starts them."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from athena_queries.engines.duckdb_engine import DuckDbEngine
from local.lake import open_lake
from tests.e2e import history

Finished = subprocess.CompletedProcess[str]
SILVER = ("silver.task_changes", "silver.tasks", "silver.tasks_per_user_daily")
PATIENCE_SECONDS = 600
FAULTY_SEED = 7
SETTINGS = (
    "EVENTS",
    "LOGS",
    "FAULTS",
    "SEED",
    "SHARDS",
    "USER_BUCKETS",
    "LAKE",
    "FILE",
    "SQL",
    "PARAMS",
    "ENGINE",
    "FORMAT",
    "CHART",
)


def start(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "local", *map(str, arguments)]
    quiet = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return subprocess.Popen(
        command,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=quiet,
        # What a shell starts in the background, CI for one, ignores Ctrl-C, and so does all that it starts.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads here
    )


def local(*arguments: object) -> Finished:
    process = start(*arguments)
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    return Finished(process.args, process.returncode, out, err)


def rows(lake: Path, sql: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = DuckDbEngine(lake).run(sql).rows.to_pylist()
    return found


def snapshots(lake: Path) -> dict[str, int | None]:
    catalog = DuckDbEngine(lake).catalog
    return {name: catalog.load_table(name).metadata.current_snapshot_id for name in SILVER}


def daily(lake: Path) -> dict[tuple[str, str], dict[str, int]]:
    found = rows(lake, "select * from silver.tasks_per_user_daily")
    counts = [name for name in found[0] if name.startswith("tasks_")]
    return {(str(row["activity_date"]), row["user_id"]): {n: row[n] for n in counts if row[n]} for row in found}


def gold(lake: Path) -> dict[str, tuple[int, int]]:
    found = rows(lake, "select activity_date, tasks_created, tasks_completed from gold.task_throughput_daily")
    return {str(row["activity_date"]): (row["tasks_created"], row["tasks_completed"]) for row in found}


def expected_gold() -> dict[str, tuple[int, int]]:
    days: dict[str, tuple[int, int]] = {}
    for (day, _), counts in history.daily().items():
        created, completed = days.get(day, (0, 0))
        days[day] = (created + counts.get("tasks_created", 0), completed + counts.get("tasks_completed", 0))
    return days


def test_a_run_makes_every_layer_a_second_one_changes_nothing_and_a_gate_stops_a_third(tmp_path: Path) -> None:
    lake, records = tmp_path / "a lake", history.records()
    other = {**records[0], "eventID": "user"}
    other["dynamodb"] = {**other["dynamodb"], "Keys": {"PK": {"S": "USER#ada"}, "SK": {"S": "METADATA"}}}
    events = history.write(tmp_path / "in.jsonl", [records[0], "{not json", other, '{"a": 1}', *records[1:]])

    first = local("run", "--lake", lake, "--events", events)
    assert first.returncode == 0, first.stderr
    assert daily(lake) == history.daily()
    assert gold(lake) == expected_gold()
    assert "line 2: " in first.stdout
    assert "line 4: " in first.stdout
    assert "1 records of other entities" in first.stdout
    assert "Question: " in first.stdout
    [kept] = (lake / "errors" / "input").rglob("*.jsonl")
    assert [json.loads(line)["line"] for line in kept.read_text().splitlines()] == [2, 4]

    before, objects = snapshots(lake), sorted((lake / "bronze").rglob("*.parquet"))
    second = local("run", "--lake", lake, "--events", events)
    assert second.returncode == 0, second.stderr
    assert "Nothing new" in second.stdout
    assert snapshots(lake) == before
    assert sorted((lake / "bronze").rglob("*.parquet")) == objects
    newest = max((lake / "runs").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    assert json.loads(newest.read_text())["verdict"] == "unchanged"

    asked = local("query", "--lake", lake, "--sql", "select count(*) as n from silver.tasks where user_id = 'ada'")
    assert "3" in asked.stdout

    steps = [*history.STEPS, ("eve", "t9", 4 * history.DAY, "archived")]
    third = local("run", "--lake", lake, "--events", history.write(events, history.records(steps)[-1:]))
    assert third.returncode == 1
    assert "expect_column_values_to_be_in_set(status): 1 unexpected, such as 'archived'" in third.stderr
    assert list((lake / "data_docs" / "silver_tasks").glob("2*/index.html"))
    assert snapshots(lake) == before
    assert daily(lake) == history.daily()


def test_runs_that_are_killed_and_interrupted_are_finished_by_the_next(tmp_path: Path) -> None:
    lake, events = tmp_path / "lake", history.write(tmp_path / "in.jsonl", history.records())
    interrupted = start("run", "--lake", lake, "--events", events)
    wait_until((lake / "bronze_ledger").exists)
    interrupted.send_signal(signal.SIGINT)
    _, err = interrupted.communicate(timeout=PATIENCE_SECONDS)
    assert interrupted.returncode == 130
    assert "run the same command again" in err
    assert "Traceback" not in err

    killed = start("run", "--lake", lake, "--events", events)
    wait_until((lake / "silver/task_changes/data").exists)
    killed.kill()
    killed.communicate(timeout=PATIENCE_SECONDS)

    assert local("run", "--lake", lake, "--events", events).returncode == 0
    assert daily(lake) == history.daily()
    assert gold(lake) == expected_gold()


def test_a_run_under_faults_accounts_for_every_record_and_a_replay_empties_the_failure_stores(tmp_path: Path) -> None:
    lake, events = tmp_path / "lake", history.write(tmp_path / "in.jsonl", history.records())
    logs = history.write(tmp_path / "logs.jsonl", history.log_events())
    disturbed = local(
        *("run", "--lake", lake, "--events", events, "--logs", logs),
        *("--faults", "everything", "--seed", FAULTY_SEED, "--shards", 2, "--user-buckets", 4),
    )
    assert disturbed.returncode == 0, disturbed.stderr
    [receipt] = [json.loads(path.read_text()) for path in (lake / "runs").iterdir()]
    for account in receipt["accounts"].values():
        assert account["sent"] == account["arrived"] + sum(account["failure_stores"].values())
    assert (receipt["faults"], receipt["seed"]) == ("everything", FAULTY_SEED)
    assert receipt["accounts"]["task_changes"]["failure_stores"], "choose a seed with which a record fails"
    assert all(path.parent.name.startswith("bucket-") for path in (lake / "bronze").rglob("*.parquet"))
    assert "make replay LAKE=" in disturbed.stdout

    replayed = local("replay", "--lake", lake)
    assert replayed.returncode == 0, replayed.stderr
    assert f"make run EVENTS={events} LOGS={logs}" in replayed.stdout
    assert "nothing to replay" in local("replay", "--lake", lake).stdout


def test_a_faults_profile_that_is_not_there_is_one_line_that_lists_the_others(tmp_path: Path) -> None:
    run = local("run", "--lake", tmp_path / "lake", "--faults", "gremlins")
    assert (run.returncode, run.stderr.count("\n")) == (2, 1)
    assert "FAULTS=gremlins is no profile: choose one of throttles, " in run.stderr


def written(name: str, content: bytes | None) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / name
        if content is not None:
            path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize(
    ("events", "said"),
    [
        (written("missing.jsonl", None), "does not exist"),
        (written("empty.jsonl", b""), "is empty"),
        (written("plain.jsonl.gz", b"{}\n"), "is not gzip"),
        (written("cut.jsonl.gz", gzip.compress(b"{}\n" * 1000)[:-9]), "is a broken gzip file"),
        (lambda folder: folder, "is a directory"),
        (written("table.csv", b"id,title\n1,a\n"), "has no DynamoDB stream record in 2 lines (line 1: not JSON"),
    ],
)
def test_an_input_that_cannot_be_used_is_one_line_and_exit_2(
    tmp_path: Path, events: Callable[[Path], Path], said: str
) -> None:
    run = local("run", "--lake", tmp_path / "lake", "--events", events(tmp_path))
    assert run.returncode == 2
    assert said in run.stderr
    assert run.stderr.count("\n") == 1
    assert not (tmp_path / "lake").exists()


def test_a_second_run_at_once_says_so_and_exits_2(tmp_path: Path) -> None:
    events = history.write(tmp_path / "in.jsonl", history.records())
    with open_lake(tmp_path / "lake"):
        run = local("run", "--lake", tmp_path / "lake", "--events", events)
    assert (run.returncode, run.stderr.count("\n")) == (2, 1)
    assert "in use by another run" in run.stderr


def test_a_query_of_a_lake_that_is_not_there_says_how_to_make_one(tmp_path: Path) -> None:
    asked = local("query", "--lake", tmp_path / "lake", "--sql", "select 1")
    assert (asked.returncode, asked.stderr.count("\n")) == (2, 1)
    assert "`make run` makes one" in asked.stderr
    assert not (tmp_path / "lake").exists()


def wait_until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        assert time.monotonic() < deadline, "the run did not come that far"
        time.sleep(0.02)
