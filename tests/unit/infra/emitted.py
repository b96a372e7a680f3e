"""What emits which metric: the functions and the jobs by their own code, AWS's services by what they document."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cdc_lambda.batch import Batch
from cdc_lambda.delivery import Receipt
from cdc_lambda.invocation_log import DIMENSION as FUNCTION_DIMENSION
from cdc_lambda.invocation_log import NAMESPACE as FUNCTION_NAMESPACE
from cdc_lambda.invocation_log import to_metrics
from glue_jobs.jobs import silver_maintenance
from glue_jobs.jobs.as_glue_job import DIMENSION as JOB_DIMENSION
from glue_jobs.jobs.as_glue_job import NAMESPACE as JOB_NAMESPACE
from glue_jobs.jobs.as_glue_job import measure_outcome, run_as_glue_job
from glue_jobs.jobs.outcome import JobOutcome
from infra.cloudformation import resolved
from tests.unit.infra.policies import all_resources

SEMANTICS = (Path(__file__).parents[3] / "docs" / "aws-semantics.md").read_text(encoding="utf-8")
HERE = {
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::AccountId": "123456789012",
    "LakeBucketName": "the-lake",
}
# Every template's resources, as they are in that account.
RESOURCES = {name: resolved(one, HERE) for name, one in all_resources().items()}
MACHINE_ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:task-lake"
# Its namespace, its name, and its dimensions.
Metric = tuple[str, str, dict[str, str]]


def of_type(kind: str) -> dict[str, Any]:
    """Return the properties of the resources of one type, by logical id."""
    return {name: one["Properties"] for name, one in RESOURCES.items() if one["Type"] == kind}


def named(kind: str, key: str) -> set[str]:
    """Return the fixed names of the resources of one type."""
    return {one[key] for one in of_type(kind).values() if isinstance(one.get(key), str)}


FUNCTIONS = named("AWS::Lambda::Function", "FunctionName")
STREAMS = named("AWS::KinesisFirehose::DeliveryStream", "DeliveryStreamName")
JOBS = named("AWS::Glue::Job", "Name")
# What each dimension may be: the name of something that is deployed.
VALUES = {
    "FunctionName": FUNCTIONS,
    "DeliveryStreamName": STREAMS,
    "JobName": JOBS,
    "RuleName": named("AWS::Events::Rule", "Name"),
    "StateMachineArn": {MACHINE_ARN},
    "WorkGroup": named("AWS::Athena::WorkGroup", "Name"),
    "QueryState": {"SUCCEEDED"},
    "QueryType": {"DML", "DDL"},
}
# What AWS emits, by which dimensions, and the fact in docs/aws-semantics.md that says so.
OF_AWS = {
    "AWS/Lambda": (
        {"FunctionName"},
        {"IteratorAge", "AsyncEventsDropped", "DestinationDeliveryFailures", "Errors", "Throttles", "Duration"},
        "metrics-and-alarms-2",
    ),
    "AWS/Firehose": (
        {"DeliveryStreamName"},
        {
            "DeliveryToS3.DataFreshness",
            "DeliveryToS3.Records",
            "IncomingRecords",
            "IncomingBytes",
            "FailedConversion.Records",
            "PartitionCount",
            "PartitionCountExceeded",
        },
        "metrics-and-alarms-3",
    ),
    "AWS/Events": ({"RuleName"}, {"TriggeredRules"}, "metrics-and-alarms-4"),
    "AWS/Athena": ({"QueryState", "QueryType", "WorkGroup"}, {"ProcessedBytes"}, "metrics-and-alarms-5"),
    "AWS/States": (
        {"StateMachineArn"},
        {"ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"},
        "step-functions-6",
    ),
}


def _of_functions() -> set[str]:
    """Return the metrics of a function's line, made as a function makes it."""
    batch = Batch(payloads=[], received=1, oldest_at="2025-10-15T10:00:00")
    return set(to_metrics(batch, Receipt(), 0.0))


def _of_jobs(capsys: pytest.CaptureFixture[str]) -> dict[str, set[str]]:
    """Return the metrics of each job's line, printed as a job prints it."""
    now = datetime.now(UTC)
    run_as_glue_job("a job", lambda _: JobOutcome([], newest_at=now), measure_outcome)
    run_as_glue_job("maintenance", lambda _: [], silver_maintenance.measure)
    tables, upkeep = (set(json.loads(line)) for line in capsys.readouterr().out.splitlines())
    return {job: upkeep if job == "silver_maintenance" else tables for job in JOBS}


def check_is_emitted(metric: Metric, capsys: pytest.CaptureFixture[str]) -> None:
    """Assert that something which is deployed emits a metric: its namespace, its name, its dimensions."""
    namespace, name, dimensions = metric
    for dimension, value in dimensions.items():
        assert value in VALUES[dimension], f"{name}: nothing is called {value}"
    if namespace in OF_AWS:
        wanted, names, fact = OF_AWS[namespace]
        assert name in names
        assert set(dimensions) == wanted
        paragraph = SEMANTICS.partition(f'<a id="{fact}"></a>')[2].partition("\n\n")[0]
        assert f"`{name}`" in paragraph, f"{fact} does not speak of {name}"
    elif FUNCTION_DIMENSION in dimensions:
        assert (namespace, set(dimensions)) == (FUNCTION_NAMESPACE, {FUNCTION_DIMENSION})
        assert name in _of_functions()
    else:
        assert (namespace, set(dimensions)) == (JOB_NAMESPACE, {JOB_DIMENSION})
        assert name in _of_jobs(capsys)[dimensions[JOB_DIMENSION]]
