"""For random changes and log lines: a replay on AWS makes the very rows that the first delivery would have made."""

import base64
import json
from io import BytesIO
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cdc_lambda.handler import make_handler
from cdc_lambda.log_forwarder import make_forwarder
from operations.replay.delivery_door import DeliveryDoor
from operations.replay.function_doors import CDC_FUNCTION, FORWARDER_FUNCTION, ForwarderDoor, StreamDoor
from tests.unit.cdc_lambda.fakes import FakeContext, FakeFirehose, FakeS3, claim_check_in, delivery_to
from tests.unit.local.stream_records import NOON, stream_record
from tests.unit.operations.replay.fakes import FakeLambda, batch, error_line, given_up, log_payload

TEXT = st.text(min_size=1, max_size=20)
VALUE = st.one_of(
    st.builds(lambda text: {"S": text}, st.text(max_size=20)),
    st.builds(lambda number: {"N": str(number)}, st.decimals(allow_nan=False, allow_infinity=False)),
    st.builds(lambda data: {"B": base64.b64encode(data).decode()}, st.binary(max_size=20)),
    st.builds(lambda texts: {"SS": texts}, st.lists(TEXT, min_size=1, max_size=3, unique=True)),
    st.just({"NULL": True}),
)
MOMENTS = st.one_of(st.integers(0, 2 * NOON), st.floats(0, 2 * NOON))
CHANGES = st.lists(
    st.tuples(MOMENTS, TEXT, st.dictionaries(TEXT, VALUE, max_size=3), st.booleans()), min_size=1, max_size=12
)
LINES = st.lists(st.tuples(st.integers(0, 2 * NOON * 1000), st.text(max_size=40)), min_size=1, max_size=12)


def records(changes: list[tuple[float, str, dict[str, Any], bool]]) -> list[dict[str, Any]]:
    made = []
    for number, (moment, user, attributes, is_removed) in enumerate(changes):
        record = stream_record(number, moment, user)
        record["dynamodb"]["NewImage"] |= attributes
        if is_removed:
            record |= {"eventName": "REMOVE"}
            record["dynamodb"]["OldImage"] = record["dynamodb"].pop("NewImage")
        made.append(record)
    return made


def rows(firehose: FakeFirehose) -> list[dict[str, Any]]:
    """Return the rows in the order of their ids, each once, without the moment at which the function ran."""
    found = {row.get("event_id") or row["log_event_id"]: row for row in firehose.rows}
    return [{name: value for name, value in found[key].items() if name != "ingested_at"} for key in sorted(found)]


class Functions:
    """Both functions as deployed, on a Firehose and an S3 of their own."""

    def __init__(self) -> None:
        self.firehose, self.s3 = FakeFirehose(), FakeS3()
        handler = make_handler(delivery_to(self.firehose), claim_check_in(self.s3), CDC_FUNCTION)
        forwarder = make_forwarder(delivery_to(self.firehose), claim_check_in(self.s3), FORWARDER_FUNCTION)
        self.lambda_ = FakeLambda(
            {
                CDC_FUNCTION: lambda event: handler(event, FakeContext()),
                FORWARDER_FUNCTION: lambda event: forwarder(event, FakeContext()),
            }
        )


@settings(deadline=None, max_examples=60)
@given(CHANGES, st.sampled_from([0, 700_000]))
def test_a_batch_that_was_given_up_makes_the_same_rows(
    changes: list[tuple[float, str, dict[str, Any], bool]], padding: int
) -> None:
    made = records(changes)
    for image in ("NewImage", "OldImage"):
        if padding and image in made[0]["dynamodb"]:
            made[0]["dynamodb"][image]["padding"] = {"S": "é" * padding}
    first, again = Functions(), Functions()
    first.lambda_.functions[CDC_FUNCTION]({"Records": made})
    content = StreamDoor(again.lambda_).hand_over(BytesIO(batch(*made).encode()))
    assert not content.reasons
    assert rows(again.firehose) == rows(first.firehose)
    assert again.s3.objects == first.s3.objects


@settings(deadline=None, max_examples=60)
@given(LINES)
def test_a_payload_of_logs_that_was_given_up_makes_the_same_rows(lines: list[tuple[int, str]]) -> None:
    event = log_payload(
        {"id": f"log-{number}", "timestamp": moment, "message": message}
        for number, (moment, message) in enumerate(lines)
    )
    first, again = Functions(), Functions()
    first.lambda_.functions[FORWARDER_FUNCTION](event)
    assert not ForwarderDoor(again.lambda_).hand_over(BytesIO(given_up(event).encode())).reasons
    assert rows(again.firehose) == rows(first.firehose)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.one_of(st.binary(max_size=40), TEXT.map(lambda text: json.dumps(text).encode())), max_size=20))
def test_a_record_that_was_not_delivered_is_put_byte_for_byte(payloads: list[bytes]) -> None:
    firehose = FakeFirehose()
    body = "".join(map(error_line, payloads)).encode()
    assert not DeliveryDoor(delivery_to(firehose)).hand_over(BytesIO(body)).reasons
    assert firehose.accepted == payloads
