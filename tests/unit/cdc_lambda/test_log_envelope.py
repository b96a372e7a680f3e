import json
from typing import Any

import pytest

from cdc_lambda.log_envelope import LogEnvelope, UndecodableLogEventError, ids_of, to_log_envelope
from tests.unit.cdc_lambda.conftest import LoadEvent

INGESTED_AT = "2025-10-15 09:01:10.500"
REQUEST = "8f507cfc-5a1e-4c2a-9f51-0c1d2e3f4a5b"


def row_of(log_event: Any) -> LogEnvelope:
    return to_log_envelope(log_event, "/aws/lambda/todo-api", "stream", INGESTED_AT)


def event_with(**members: object) -> dict[str, object]:
    return {"id": "3195", "timestamp": 1760518800060, "message": "line"} | members


def test_a_log_event_becomes_one_row_with_every_column(load_event: LoadEvent) -> None:
    log_event = load_event("logs_data")["logEvents"][1]
    assert row_of(log_event) == {
        "log_event_id": "31953106606966983378809025079804211143289615424298220002",
        "log_group": "/aws/lambda/todo-api",
        "log_stream": "stream",
        "logged_at": "2025-10-15 09:00:00.060",
        "event_date": "2025-10-15",
        "user_id": "alice",
        "request_id": REQUEST,
        "message": log_event["message"],
        "message_object": None,
        "ingested_at": INGESTED_AT,
    }


def test_each_kind_of_line_gives_the_ids_it_has_and_is_kept_whole(load_event: LoadEvent) -> None:
    log_events = load_event("logs_data")["logEvents"]
    rows = [row_of(log_event) for log_event in log_events]
    assert [row["message"] for row in rows] == [log_event["message"] for log_event in log_events]
    assert [(row["user_id"], (row["request_id"] or "")[:4]) for row in rows] == [
        ("anonymous", "8f50"),  # START
        ("alice", "8f50"),
        ("anonymous", "8f50"),  # END
        ("anonymous", "8f50"),  # REPORT
        ("alice", "8f50"),  # access
        ("anonymous", "c1a5"),  # access of nobody
        ("anonymous", ""),  # traceback
        ("anonymous", "0b9b"),  # Lambda's own error
        ("josé/maría", "0b9b"),
        ("anonymous", ""),  # JSON, and no object
    ]


@pytest.mark.parametrize("value", ["", "-", None, 7, ["alice"], {"id": "alice"}])
def test_an_id_that_is_no_id_is_left_out(value: object) -> None:
    assert ids_of(json.dumps({"user_id": value, "request_id": value})) == (None, None)


@pytest.mark.parametrize(
    "message",
    [
        "",
        "{",
        "null",
        '{"user_id": NaN}',
        "[" * 5_000,
        f"the RequestId: {REQUEST} in a sentence",
        "START RequestId: none",
        "INIT_START Runtime Version: python:3.11.v100",
    ],
)
def test_any_other_text_is_a_line_too(message: str) -> None:
    row = row_of(event_with(message=message))
    assert (row["message"], row["user_id"], row["request_id"]) == (message, "anonymous", None)


@pytest.mark.parametrize(
    "log_event",
    [
        pytest.param("line", id="no object"),
        pytest.param(event_with(id=""), id="empty id"),
        pytest.param(event_with(id=7), id="number as id"),
        pytest.param(event_with(message=None), id="no message"),
        pytest.param(event_with(timestamp="1760518800060"), id="text as time"),
        pytest.param(event_with(timestamp=1760518800060.5), id="fraction"),
        pytest.param(event_with(timestamp=True), id="truth"),
        pytest.param(event_with(timestamp=10**30), id="after 9999"),
    ],
)
def test_a_log_event_without_its_parts_cannot_be_a_row(log_event: Any) -> None:
    with pytest.raises(UndecodableLogEventError):
        row_of(log_event)


def test_an_id_longer_than_any_of_ours_stays_in_the_line() -> None:
    assert ids_of(json.dumps({"user_id": "u" * 256, "request_id": "r" * 257})) == ("u" * 256, None)
