from collections.abc import Callable, Mapping
from typing import Any

import pytest

from local.clock import VirtualClock
from local.lambda_functions.runtime import Handler, LambdaContext, LambdaRuntime


def _runtime(handler: Handler, clock: VirtualClock | None = None, **settings: Any) -> LambdaRuntime:
    return LambdaRuntime("f", lambda: handler, 60, clock or VirtualClock(100), **settings)


def test_the_handler_gets_the_event_and_a_context() -> None:
    seen: list[tuple[Any, LambdaContext]] = []
    invocation = _runtime(lambda event, context: seen.append((event, context))).invoke({"Records": []})
    ((event, context),) = seen
    assert event == {"Records": []}
    assert (context.function_name, context.aws_request_id) == ("f", invocation.request_id)


def test_the_remaining_time_is_virtual() -> None:
    clock, left = VirtualClock(100), list[int]()

    def handler(event: Mapping[str, Any], context: LambdaContext) -> None:
        for seconds in (0, 1.5, 58.5):
            clock.sleep(seconds)
            left.append(context.get_remaining_time_in_millis())

    assert _runtime(handler, clock).invoke({}).function_error is None
    assert left == [60_000, 58_500, 0]


def test_what_the_handler_raises_is_a_function_error_and_its_payload_says_what() -> None:
    def handler(event: Mapping[str, Any], context: LambdaContext) -> None:
        raise KeyError("Records")

    invocation = _runtime(handler).invoke({})
    assert invocation.function_error == "Unhandled"
    assert invocation.response == {"errorType": "KeyError", "errorMessage": "'Records'"}


def test_request_ids_differ_within_a_run_and_repeat_between_runs() -> None:
    runs = [_runtime(lambda event, context: None) for _ in range(2)]
    first, second = [[run.invoke({}).request_id for _ in range(3)] for run in runs]
    assert first == second
    assert len(set(first)) == 3


class Counting:
    """Handlers that answer how often they were invoked, as far as their environment remembers."""

    def __init__(self, work: Callable[[LambdaContext], Any] = lambda context: None) -> None:
        self.work = work
        self.cold_starts = 0

    def make(self) -> Handler:
        self.cold_starts += 1
        seen: list[int] = []

        def handler(event: Mapping[str, Any], context: LambdaContext) -> int:
            seen.append(1)
            self.work(context)
            return len(seen)

        return handler


def test_the_environment_stays_warm_also_after_an_exception() -> None:
    def work(context: LambdaContext) -> None:
        raise ValueError

    counting = Counting()
    runtime = LambdaRuntime("f", counting.make, 60, VirtualClock())
    assert [runtime.invoke({}).response, runtime.invoke({}).response] == [1, 2]
    counting.work = work
    assert runtime.invoke({}).function_error
    assert counting.cold_starts == 1


@pytest.mark.parametrize(("calls_to_live", "finished"), [(0, 0), (1, 1), (3, 3), (9, 3)])
def test_a_killed_environment_is_a_function_error_and_the_next_start_is_cold(calls_to_live: int, finished: int) -> None:
    steps = list[int]()

    def work(context: LambdaContext) -> None:
        for _ in range(3):
            try:
                context.get_remaining_time_in_millis()
            except Exception:
                steps.append(-1)
            steps.append(1)

    kills = iter([calls_to_live, None])
    counting = Counting(work)
    runtime = LambdaRuntime("f", counting.make, 60, VirtualClock(), lambda: next(kills))
    killed = runtime.invoke({})
    assert (killed.function_error, killed.response["errorType"]) == ("Unhandled", "Runtime.ExitError")
    assert steps == [1] * finished
    assert runtime.invoke({}).response == 1
    assert counting.cold_starts == 2


@pytest.mark.parametrize("asks", [True, False])
def test_time_past_the_deadline_is_a_time_out_and_the_next_start_is_cold(asks: bool) -> None:
    clock, late = VirtualClock(), list[int]()

    def work(context: LambdaContext) -> None:
        clock.sleep(61)
        if asks:
            late.append(context.get_remaining_time_in_millis())
        raise ValueError

    counting = Counting(work)
    runtime = LambdaRuntime("f", counting.make, 60, clock)
    timed_out = runtime.invoke({})
    assert (timed_out.function_error, timed_out.response["errorType"]) == ("Unhandled", "Sandbox.Timedout")
    assert timed_out.response["errorMessage"].endswith("Error: Task timed out after 60.00 seconds")
    assert late == []
    runtime.invoke({})
    assert counting.cold_starts == 2
