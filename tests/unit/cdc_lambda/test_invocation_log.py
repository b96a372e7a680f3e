import json
import logging
from collections import Counter
from typing import Any

import pytest

from cdc_lambda.batch import Batch
from cdc_lambda.delivery import Receipt
from cdc_lambda.invocation_log import InvocationLog, to_message, to_metrics

NOW = 1760518870.25


def batch_of(size: int, **members: Any) -> Batch:
    batch = Batch(size, **members)
    for second in range(size - batch.skipped):
        batch.add(b"payload", False, f"2025-10-15 09:00:{59 - second:02}.000")
    return batch


def written(caplog: pytest.LogCaptureFixture, batch: Batch, receipt: Receipt) -> dict[str, Any]:
    caplog.set_level(logging.INFO, "cdc_lambda")
    InvocationLog("cdc_lambda", "deliver_task_changes", "CdcFunction").write("r-1", NOW, NOW + 0.125, batch, receipt)
    line: dict[str, Any] = json.loads(caplog.records[-1].message)
    return line


def test_the_line_is_log_and_metrics_in_one(caplog: pytest.LogCaptureFixture) -> None:
    assert written(caplog, batch_of(3, skipped=1), Receipt()) == {
        "timestamp": "2025-10-15T09:01:10.375+00:00",
        "level": "INFO",
        "request_id": "r-1",
        "component": "cdc_lambda",
        "operation": "deliver_task_changes",
        "duration_ms": 125,
        "status": "success",
        "message": "delivered",
        "error_codes": {},
        "FunctionName": "CdcFunction",
        "Received": 3,
        "Delivered": 2,
        "Retried": 0,
        "Failed": 0,
        "Oversize": 0,
        "Skipped": 1,
        "BreakerOpen": 0,
        "BreakerOpened": 0,
        "IteratorAge": 12250,
        "_aws": {
            "Timestamp": 1760518870375,
            "CloudWatchMetrics": [
                {
                    "Namespace": "TaskLake",
                    "Dimensions": [["FunctionName"]],
                    "Metrics": [
                        {"Name": "Received", "Unit": "Count"},
                        {"Name": "Delivered", "Unit": "Count"},
                        {"Name": "Retried", "Unit": "Count"},
                        {"Name": "Failed", "Unit": "Count"},
                        {"Name": "Oversize", "Unit": "Count"},
                        {"Name": "Skipped", "Unit": "Count"},
                        {"Name": "BreakerOpen", "Unit": "Count"},
                        {"Name": "BreakerOpened", "Unit": "Count"},
                        {"Name": "IteratorAge", "Unit": "Milliseconds"},
                    ],
                }
            ],
        },
    }


def test_what_was_not_delivered_makes_an_error_with_firehoses_codes(caplog: pytest.LogCaptureFixture) -> None:
    receipt = Receipt([1, 2], resent=6, error_codes=Counter(InternalFailure=8), is_circuit_open=True, times_opened=1)
    line = written(caplog, batch_of(3), receipt)
    assert (line["level"], line["status"], caplog.records[-1].levelno) == ("ERROR", "error", logging.ERROR)
    assert line["error_codes"] == {"InternalFailure": 8}
    assert {"Delivered": 1, "Retried": 6, "Failed": 2, "BreakerOpen": 1, "BreakerOpened": 1}.items() <= line.items()


def test_every_metric_that_the_directive_names_is_a_number_beside_it(caplog: pytest.LogCaptureFixture) -> None:
    for batch in (batch_of(0), batch_of(2), Batch(1, fault="the payload holds no logEvents")):
        line = written(caplog, batch, Receipt())
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        assert all(type(line[metric["Name"]]) is int for metric in directive["Metrics"])
        assert all(dimension in line for dimension in directive["Dimensions"][0])


@pytest.mark.parametrize(
    ("receipt", "message"),
    [
        (Receipt(), "delivered"),
        (Receipt([0], error_codes=Counter(InternalFailure=4)), "Firehose did not accept all"),
        (Receipt([0], is_circuit_open=True), "Firehose was not called: the circuit is open"),
        (Receipt([0]), "Firehose was not called: no time was left"),
    ],
)
def test_the_message_says_how_the_delivery_ended(receipt: Receipt, message: str) -> None:
    assert to_message(receipt) == message


def test_without_a_record_that_has_a_time_there_is_no_age() -> None:
    assert "IteratorAge" not in to_metrics(Batch(1), Receipt(), NOW)


def test_a_change_ahead_of_the_functions_clock_is_of_no_age() -> None:
    assert to_metrics(batch_of(1), Receipt(), 0.0)["IteratorAge"] == 0
