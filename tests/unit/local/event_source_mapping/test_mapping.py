from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.clock import VirtualClock
from local.event_source_mapping.lambda_runtime import Invocation
from local.event_source_mapping.mapping import EventSourceMapping, first_failure
from tests.unit.local.stream_records import (
    NOON,
    FailureList,
    batch_of,
    mapping_settings,
    numbers,
    parsed,
    stream_record,
)

Function = Callable[[dict[str, Any]], Any]


class Shard:
    """A mapping over a function that the test gives, and what it was invoked with."""

    def __init__(self, function: Function = lambda event: None, **settings: Any) -> None:
        self.clock = VirtualClock(NOON)
        self.invoked: list[list[int]] = []
        self.failed = FailureList()
        self._function = function
        self.mapping = EventSourceMapping(mapping_settings(**settings), self._invoke, self.failed, self.clock)

    def run(self, count: int) -> "Shard":
        for record in batch_of(count):
            self.mapping.offer(record)
        self.clock.run_until_idle()
        return self

    def _invoke(self, event: Any) -> Invocation:
        self.invoked.append(numbers(event))
        try:
            return Invocation("id", self._function(event))
        except RuntimeError:
            return Invocation("id", None, "Unhandled")


def failing(*poison: int) -> Function:
    """Return a function that reports the first poison record of its batch."""

    def function(event: dict[str, Any]) -> dict[str, Any]:
        found = [record for record in event["Records"] if numbers({"Records": [record]})[0] in poison]
        items = [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]} for record in found[:1]]
        return {"batchItemFailures": items}

    return function


def raising(*poison: int) -> Function:
    """Return a function that raises if its batch holds a poison record."""

    def function(event: dict[str, Any]) -> None:
        if set(numbers(event)) & set(poison):
            raise RuntimeError

    return function


def test_a_batch_is_invoked_when_it_is_full() -> None:
    assert Shard().run(9).invoked == [[0, 1, 2, 3], [4, 5, 6, 7], [8]]


def test_a_batch_that_does_not_fill_is_invoked_when_its_window_ends() -> None:
    shard = Shard()
    shard.mapping.offer(batch_of(1)[0])
    shard.clock.advance_to(NOON + 9.9)
    assert shard.invoked == []
    shard.clock.advance_to(NOON + 60)
    assert shard.invoked == [[0]]


def test_the_window_of_a_full_batch_does_not_cut_the_next_one() -> None:
    shard = Shard()
    for record in batch_of(4):
        shard.mapping.offer(record)
    shard.clock.advance_to(NOON + 5)
    shard.mapping.offer(parsed(stream_record(9)))
    shard.clock.advance_to(NOON + 11)
    assert shard.invoked == [[0, 1, 2, 3]]


def test_a_batch_ends_before_it_passes_six_megabytes() -> None:
    shard = Shard()
    for number in range(3):
        record = stream_record(number)
        record["dynamodb"]["NewImage"]["title"]["S"] = "x" * 2_500_000
        shard.mapping.offer(parsed(record))
    shard.clock.run_until_idle()
    assert shard.invoked == [[0, 1], [2]]


def test_other_entities_never_invoke_the_function() -> None:
    shard = Shard()
    shard.mapping.offer(parsed(stream_record(1, key="USER#")))
    shard.clock.run_until_idle()
    assert (shard.invoked, shard.mapping.filtered) == ([], 1)


def test_a_partial_failure_is_retried_from_the_reported_record() -> None:
    shard = Shard(failing(2), max_retries=0).run(4)
    assert shard.invoked == [[0, 1, 2, 3], [2, 3], [2], [3]]
    assert shard.failed.numbers() == [2]


def test_a_poison_record_ends_up_alone_after_its_retries_and_the_rest_goes_through() -> None:
    shard = Shard(raising(1), max_retries=2).run(4)
    assert shard.invoked == [[0, 1, 2, 3], [0, 1], [0], [1], [1], [1], [2, 3]]
    assert [(len(batch), count) for batch, count in shard.failed.kept] == [(1, 3)]


def test_without_bisecting_the_batch_is_retried_and_given_up_whole() -> None:
    shard = Shard(raising(1), max_retries=1, bisect=False).run(4)
    assert shard.invoked == [[0, 1, 2, 3], [0, 1, 2, 3]]
    assert shard.failed.numbers() == [0, 1, 2, 3]


def test_a_failure_that_passes_costs_nothing() -> None:
    attempts = iter([RuntimeError, RuntimeError])

    def function(event: dict[str, Any]) -> None:
        for error in attempts:
            raise error

    shard = Shard(function).run(1)
    assert (shard.invoked, shard.failed.kept) == ([[0], [0], [0]], [])


def test_reported_failures_are_ignored_unless_the_mapping_asks_for_them() -> None:
    assert Shard(failing(2), reports_item_failures=False).run(4).invoked == [[0, 1, 2, 3]]


@pytest.mark.parametrize("response", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}])
def test_an_empty_response_is_success(response: Any) -> None:
    assert first_failure(response, ["5", "6"]) is None


@pytest.mark.parametrize(
    "item", [{"itemIdentifier": ""}, {"itemIdentifier": None}, {"id": "6"}, {"itemIdentifier": "7"}, "6"]
)
def test_an_empty_or_unknown_identifier_fails_the_whole_batch(item: Any) -> None:
    assert first_failure({"batchItemFailures": [{"itemIdentifier": "6"}, item]}, ["5", "6"]) == 0


@pytest.mark.parametrize("response", ["OK", 1, {"batchItemFailures": "no list"}])
def test_a_response_that_means_nothing_fails_the_whole_batch(response: Any) -> None:
    assert first_failure(response, ["5", "6"]) == 0


def test_the_lowest_returned_number_is_the_checkpoint() -> None:
    failures = [{"itemIdentifier": "7"}, {"itemIdentifier": "6"}]
    assert first_failure({"batchItemFailures": failures}, ["5", "6", "7"]) == 1


@given(st.integers(0, 25), st.sets(st.integers(0, 25)), st.booleans(), st.booleans(), st.integers(0, 2))
def test_every_record_is_handled_or_in_the_failure_store(
    count: int, poison: set[int], reports: bool, bisect: bool, retries: int
) -> None:
    handled: set[int] = set()
    answer = failing(*poison) if reports else raising(*poison)

    def function(event: dict[str, Any]) -> Any:
        response = answer(event)
        failed = {item["itemIdentifier"] for item in (response or {}).get("batchItemFailures", ())}
        for record in event["Records"]:
            if record["dynamodb"]["SequenceNumber"] in failed:
                break
            handled.update(numbers({"Records": [record]}))
        return response

    shard = Shard(function, bisect=bisect, max_retries=retries).run(count)
    failed = set(shard.failed.numbers())
    assert handled | failed == set(range(count))
    assert handled.isdisjoint(failed)
    assert not bisect or failed == poison & set(range(count))
