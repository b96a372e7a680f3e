from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from local.clock import VirtualClock
from local.event_source_mapping.mapping import EventSourceMapping
from local.lambda_functions.runtime import Invocation
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


class Stream:
    """A mapping over a function that the test gives, and what it was invoked with."""

    def __init__(self, function: Function = lambda event: None, shards: int = 1, **settings: Any) -> None:
        self.clock = VirtualClock(NOON)
        self.invoked: list[list[int]] = []
        self.failed = FailureList()
        self._function = function
        self.mapping = EventSourceMapping(mapping_settings(**settings), self._invoke, self.failed, self.clock, shards)

    def run(self, count: int) -> "Stream":
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
    assert Stream().run(9).invoked == [[0, 1, 2, 3], [4, 5, 6, 7], [8]]


def test_a_batch_that_does_not_fill_is_invoked_when_its_window_ends() -> None:
    stream = Stream()
    stream.mapping.offer(batch_of(1)[0])
    stream.clock.advance_to(NOON + 9.9)
    assert stream.invoked == []
    stream.clock.advance_to(NOON + 60)
    assert stream.invoked == [[0]]


def test_the_window_of_a_full_batch_does_not_cut_the_next_one() -> None:
    stream = Stream()
    for record in batch_of(4):
        stream.mapping.offer(record)
    stream.clock.advance_to(NOON + 5)
    stream.mapping.offer(parsed(stream_record(9)))
    stream.clock.advance_to(NOON + 11)
    assert stream.invoked == [[0, 1, 2, 3]]


def test_a_batch_ends_before_it_passes_six_megabytes() -> None:
    stream = Stream()
    for number in range(3):
        record = stream_record(number)
        record["dynamodb"]["NewImage"]["title"]["S"] = "x" * 2_500_000
        stream.mapping.offer(parsed(record))
    stream.clock.run_until_idle()
    assert stream.invoked == [[0, 1], [2]]


def test_other_entities_never_invoke_the_function() -> None:
    stream = Stream()
    stream.mapping.offer(parsed(stream_record(1, key="USER#")))
    stream.clock.run_until_idle()
    assert (stream.invoked, stream.mapping.filtered) == ([], 1)


def test_a_partial_failure_is_retried_from_the_reported_record() -> None:
    stream = Stream(failing(2), max_retries=0).run(4)
    assert stream.invoked == [[0, 1, 2, 3], [2, 3], [2], [3]]
    assert stream.failed.numbers() == [2]


def test_a_poison_record_ends_up_alone_after_its_retries_and_the_rest_goes_through() -> None:
    stream = Stream(raising(1), max_retries=2).run(4)
    assert stream.invoked == [[0, 1, 2, 3], [0, 1], [0], [1], [1], [1], [2, 3]]
    (kept,) = stream.failed.kept
    assert (kept.numbers, kept.invoke_count, kept.condition) == ([1], 5, "RetryAttemptsExhausted")


def test_without_bisecting_the_batch_is_retried_and_given_up_whole() -> None:
    stream = Stream(raising(1), max_retries=1, bisect=False).run(4)
    assert stream.invoked == [[0, 1, 2, 3], [0, 1, 2, 3]]
    assert stream.failed.numbers() == [0, 1, 2, 3]


def test_a_failure_that_passes_costs_nothing() -> None:
    attempts = iter([RuntimeError, RuntimeError])

    def function(event: dict[str, Any]) -> None:
        for error in attempts:
            raise error

    stream = Stream(function).run(1)
    assert (stream.invoked, stream.failed.kept) == ([[0], [0], [0]], [])


def test_reported_failures_are_ignored_unless_the_mapping_asks_for_them() -> None:
    assert Stream(failing(2), reports_item_failures=False).run(4).invoked == [[0, 1, 2, 3]]


def _users(shards: int) -> tuple[Stream, list[str]]:
    """Return a stream of six users' records, four each, taken in turns."""
    stream, users = Stream(shards=shards), [f"user {number}" for number in range(6)]
    for number in range(24):
        stream.mapping.offer(parsed(stream_record(number, user=users[number % 6])))
    stream.clock.run_until_idle()
    return stream, users


def test_each_shard_batches_for_itself_and_keeps_a_users_records_together_and_in_order() -> None:
    stream, users = _users(shards=3)
    for user in range(len(users)):
        batches = [[number for number in batch if number % 6 == user] for batch in stream.invoked]
        assert [number for batch in batches for number in batch] == [user, user + 6, user + 12, user + 18]
    shard_of = {
        user: {number % 6 for batch in stream.invoked if user in batch for number in batch} for user in range(6)
    }
    assert 1 < len({frozenset(together) for together in shard_of.values()}) <= 3
    assert sorted(number for batch in stream.invoked for number in batch) == list(range(24))


def test_a_shard_names_itself_to_the_failure_store() -> None:
    stream = Stream(raising(*range(8)), shards=2, max_retries=0)
    for number in range(8):
        stream.mapping.offer(parsed(stream_record(number, user=f"user {number}")))
    stream.clock.run_until_idle()
    ids = {kept.shard_id for kept in stream.failed.kept}
    assert ids == {"shardId-00000000000000000000-00000000", "shardId-00000000000000000000-00000001"}


def test_the_oldest_record_of_the_stream_is_the_first_of_the_first_batch() -> None:
    assert Stream().run(5).invoked[0][0] == 0


def test_records_past_the_age_limit_are_given_up_and_the_younger_ones_go_on() -> None:
    stream = Stream(max_record_age_seconds=60, window_seconds=50)
    old, young = batch_of(2)
    stream.mapping.offer(old)
    stream.clock.advance_to(NOON + 45)
    stream.mapping.offer(young)
    stream.clock.sleep(20)
    stream.clock.run_until_idle()
    (kept,) = stream.failed.kept
    assert (kept.numbers, kept.invoke_count, kept.condition) == ([0], 0, "RecordAgeExceeded")
    assert stream.invoked == [[1]]


def test_a_batch_that_grows_too_old_between_its_retries_is_not_tried_again() -> None:
    def function(event: dict[str, Any]) -> None:
        stream.clock.sleep(40)
        raise RuntimeError

    stream = Stream(function, max_record_age_seconds=60, max_retries=9)
    stream.run(1)
    (kept,) = stream.failed.kept
    assert (stream.invoked, kept.invoke_count, kept.condition) == ([[0], [0]], 2, "RecordAgeExceeded")


def test_a_batch_that_is_driven_again_is_invoked_at_once_and_fails_into_the_same_store() -> None:
    stream = Stream(raising(1), max_retries=0, window_seconds=0)
    stream.mapping.redrive(batch_of(3))
    assert stream.invoked == [[0, 1, 2], [0], [1, 2], [1], [2]]
    assert stream.failed.numbers() == [1]


def test_a_batch_of_several_shards_is_driven_again_by_each_with_its_own_records() -> None:
    stream = Stream(shards=3)
    stream.mapping.redrive([parsed(stream_record(number, user=f"user {number}")) for number in range(9)])
    assert 1 < len(stream.invoked) <= 3
    assert sorted(number for batch in stream.invoked for number in batch) == list(range(9))


@given(
    st.lists(st.integers(0, 25), max_size=40),
    st.sets(st.integers(0, 25)),
    st.booleans(),
    st.booleans(),
    st.integers(0, 2),
)
def test_every_record_is_handled_or_in_the_failure_store_even_if_it_comes_twice_or_out_of_order(
    offered: list[int], poison: set[int], reports: bool, bisect: bool, retries: int
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

    stream = Stream(function, bisect=bisect, max_retries=retries)
    for number in offered:
        stream.mapping.offer(parsed(stream_record(number)))
    stream.clock.run_until_idle()
    failed = set(stream.failed.numbers())
    assert handled | failed == set(offered)
    assert handled.isdisjoint(poison)
    assert not bisect or failed == poison & set(offered)
