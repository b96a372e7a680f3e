import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from rich.console import Console

from athena_queries.engines.engine import Answer
from data_quality.gate import Failure, GateFailedError, Verdict
from glue_jobs.jobs.outcome import TableOutcome
from local.accounting import Account
from local.capture import CaptureReport, SourceReport
from local.receipt import Receipt
from local.report import print_remake, print_run, print_verdicts
from local.run import RunReport

ANSWER = Answer(pa.table({"activity_date": [datetime.date(2025, 10, 15)], "tasks_created": [1728]}), 1, 0.03)


def captured(records: int, already_captured: int = 0, **more: int) -> CaptureReport:
    return CaptureReport((SourceReport("task_changes", records, already_captured, **more),))  # type: ignore[arg-type]


def printed(report: CaptureReport, *tables: TableOutcome, width: int = 160, **more: Any) -> str:
    out = StringIO()
    receipt = Receipt("r1", "/lake", "in.jsonl", **{"verdict": "pass", "tables": list(tables), **more})
    print_run(Console(file=out, width=width), RunReport(receipt, report, ANSWER))
    return out.getvalue()


def test_a_terminal_of_80_columns_shows_every_table_and_figure_whole() -> None:
    busy = TableOutcome("silver.tasks_per_user_daily", 66_600, 66_600, 1_000, verdict="unchanged", seconds=100.1)
    [line] = [line for line in printed(captured(1), busy, width=80).splitlines() if "daily" in line]
    assert line.split() == ["silver.tasks_per_user_daily", "66,600", "66,600", "1,000", "unchanged", "100.1"]


def test_a_run_with_nothing_new_says_so() -> None:
    assert "Nothing new" in printed(captured(0, 5), TableOutcome("silver.tasks"), verdict="unchanged")


def test_redeliveries_and_other_entities_are_told() -> None:
    text = printed(captured(9, filtered=2), TableOutcome("silver.task_changes", rows_in=7, rows_out=4, deduplicated=3))
    assert "silver.task_changes: 3 rows came again: a redelivery changes nothing." in text
    assert "2 records of other entities" in text


def test_what_was_kept_aside_is_told_with_its_place() -> None:
    text = printed(captured(9, rejected=1), error_paths=["/lake/errors/x"])
    assert "1 of 9 lines were no stream record" in text
    assert "/lake/errors/x" in text


def test_an_account_with_failures_is_told_as_a_sum_with_what_to_do_next() -> None:
    account = Account(sent=9, arrived=6, failure_stores={"errors/event_source_mapping": 3})
    text = printed(captured(9), accounts={"task_changes": account})
    assert "task_changes: 9 sent = 6 in Bronze + 3 errors/event_source_mapping" in text
    assert "make replay LAKE=/lake" in text


def test_an_account_without_failures_is_told_only_where_faults_were_asked_for() -> None:
    accounts = {"task_changes": Account(sent=9, arrived=9)}
    assert "9 sent" not in printed(captured(9), accounts=accounts)
    assert "task_changes: 9 sent = 9 in Bronze" in printed(captured(9), accounts=accounts, faults="throttles")


def test_a_run_under_faults_says_what_it_met_or_why_it_met_nothing() -> None:
    faults: dict[str, Any] = {"faults": "everything", "seed": 7}
    met = printed(captured(9), faults_met={"throttled calls": 3, "poison records": 1}, **faults)
    assert "FAULTS=everything SEED=7 met: 1 poison records, 3 throttled calls." in met
    assert "met nothing in so few records" in printed(captured(9), **faults)
    assert "this lake has read the input before" in printed(captured(0, 9), **faults)


def test_too_many_partitions_are_explained() -> None:
    account = Account(sent=9, arrived=8, failure_stores={"errors/firehose/api_logs/activePartitionExceeded": 1})
    assert "USER_BUCKETS=<n> makes fewer" in printed(captured(9), accounts={"api_logs": account})


def test_failures_of_earlier_runs_are_told(tmp_path: Path) -> None:
    (tmp_path / "errors").mkdir()
    (tmp_path / "errors" / "x").touch()
    out = StringIO()
    report = RunReport(Receipt("r1", str(tmp_path), "in.jsonl"), captured(1), ANSWER)
    print_run(Console(file=out, width=160), report)
    assert f"{tmp_path}/errors, 0 objects of this run, 1 of earlier runs" in out.getvalue()


def test_the_next_command_names_the_lake_unless_it_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "LAKE=/lake" in printed(captured(1))
    monkeypatch.setattr(Path, "absolute", lambda _: Path("/lake"))
    assert "LAKE=/lake" not in printed(captured(1))


@pytest.mark.parametrize(("verdict", "is_told"), [("unchanged", True), ("pass", False)])
def test_a_remake_shows_its_tables_and_says_where_nothing_changed(verdict: str, is_told: bool) -> None:
    out = StringIO()
    done = TableOutcome("silver.tasks", rows_in=7, rows_out=4, verdict=verdict)
    print_remake(Console(file=out, width=160), Receipt("r1", "/lake", None, verdict=verdict, tables=[done]))
    assert ["silver.tasks", "7", "4", "0", verdict, "0.0"] in [line.split() for line in out.getvalue().splitlines()]
    assert ("Nothing changed: Silver and Gold are as they were." in out.getvalue()) is is_told


def test_the_receipts_data_docs_are_shown_as_paths() -> None:
    text = printed(captured(1), data_docs=["file:///lake/data_docs/silver_tasks/latest/index.html"])
    assert " /lake/data_docs/silver_tasks/latest/index.html" in text


def test_a_stopped_run_shows_failures_and_warnings_apart() -> None:
    failures = [Failure("expect_a", "c", "critical", 1, ["x"]), Failure("expect_b", "d", "warning", 2, ["y"])]
    out = StringIO()
    print_verdicts(Console(file=out, width=160), GateFailedError([Verdict("silver.t", failures)], "file:///docs"))
    assert "fail  silver.t: expect_a(c): 1 unexpected, such as 'x'" in out.getvalue()
    assert "warn  silver.t: expect_b(d): 2 unexpected, such as 'y'" in out.getvalue()
    assert "Data Docs: /docs" in out.getvalue()
