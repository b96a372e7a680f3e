"""A query in Athena, against an API that plays what Athena's would: states, refusals, interrupts."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import boto3
import pyarrow as pa
import pytest
from botocore.exceptions import NoCredentialsError
from moto import mock_aws
from moto.athena.models import QueryResults
from moto.backends import get_backend

from athena_queries.engines.athena_engine import AthenaEngine, connect
from athena_queries.sql import QueryError
from tests.unit.athena_queries.engines.fake_athena import FakeAthena, Outcome, failed, refused

ONE = Outcome(columns=[("tasks", "bigint")], rows=[["7"]], bytes_scanned=1_234)


class Waits(list[float]):
    """The seconds that an engine would have waited."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def engine_of(answer: Outcome | Callable[[str], Outcome], **faults: list[Any]) -> tuple[AthenaEngine, Any]:
    """Return an engine that does not wait, and the Athena behind it; faults by operation."""
    athena = FakeAthena(answer if callable(answer) else lambda _: answer, faults)
    return AthenaEngine(athena, None, None, sleep=Waits()), athena


def test_a_query_is_waited_for_and_says_what_it_scanned() -> None:
    engine, athena = engine_of(ONE)
    answer = engine.run("select count(*) as tasks from silver.tasks")
    assert answer.rows.to_pylist() == [{"tasks": 7}]
    assert answer.bytes_scanned == 1_234
    (started,) = athena.started
    assert started["WorkGroup"] == "task-lake"
    assert started["QueryExecutionContext"] == {"Catalog": "AwsDataCatalog", "Database": "gold"}
    assert started["ResultReuseConfiguration"] == {"ResultReuseByAgeConfiguration": {"Enabled": False}}


def test_it_asks_more_and_more_seldom_how_a_query_is_doing() -> None:
    waits = Waits()
    athena = FakeAthena(lambda _: Outcome(("QUEUED", *["RUNNING"] * 9, "SUCCEEDED"), None, ONE.columns))
    AthenaEngine(athena, None, None, sleep=waits).run("select 1 as tasks")
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (0.1, 5)


def test_an_answer_has_the_types_of_athenas_columns() -> None:
    columns = {
        "whole": ("bigint", "9007199254740993", 9_007_199_254_740_993),
        "small": ("smallint", "-1", -1),
        "part": ("integer", "1", 1),
        "share": ("double", "1.0E-3", 0.001),
        "endless": ("double", "Infinity", float("inf")),
        "text": ("varchar", "né", "né"),
        "is_late": ("boolean", "true", True),
        "is_early": ("boolean", "false", False),
        "day": ("date", "2025-10-15", date(2025, 10, 15)),
        "at": ("timestamp", "2025-10-15 23:59:59.000", datetime(2025, 10, 15, 23, 59, 59)),
        "precise_at": ("timestamp(6)", "2025-10-15 23:59:59.000001", datetime(2025, 10, 15, 23, 59, 59, 1)),
        "utc_at": (
            "timestamp(6) with time zone",
            "2025-10-15 23:59:59.000000 UTC",
            datetime(2025, 10, 15, 23, 59, 59, tzinfo=UTC),
        ),
        "berlin_at": (
            "timestamp with time zone",
            "2025-10-16 01:59:59.000 Europe/Berlin",
            datetime(2025, 10, 15, 23, 59, 59, tzinfo=UTC),
        ),
        "shifted_at": (
            "timestamp with time zone",
            "2025-10-16 01:59:59.000 +02:00",
            datetime(2025, 10, 15, 23, 59, 59, tzinfo=UTC),
        ),
        "price": ("decimal(10,2)", "12.30", Decimal("12.30")),
        "names": ("array", "[a, b]", "[a, b]"),
        "extra": ("map", "{a=1}", "{a=1}"),
    }
    engine, _ = engine_of(
        Outcome(
            columns=[(name, type_) for name, (type_, _, _) in columns.items()],
            rows=[[text for _, text, _ in columns.values()], [None] * len(columns)],
        )
    )
    rows = engine.run("select * from silver.tasks").rows
    assert rows.to_pylist() == [{name: value for name, (*_, value) in columns.items()}, dict.fromkeys(columns)]
    assert rows.schema.field("utc_at").type == pa.timestamp("us", "UTC")
    assert rows.schema.field("price").type == pa.decimal128(10, 2)
    assert rows.schema.field("names").type == pa.string()


def test_an_empty_text_is_no_null() -> None:
    engine, _ = engine_of(Outcome(columns=[("title", "varchar")], rows=[[""], [None]]))
    assert engine.run("select title from silver.tasks").rows["title"].to_pylist() == ["", None]


def test_an_answer_without_rows_has_its_columns() -> None:
    engine, _ = engine_of(Outcome(columns=[("day", "date")]))
    assert engine.run("select day from silver.tasks").rows.schema == pa.schema([("day", pa.date32())])


def test_an_answer_of_many_pages_is_read_whole() -> None:
    engine, athena = engine_of(Outcome(columns=[("n", "integer")], rows=[[str(n)] for n in range(2_500)]))
    assert engine.run("select n from silver.tasks").rows["n"].to_pylist() == list(range(2_500))
    assert [name for name, _ in athena.asked].count("GetQueryResults") == 3


def test_a_failure_says_why_and_where_in_one_line() -> None:
    engine, _ = engine_of(failed("COLUMN_NOT_FOUND: line 12:5: Column 'colour'\n cannot be resolved"))
    with pytest.raises(QueryError) as caught:
        engine.run("select colour from silver.tasks")
    assert str(caught.value) == "line 12, column 5: COLUMN_NOT_FOUND: Column 'colour' cannot be resolved"
    assert caught.value.line == 12


def test_a_query_that_somebody_else_cancels_is_an_error() -> None:
    engine, _ = engine_of(Outcome(("RUNNING", "CANCELLED")))
    with pytest.raises(QueryError, match="the query was cancelled, and Athena says no reason"):
        engine.run("select 1 as n")


def test_the_workgroups_limit_is_named_with_the_way_out() -> None:
    engine, _ = engine_of(Outcome(("RUNNING", "CANCELLED"), "Bytes scanned limit was exceeded"))
    with pytest.raises(
        QueryError, match="limit was exceeded: ask for fewer days or columns, or raise BytesScannedCutoff"
    ):
        engine.run("select 1 as n")


def test_an_interrupt_stops_the_query_that_nobody_waits_for() -> None:
    engine, athena = engine_of(ONE, GetQueryExecution=[KeyboardInterrupt()])
    with pytest.raises(KeyboardInterrupt):
        engine.run("select 1 as tasks")
    assert athena.stopped == ["query-0"]


def test_an_interrupt_ends_the_wait_even_where_the_query_cannot_be_stopped() -> None:
    engine, athena = engine_of(
        ONE, GetQueryExecution=[KeyboardInterrupt()], StopQueryExecution=[refused("AccessDenied", "StopQueryExecution")]
    )
    with pytest.raises(KeyboardInterrupt):
        engine.run("select 1 as tasks")
    assert athena.stopped == ["query-0"]


def test_a_query_whose_state_cannot_be_read_is_stopped() -> None:
    engine, athena = engine_of(ONE, GetQueryExecution=[refused("ExpiredTokenException", "GetQueryExecution")])
    with pytest.raises(QueryError, match="ExpiredTokenException"):
        engine.run("select 1 as tasks")
    assert athena.stopped == ["query-0"]


def test_a_throttled_start_is_repeated_with_the_same_token() -> None:
    throttled = [refused("TooManyRequestsException", "StartQueryExecution") for _ in range(4)]
    engine, athena = engine_of(ONE, StartQueryExecution=throttled)
    assert engine.run("select 1 as tasks").rows.num_rows == 1
    assert len(athena.started) == 5
    assert len({started["ClientRequestToken"] for started in athena.started}) == 1


def test_two_runs_of_the_same_text_are_two_queries() -> None:
    engine, athena = engine_of(ONE)
    engine.run("select 1 as tasks")
    engine.run("select 1 as tasks")
    assert len({started["ClientRequestToken"] for started in athena.started}) == 2


@pytest.mark.parametrize("code", ["ThrottlingException", "LimitExceededException"])
@pytest.mark.parametrize("operation", ["GetQueryExecution", "GetQueryResults"])
def test_every_throttled_call_is_repeated(operation: str, code: str) -> None:
    engine, athena = engine_of(ONE, **{operation: [refused(code, operation)]})
    assert engine.run("select 1 as tasks").rows.num_rows == 1
    assert athena.stopped == []


def test_a_start_that_is_throttled_for_minutes_is_given_up() -> None:
    waits = Waits()
    throttled = [refused("TooManyRequestsException", "StartQueryExecution") for _ in range(99)]
    athena = FakeAthena(lambda _: ONE, {"StartQueryExecution": throttled})
    with pytest.raises(QueryError, match="TooManyRequestsException"):
        AthenaEngine(athena, None, None, sleep=waits).run("select 1 as tasks")
    assert 150 < sum(waits) < 250


@pytest.mark.parametrize("fault", [refused("AccessDeniedException", "StartQueryExecution"), NoCredentialsError()])
def test_what_aws_refuses_is_an_error_of_one_line(fault: BaseException) -> None:
    engine, athena = engine_of(ONE, StartQueryExecution=[fault])
    with pytest.raises(QueryError) as caught:
        engine.run("select 1 as tasks")
    assert "\n" not in str(caught.value)
    assert len(athena.started) == 1


@pytest.mark.parametrize("sql", ["drop table silver.tasks", "select 1 as n; select 2 as n", "delete from silver.tasks"])
def test_what_is_no_select_is_never_sent(sql: str) -> None:
    engine, athena = engine_of(ONE)
    with pytest.raises(QueryError, match="one SELECT"):
        engine.run(sql)
    assert athena.asked == []


def test_athena_is_given_the_parameters_of_a_where() -> None:
    engine, athena = engine_of(ONE)
    sql = "select count(*) as tasks from silver.tasks where user_id = ? and created_at < ? + interval '1' day"
    engine.run(sql, ["'O''Connor'", "date '2025-10-15'"])
    assert athena.statements == [sql]
    assert athena.started[0]["ExecutionParameters"] == ["'O''Connor'", "date '2025-10-15'"]


def test_elsewhere_the_literals_take_the_parameters_places() -> None:
    engine, athena = engine_of(ONE)
    engine.run("select due_date < ? as tasks\nfrom silver.tasks where user_id = ?", ["date '2025-10-15'", "'ada'"])
    assert athena.statements == [
        "select due_date < date '2025-10-15' as tasks\nfrom silver.tasks where user_id = 'ada'"
    ]
    assert "ExecutionParameters" not in athena.started[0]


def test_a_missing_parameter_is_told_before_anything_is_sent() -> None:
    engine, athena = engine_of(ONE)
    with pytest.raises(QueryError, match="the SQL has 1 parameter"):
        engine.run("select 1 as n from silver.tasks where user_id = ?")
    assert athena.asked == []


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give moto's AWS, in this process."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield


def test_motos_athena_answers_a_query(aws: None) -> None:
    boto3.client("athena").create_work_group(Name="task-lake", Configuration={})
    rows = [{"Data": [{"VarCharValue": "day"}]}, {"Data": [{"VarCharValue": "2025-10-15"}]}]
    column = {"Name": "day", "Type": "date"}
    get_backend("athena")["123456789012"]["us-east-1"].query_results_queue.append(QueryResults(rows, [column]))
    assert connect().run("select day from gold.t").rows.to_pylist() == [{"day": date(2025, 10, 15)}]


@pytest.fixture
def no_region(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")


def test_without_a_region_there_is_an_error_of_one_line(no_region: None) -> None:
    with pytest.raises(QueryError, match="You must specify a region"):
        connect()


def test_either_variable_says_the_region(no_region: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    connect()


def test_it_needs_nothing_that_glue_does_not_have() -> None:
    absent = "{'duckdb', 'pyiceberg', 'pyspark', 'local'}"
    program = f"import sys, athena_queries.engines.athena_engine; sys.exit({absent} & set(sys.modules) or None)"
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
