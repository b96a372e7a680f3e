import base64
import gzip
import json
from collections.abc import Mapping
from typing import Any

from local.clock import VirtualClock
from local.logs.log_event import LogEvent, parse_log_line
from local.logs.subscription import LogSubscription
from tests.unit.local.stream_records import NOON, log_event


class Function:
    """A subscribed function: what it was invoked with, and when."""

    def __init__(self) -> None:
        self.clock = VirtualClock(NOON)
        self.invoked: list[tuple[float, Mapping[str, Any]]] = []
        self.subscription = LogSubscription(self._invoke, self.clock)

    def offer(self, number: int, **changes: Any) -> None:
        event = parse_log_line("f", 1, json.dumps(log_event(number) | changes).encode())
        assert isinstance(event, LogEvent)
        self.subscription.offer(event)

    def payloads(self) -> list[Any]:
        return [json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"]))) for _, event in self.invoked]

    def ids(self) -> list[list[str]]:
        return [[event["id"] for event in payload["logEvents"]] for payload in self.payloads()]

    def _invoke(self, event: Mapping[str, Any]) -> None:
        self.invoked.append((self.clock.now(), event))


def test_the_payload_has_the_shape_that_cloudwatch_documents() -> None:
    function = Function()
    function.offer(1, message="é\n")
    function.clock.run_until_idle()
    assert function.payloads() == [
        {
            "messageType": "DATA_MESSAGE",
            "owner": "123456789012",
            "logGroup": "/aws/lambda/todo-app",
            "logStream": "stream",
            "subscriptionFilters": ["task-lake"],
            "logEvents": [{"id": "log-1", "timestamp": NOON * 1000, "message": "é\n"}],
        }
    ]


def test_events_of_one_stream_are_gathered_for_some_seconds_in_their_order() -> None:
    function = Function()
    function.offer(1)
    function.clock.advance_to(NOON + 59)
    function.offer(2)
    function.clock.advance_to(NOON + 61)
    function.offer(3)
    function.clock.run_until_idle()
    assert function.ids() == [["log-1", "log-2"], ["log-3"]]
    assert [moment for moment, _ in function.invoked] == [NOON + 60, NOON + 121]


def test_each_log_stream_has_payloads_of_its_own() -> None:
    function = Function()
    for number, changes in enumerate([{}, {"logStream": "other"}, {"logGroup": "access"}, {}]):
        function.offer(number, **changes)
    function.clock.run_until_idle()
    assert function.ids() == [["log-0", "log-3"], ["log-1"], ["log-2"]]


def test_a_payload_goes_out_before_it_grows_large_and_the_next_waits_its_own_time() -> None:
    function = Function()
    for number in range(3):
        function.offer(number, message="x" * 100_000)
    assert function.ids() == [["log-0", "log-1"]]
    function.clock.advance_to(NOON + 29.9)
    assert len(function.invoked) == 1
    function.clock.run_until_idle()
    assert function.ids() == [["log-0", "log-1"], ["log-2"]]


def test_an_event_larger_than_a_payload_should_be_goes_alone() -> None:
    function = Function()
    function.offer(1)
    function.offer(2, message="x" * 1_000_000)
    function.offer(3)
    function.clock.run_until_idle()
    assert function.ids() == [["log-1"], ["log-2"], ["log-3"]]


def test_the_same_events_make_the_same_bytes() -> None:
    one, two = Function(), Function()
    for function in (one, two):
        function.offer(1)
        function.clock.run_until_idle()
    assert one.invoked == two.invoked
