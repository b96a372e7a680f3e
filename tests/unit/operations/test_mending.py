"""The commands as they are typed, against an AWS that is moto's, over HTTP: PyArrow and PyIceberg ask it as well."""

import base64
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from moto.backends import get_backend
from moto.server import ThreadedMotoServer
from pyiceberg.catalog.glue import GlueCatalog
from typer.testing import CliRunner, Result

from operations import deployed_lake
from operations.cli import app
from operations.mending import COMMANDS
from operations.replay import command as replay_command
from operations.replay.stores import Doors
from operations.stack import Stack
from tests.unit.operations.fakes import BUCKET
from tests.unit.operations.replay.fakes import BATCH, UNDELIVERED, FakeLambda, Lake, batch, changes, error_lines, poison

REGION = "eu-central-1"
BRONZE = "bronze/task_changes/2025/10/15/ada/task-changes-1-2025-10-15-12-00-00-{}.parquet"
STACK = Stack("task-lake-dev", "id", "CREATE_COMPLETE", {}, {"LakeBucketName": BUCKET}, {}, datetime.now(UTC))
UUID = "0b2f1c1e-6a55-4e0b-9b55-0a8c7f3a9d01"


@pytest.fixture(scope="module")
def moto_url() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture(autouse=True)
def aws(moto_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An account in which the stage dev is deployed, as far as the commands look."""
    for name in ("AWS_PROFILE", "STAGE", "SINCE", "TABLE", "VERSION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    settings = {"AWS_ENDPOINT_URL": moto_url, "AWS_REGION": REGION, "NO_PROXY": "127.0.0.1"}
    for name, value in (settings | {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}).items():
        monkeypatch.setenv(name, value)
    client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    # moto's CloudFormation needs libraries of its own.
    monkeypatch.setattr(deployed_lake, "find_stack", lambda _, name: STACK if name == "task-lake-dev" else None)
    yield
    for service in ("s3", "glue", "stepfunctions"):
        get_backend(service).reset()


def client(service: str) -> Any:
    session: Any = boto3.Session(region_name=REGION)
    return session.client(service)


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_every_command_says_in_one_line_that_a_stage_is_missing_or_not_deployed() -> None:
    for command in COMMANDS:
        name = command.__name__.replace("_", "-")
        table = ["--table", "t"] if name == "gold-rollback" else []
        for stage, said in (("", "say which stage: STAGE=<name>"), ("prod", "task-lake-prod is not deployed in")):
            result = typed(name, *table, "--stage", stage)
            assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1), (name, result.output)
            assert said in result.stderr


@pytest.fixture
def lake(monkeypatch: pytest.MonkeyPatch) -> Lake:
    """The deployed lake, whose functions and delivery streams are fakes."""
    lake = Lake(client("s3"), bucket=BUCKET)

    def open_doors(_lambda: FakeLambda, _firehose: Any) -> Doors:
        return lake.doors()

    monkeypatch.setattr(replay_command, "open_doors", open_doors)
    monkeypatch.setattr("cdc_lambda.delivery.BACKOFF_SECONDS", 0)
    return lake


def test_replay_prints_the_laptops_report_and_what_to_type_next(lake: Lake) -> None:
    lake.put(BATCH.format(1), batch(*changes(0)))
    left = lake.put(BATCH.format(2), batch(poison(1)))
    lake.put(UNDELIVERED.format(1), error_lines(["event-7"]))
    result = typed("replay", "--stage", "dev")
    assert result.exit_code == 0, result.output
    assert ["aws/lambda/<mapping>", "2", "1"] in [line.split() for line in result.stdout.splitlines()]
    assert "left: 1 in aws/lambda/<mapping>: undecodable: dynamodb.ApproximateCreationDateTime" in result.stdout
    assert f"see s3://{BUCKET}/{left}" in result.stdout
    assert "To bring the others to Silver and Gold: make start STAGE=dev." in result.stdout.replace("`", "")
    assert lake.names() == [left]


def test_a_dry_replay_says_why_each_lies_there_and_hands_nothing_over(lake: Lake) -> None:
    lake.put(BATCH.format(1), batch(*changes(0)))
    result = typed("replay", "--stage", "dev", "--dry-run", "--since", "2025-01-01", "--store", "aws/")
    assert "failed: 1 in aws/lambda/<mapping>: not delivered while it was retried" in result.stdout
    assert "Nothing was handed over; `make replay STAGE=dev` hands over 1 of 1." in result.stdout
    assert lake.names() == [BATCH.format(1)]


def test_a_replay_of_a_lake_without_failures_says_so(lake: Lake) -> None:
    result = typed("replay", "--stage", "dev")
    assert (result.exit_code, result.stdout) == (0, "The failure stores are empty: nothing to replay.\n")


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--since", "last week", "SINCE=last week is no day: say it as YYYY-MM-DD"),
        ("--store", "bronze/", "STORE=bronze/ is in no failure store: they are aws/lambda/ and errors/firehose/"),
    ],
)
def test_a_choice_that_is_none_is_one_line(option: str, value: str, said: str) -> None:
    result = typed("replay", "--stage", "dev", option, value)
    assert result.exit_code == 2
    assert result.stderr.startswith(said)


def test_a_function_that_is_not_there_leaves_its_objects_and_is_named() -> None:
    client("s3").put_object(Bucket=BUCKET, Key=BATCH.format(1), Body=batch(*changes(0)).encode())
    result = typed("replay", "--stage", "dev")
    assert "AWS refused Invoke: ResourceNotFoundException" in result.stdout
    assert client("s3").list_objects_v2(Bucket=BUCKET)["KeyCount"] == 1


def test_the_ledger_is_made_from_what_bronze_holds() -> None:
    key = BRONZE.format(UUID)
    client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"not opened")
    result = typed("rebuild-ledger", "--stage", "dev")
    assert result.exit_code == 0, result.output
    assert "1 objects in Bronze, 0 in the ledger, 1 added to it" in result.stdout
    assert "`make start STAGE=dev` reads them" in result.stdout
    [entry] = client("s3").list_objects_v2(Bucket=BUCKET, Prefix="bronze_ledger/")["Contents"]
    body = client("s3").get_object(Bucket=BUCKET, Key=entry["Key"])["Body"].read()
    assert pq.read_table(BytesIO(body))["object_key"].to_pylist() == [key]
    assert "1 in the ledger, 0 added" in typed("rebuild-ledger", "--stage", "dev").stdout


def test_a_lake_of_which_nothing_says_when_it_came_has_no_ledger_to_make() -> None:
    client("s3").put_object(Bucket=BUCKET, Key="bronze/task_changes/2025/10/15/ada/x.parquet", Body=b"x")
    result = typed("rebuild-ledger", "--stage", "dev")
    assert result.exit_code == 1
    assert result.stderr.strip().splitlines()[-1].startswith("no ledger is left, and no name of an object in Bronze")


def test_a_bucket_that_cannot_be_listed_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: Any) -> None:
        raise OSError("When listing objects:\nAWS Error ACCESS_DENIED")

    monkeypatch.setattr("operations.ledger.rebuild_ledger", denied)
    result = typed("rebuild-ledger", "--stage", "dev")
    assert result.exit_code == 1
    said = (
        f"s3://{BUCKET} cannot be listed or written, and nothing is lost: When listing objects: AWS Error ACCESS_DENIED"
    )
    assert result.stderr.strip().splitlines()[-1] == said


def test_start_says_where_to_watch_and_that_a_second_one_must_wait() -> None:
    definition = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}}
    role = "arn:aws:iam::123456789012:role/steps"
    client("stepfunctions").create_state_machine(name="task-lake", definition=json.dumps(definition), roleArn=role)
    result = typed("start", "--stage", "dev", "--from-date", "2025-10-14", "--to-date", "2025-10-15")
    assert result.exit_code == 0, result.output
    assert "The run is started, watch it: https://eu-central-1.console.aws.amazon.com/states/" in result.stdout
    again = typed("start", "--stage", "dev")
    assert again.exit_code == 1
    assert again.stderr.startswith("a run is under way since ")


@pytest.mark.parametrize("words", [["--from-date", "2025-10-14"], ["--from-date", "x", "--to-date", "y"]])
def test_start_with_days_that_are_none_is_one_line(words: list[str]) -> None:
    result = typed("start", "--stage", "dev", *words)
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)


def jobs_that_run(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, str]]]:
    """Let every job end well at once, and return what was run."""
    ran: list[tuple[str, dict[str, str]]] = []

    def run_job(_lake: Any, _stages: Any, job: str, arguments: dict[str, str]) -> int:
        ran.append((job, arguments))
        return 60

    monkeypatch.setattr("operations.job_run.run_job", run_job)
    return ran


@pytest.mark.parametrize(
    ("words", "runs"),
    [
        (
            ["replay-quarantine"],
            [
                ("silver_tasks", {"--REPLAY_QUARANTINE": "true"}),
                ("silver_api", {"--REPLAY_QUARANTINE": "true"}),
                ("gold", {}),
            ],
        ),
        (["rebuild"], [("silver_tasks", {"--REBUILD": "true"}), ("silver_api", {"--REBUILD": "true"}), ("gold", {})]),
        (["maintain"], [("silver_maintenance", {"--RETENTION_DAYS": "7"})]),
        (["maintain", "--retention-days", "30"], [("silver_maintenance", {"--RETENTION_DAYS": "30"})]),
        (["gold"], [("gold", {})]),
        (["gold", "--resume", "gold.weekly"], [("gold", {"--RESUME": "weekly"})]),
        (["gold-rollback", "--table", "gold.weekly"], [("gold", {"--ROLLBACK": "weekly"})]),
        (
            ["gold-rollback", "--table", "weekly", "--version", "weekly_v1_0"],
            [("gold", {"--ROLLBACK": "weekly", "--VERSION": "weekly_v1_0"})],
        ),
    ],
)
def test_a_command_of_the_laptops_runs_the_same_jobs_with_the_arguments_that_they_take(
    words: list[str], runs: list[tuple[str, dict[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from glue_jobs.jobs.arguments import parse_arguments  # noqa: PLC0415

    ran = jobs_that_run(monkeypatch)
    result = typed(*words, "--stage", "dev")
    assert result.exit_code == 0, result.output
    assert ran == runs
    assert "Done: " in result.stdout
    for job, arguments in ran:
        given = [word for pair in arguments.items() for word in pair]
        parse_arguments([job, "--JOB_NAME", job, "--LAKE", f"s3://{BUCKET}", *given], job)


def test_a_rollback_without_a_table_says_which_there_are_to_list() -> None:
    result = typed("gold-rollback", "--stage", "dev")
    assert result.exit_code == 2
    assert result.stderr == "say TABLE=<Gold table>; `make gold-list STAGE=dev` lists them\n"


def test_the_versions_of_gold_are_read_from_the_catalog(moto_url: str) -> None:
    name = "task_throughput_daily"
    client("glue").create_database(DatabaseInput={"Name": "gold"})
    catalog = GlueCatalog("lake", client=client("glue"), **{"s3.region": REGION, "s3.endpoint": moto_url})
    rows = pa.table({"n": [1, 2, 3]})
    for number, digest in enumerate(("0" * 12, "1" * 12)):
        facts = {"verdict": "pass", "built_at": f"2025-10-1{number}T00:00:00+00:00", "run_id": f"jr_{number}"}
        facts |= {"files": "x", "inputs": "{}"}
        build = catalog.create_table(
            f"gold.{name}_v1_{digest}",
            rows.schema,
            location=f"s3://{BUCKET}/gold/{name}/{digest}",
            properties={f"lake.gold.{key}": value for key, value in facts.items()},
        )
        build.append(rows)
    unfinished = f"{name}_v1_{'2' * 12}"
    catalog.create_table(f"gold.{unfinished}", rows.schema, location=f"s3://{BUCKET}/gold/{name}/2")
    shown = {"originalSql": f"SELECT * FROM gold.{name}_v1_{'0' * 12}", "catalog": "awsdatacatalog", "schema": "gold"}
    text = f"/* Presto View: {base64.b64encode(json.dumps(shown).encode()).decode()} */"
    view = {"Name": name, "TableType": "VIRTUAL_VIEW", "ViewOriginalText": text}
    client("glue").create_table(DatabaseName="gold", TableInput=view)

    result = typed("gold-list", "--stage", "dev")
    assert result.exit_code == 0, result.output
    lines = [line for line in result.stdout.splitlines() if line.startswith(f"{name}_v1_")]
    assert [line.split()[:2] for line in lines] == [[f"{name}_v1_{'1' * 12}", "3"], [f"{name}_v1_{'0' * 12}", "3"]]
    assert ["shown" in line for line in lines] == [False, True]
    assert unfinished not in result.stdout
    assert "make gold-rollback TABLE=<table> STAGE=dev" in result.stdout


def test_gold_without_versions_says_how_to_make_some() -> None:
    client("glue").create_database(DatabaseInput={"Name": "gold"})
    assert "Nothing is built yet: make start STAGE=dev" in typed("gold-list", "--stage", "dev").stdout
