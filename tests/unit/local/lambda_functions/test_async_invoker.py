from collections.abc import Mapping
from typing import Any

from local.clock import VirtualClock
from local.lambda_functions.async_invoker import AsyncInvoker
from local.lambda_functions.runtime import Invocation, LambdaContext, LambdaRuntime
from local.settings import AsyncInvokeSettings

EVENT = {"awslogs": {"data": "x"}}


class Queue:
    """An asynchronous function that fails as often as told; when it was invoked, and what was given up."""

    def __init__(self, failures: int, max_retries: int = 2, max_age_seconds: int = 21_600) -> None:
        self.clock = VirtualClock(1_000)
        self.invoked: list[tuple[float, str]] = []
        self.given_up: list[tuple[float, Mapping[str, Any], int, str]] = []
        self._failures = failures
        runtime = LambdaRuntime("f", lambda: self._handle, 60, self.clock)
        settings = AsyncInvokeSettings(max_retries, max_age_seconds)
        AsyncInvoker(runtime, settings, self, self.clock).invoke(EVENT)
        self.clock.run_until_idle()

    def _handle(self, event: Mapping[str, Any], context: LambdaContext) -> None:
        assert event == EVENT
        self.invoked.append((self.clock.now(), context.aws_request_id))
        if len(self.invoked) <= self._failures:
            raise RuntimeError

    def keep(self, event: Mapping[str, Any], invocation: Invocation, invoke_count: int, condition: str) -> None:
        self.given_up.append((self.clock.now(), event, invoke_count, condition))


def test_a_success_is_invoked_once() -> None:
    queue = Queue(failures=0)
    assert (len(queue.invoked), queue.given_up) == (1, [])


def test_a_failed_event_is_tried_again_after_one_minute_and_then_after_two_under_the_same_request_id() -> None:
    queue = Queue(failures=2)
    assert [moment for moment, _ in queue.invoked] == [1_000, 1_060, 1_180]
    assert len({request_id for _, request_id in queue.invoked}) == 1
    assert queue.given_up == []


def test_an_event_that_fails_all_its_attempts_goes_whole_to_the_failure_destination() -> None:
    assert Queue(failures=9).given_up == [(1_180, EVENT, 3, "RetriesExhausted")]


def test_without_retries_the_first_failure_is_the_last() -> None:
    assert Queue(failures=1, max_retries=0).given_up == [(1_000, EVENT, 1, "RetriesExhausted")]


def test_an_event_that_grew_too_old_in_the_queue_is_not_tried_again() -> None:
    queue = Queue(failures=9, max_age_seconds=120)
    assert (len(queue.invoked), queue.given_up) == (2, [(1_180, EVENT, 2, "EventAgeExceeded")])
