"""For every history and every way Firehose, S3 and time can fail: what was not delivered will be handed over again."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from cdc_lambda import claim_check
from cdc_lambda.circuit_breaker import CircuitBreaker
from cdc_lambda.claim_check import ClaimCheck
from cdc_lambda.delivery import Delivery
from cdc_lambda.handler import make_handler
from cdc_lambda.log_forwarder import UndeliveredError, make_forwarder
from tests.unit.cdc_lambda.conftest import pack
from tests.unit.cdc_lambda.fakes import FakeClock, FakeFirehose, FakeS3

KINDS = st.sampled_from(["task", "task", "task", "user", "poison", "oversize"])
BATCHES = st.lists(st.lists(KINDS, max_size=8), min_size=1, max_size=8)
OUTCOMES = st.sampled_from(["accept", "accept", "refuse", "time out"])
OVERSIZE = 1_000


@dataclass
class World:
    """What the functions meet, its faults drawn; each call takes seconds of the invocation's minute."""

    outcomes: list[str]
    s3_faults: list[bool]
    call_seconds: float
    clock: FakeClock = field(default_factory=FakeClock)
    s3: FakeS3 = field(default_factory=FakeS3)
    firehose: FakeFirehose = field(init=False)
    delivery: Delivery = field(init=False)

    def __post_init__(self) -> None:
        self.firehose = FakeFirehose(self._refuse)
        breaker = CircuitBreaker(self.clock.now, failure_threshold=2)
        self.delivery = Delivery(self.firehose, "stream", breaker, self.clock.sleep)

    def claim_check(self) -> ClaimCheck:
        """Return a claim check whose S3 is up or down as drawn, anew at each call."""

        def s3() -> FakeS3:
            self.s3.is_down = self.s3_faults.pop() if self.s3_faults else False
            return self.s3

        return ClaimCheck(s3, "lake")

    def _refuse(self, _call: int, _payload: bytes) -> str | None:
        self.clock.sleep(self.call_seconds / 4)
        outcome = self.outcomes.pop() if self.outcomes else "accept"
        if outcome == "time out":
            raise ReadTimeoutError(endpoint_url="firehose")
        return "InternalFailure" if outcome == "refuse" else None


@dataclass
class Invocation:
    """A Lambda context that ends sixty seconds after it began."""

    clock: FakeClock
    aws_request_id: str = "r"

    def __post_init__(self) -> None:
        self.deadline = self.clock.now() + 60

    def get_remaining_time_in_millis(self) -> int:
        """Return the time left."""
        return max(0, round((self.deadline - self.clock.now()) * 1000))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    return World(
        draw(st.lists(OUTCOMES, max_size=60)),
        draw(st.lists(st.booleans(), max_size=20)),
        draw(st.sampled_from([0.0, 3.0, 20.0])),
    )


def record(number: int, kind: str) -> dict[str, Any]:
    prefix = "USER#" if kind == "user" else "TASK#"
    keys = {"PK": {"S": f"{prefix}u"}, "SK": {"S": f"{prefix}{number}"}}
    image = keys | {"title": {"S": "x" * (OVERSIZE if kind == "oversize" else 1)}}
    change: dict[str, Any] = {"Keys": keys, "SequenceNumber": f"{number:021}", "NewImage": image}
    if kind != "poison":
        change["ApproximateCreationDateTime"] = 1760518800
    return {"eventID": f"e{number}", "eventName": "INSERT", "eventSourceARN": "arn", "dynamodb": change}


@given(world=worlds(), batches=BATCHES)
def test_every_task_change_is_delivered_or_at_or_after_the_reported_record(
    world: World, batches: list[list[str]]
) -> None:
    handler = make_handler(world.delivery, world.claim_check(), "CdcFunction", world.clock.now)
    for kinds in batches:
        world.firehose.accepted.clear()
        records = [record(number, kind) for number, kind in enumerate(kinds)]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(claim_check, "MAX_RECORD_BYTES", OVERSIZE)
            failures = handler({"Records": records}, Invocation(world.clock))["batchItemFailures"]
        numbers = [item["dynamodb"]["SequenceNumber"] for item in records]
        retried_from = numbers.index(failures[0]["itemIdentifier"]) if failures else len(records)
        retried = {number for number in range(retried_from, len(records)) if kinds[number] != "user"}
        delivered = {int(row["event_id"][1:]) for row in world.firehose.rows}
        assert delivered | retried == {number for number, kind in enumerate(kinds) if kind != "user"}
        assert all(kinds[number] in ("task", "oversize") for number in delivered)
        assert_nothing_is_claimed_that_is_not_there(world, "images_object")


@given(world=worlds(), payloads=st.lists(st.lists(st.booleans(), max_size=8), min_size=1, max_size=8))
def test_every_log_event_is_delivered_or_its_payload_raises(world: World, payloads: list[list[bool]]) -> None:
    forwarder = make_forwarder(world.delivery, world.claim_check(), "LogForwarderFunction", world.clock.now)
    for sizes in payloads:
        world.firehose.accepted.clear()
        is_raised = False
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(claim_check, "MAX_RECORD_BYTES", OVERSIZE)
            try:
                forwarder(log_payload(sizes), Invocation(world.clock))
            except UndeliveredError:
                is_raised = True
        delivered = {int(row["log_event_id"]) for row in world.firehose.rows}
        assert is_raised == (delivered != set(range(len(sizes))))
        assert_nothing_is_claimed_that_is_not_there(world, "message_object")


def log_payload(sizes: list[bool]) -> dict[str, Any]:
    events = [
        {"id": str(number), "timestamp": 1760518800000, "message": "x" * (OVERSIZE if is_large else 1)}
        for number, is_large in enumerate(sizes)
    ]
    return pack({"messageType": "DATA_MESSAGE", "logGroup": "g", "logStream": "s", "logEvents": events})


def assert_nothing_is_claimed_that_is_not_there(world: World, column: str) -> None:
    assert {row[column] for row in world.firehose.rows} - {None} <= set(world.s3.objects)
