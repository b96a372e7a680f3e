"""The command as it is typed, on a lake of one small table."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import boto3
import pyarrow as pa
import pytest
from pyiceberg.catalog.sql import SqlCatalog
from typer.testing import CliRunner, Result

from athena_queries.engines.engine import Answer
from local.cli import app
from local.engines import ENGINES
from local.lake import open_lake

ROWS = pa.table({"user_id": ["ada", "bob", "ada"], "tasks": [3, 1, 2], "hours": [1.5, None, 0.5]})
Ask = Callable[..., Result]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake that no Spark has made."""
    with open_lake(tmp_path_factory.mktemp("query") / "lake") as lake:
        catalog = SqlCatalog("lake", uri=f"sqlite:///{lake / 'catalog.db'}", warehouse=f"file://{lake}")
        catalog.create_namespace("silver")
        catalog.create_table("silver.work", schema=ROWS.schema).append(ROWS)
        return lake


@pytest.fixture
def ask(lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    monkeypatch.chdir(tmp_path)

    def asked(*words: str, file: str | None = None) -> Result:
        if file is not None:
            Path("x.sql").write_text(file, encoding="utf-8")
            words = ("--file", "x.sql", *words)
        return CliRunner().invoke(app, ["query", "--lake", str(lake), *words])

    return asked


def test_an_answer_is_a_table_with_what_it_took(ask: Ask) -> None:
    result = ask("--sql", "select user_id, sum(tasks) as tasks from silver.work group by user_id order by user_id")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line.split() for line in (lines[0], *lines[2:4])] == [["user_id", "tasks"], ["ada", "5"], ["bob", "1"]]
    assert lines[4].startswith("2 rows; ")
    assert lines[4].endswith(" s, duckdb")


def test_the_examples_that_were_asked_are_told(ask: Ask) -> None:
    file = "-- Question: who?\n-- Parameter: user_id varchar: x; for example 'bob'\nselect ? as user_id"
    assert ask(file=file).stdout.startswith("Asked with the file's own examples: user_id = 'bob'\n")
    assert "O'Brien" in ask("--params", '"O\'Brien"', file=file).stdout


def test_data_alone_is_written_to_standard_output(ask: Ask) -> None:
    file = "-- Question: who?\n-- Parameter: n bigint: x; for example 3\nselect * from silver.work where tasks = ?"
    as_json, as_csv = ask("--format", "json", file=file), ask("--format", "csv", file=file)
    assert json.loads(as_json.stdout) == [{"user_id": "ada", "tasks": 3, "hours": 1.5}]
    assert list(csv.reader(StringIO(as_csv.stdout))) == [["user_id", "tasks", "hours"], ["ada", "3", "1.5"]]
    for result in (as_json, as_csv):
        note, summary = result.stderr.splitlines()
        assert note == "Asked with the file's own examples: n = 3"
        assert summary.startswith("1 row; ")


def test_columns_that_allow_it_are_drawn(ask: Ask) -> None:
    result = ask("--chart", "--sql", "select user_id, sum(tasks) as tasks from silver.work group by 1 order by 1")
    name, ada, bob, summary = result.stdout.splitlines()
    assert name == "tasks"
    assert ada.count("█") == pytest.approx(5 * bob.count("█"), abs=5)
    assert summary.startswith("2 rows; ")


def test_columns_that_allow_no_chart_are_a_table_and_a_line_says_why(ask: Ask) -> None:
    result = ask("--chart", "--sql", "select tasks from silver.work")
    first, heading, *_ = result.stdout.splitlines()
    assert first == "No chart: one column draws nothing: select a date, a time or a text first, then numbers."
    assert heading.strip() == "tasks"


FAULTS = {
    "unknown column": (
        "select\n  tasks,\n  nothing\nfrom silver.work",
        'x.sql:3: Referenced column "nothing" not found',
    ),
    "unknown table": (
        "select nothing\nfrom silver.work,\n  silver.nothing",
        "x.sql:3: there is no table silver.nothing",
    ),
    "unknown function": ("select\n  nothing(tasks)\nfrom silver.work", "x.sql:2: Scalar Function with name nothing"),
    "type mismatch": (
        "select *\nfrom silver.work\nwhere\n  user_id > 5",
        "x.sql:4: Cannot compare values of type VARCHAR",
    ),
    "value of no number": (
        "select\n  tasks\nfrom silver.work\nwhere tasks = 'x'",
        "x.sql:4: Could not convert string 'x'",
    ),
    "syntax error": ("select\n  tasks\nform silver.work", "x.sql:3: "),
    "empty file": ("", "x.sql:1: no SQL in it"),
    "two statements": ("select 1;\nselect 2", "x.sql:2: one SELECT statement is expected, a second begins here"),
    "no SELECT": ("-- c\ndrop table silver.work", "x.sql:2: one SELECT statement is expected"),
}


@pytest.mark.parametrize(("sql", "said"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_one_line_that_begins_with_the_files(ask: Ask, sql: str, said: str) -> None:
    result = ask(file=sql)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(said)
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--sql", "select 1", "--engine", "presto"], "ENGINE=presto is unknown: choose one of duckdb, trino, athena"),
        (["--sql", "select 1", "--format", "xml"], "FORMAT=xml is unknown: choose one of table, csv, json"),
        (["--sql", "select 1", "--format", "csv", "--chart"], "CHART=1 draws, FORMAT=csv writes data"),
        (["--sql", "select 1 as a, 2 as a", "--format", "json"], "SQL: FORMAT=json: two columns are called a"),
        (["--file", "nothing.sql"], "nothing.sql cannot be read: No such file or directory"),
    ],
)
def test_what_cannot_be_asked_is_one_line(ask: Ask, words: list[str], said: str) -> None:
    result = ask(*words)
    assert result.exit_code == 2
    assert result.stderr.startswith(said)


@pytest.fixture
def no_aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    return monkeypatch


def test_athena_without_a_region_or_credentials_says_what_to_do(ask: Ask, no_aws: pytest.MonkeyPatch) -> None:
    words = ("--sql", "select 1", "--engine", "athena")
    assert ask(*words).stderr.startswith("ENGINE=athena needs to know where: say AWS_REGION=")
    no_aws.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    result = ask(*words)
    assert result.stderr.startswith("ENGINE=athena needs AWS credentials: `aws configure`")
    assert result.exit_code == 2


class Told:
    """An engine that keeps what it was asked."""

    def run(self, sql: str, parameters: list[str]) -> Answer:
        self.asked = sql, parameters
        return Answer(pa.table({"n": [1]}), None, 0.0)


def test_an_engine_is_given_the_text_and_its_parameters(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told()
    monkeypatch.setitem(ENGINES, "trino", lambda lake, workgroup: told)
    result = ask("--engine", "trino", "--sql", "select ?", "--params", "ada")
    assert told.asked == ("select ?", ["'ada'"])
    assert result.stdout.splitlines()[-1] == "1 row; bytes scanned unknown, 0.00 s, trino"


def test_a_reader_that_has_enough_is_no_fault(lake: Path) -> None:
    sql = "select n from unnest(sequence(1, 100000)) as t(n)"
    command = [sys.executable, "-m", "local", "query", "--lake", str(lake), "--format", "csv", "--sql", sql]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as asked:
        assert asked.stdout is not None
        assert asked.stdout.readline() == "n\n"
        asked.stdout.close()
        assert asked.stderr is not None
        assert asked.stderr.read().startswith("100,000 rows; ")
    assert asked.returncode == 0


def test_a_query_needs_no_spark() -> None:
    code = "import sys, local.cli, athena_queries.engines.duckdb_engine; print('pyspark' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
