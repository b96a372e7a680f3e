from collections.abc import Mapping
from typing import Any

from local.clock import VirtualClock
from local.event_source_mapping.lambda_runtime import LambdaContext, LambdaRuntime


def test_the_handler_gets_the_event_and_a_context() -> None:
    seen: list[tuple[Any, LambdaContext]] = []
    runtime = LambdaRuntime("f", lambda event, context: seen.append((event, context)), 60, VirtualClock(100))
    invocation = runtime.invoke({"Records": []})
    ((event, context),) = seen
    assert event == {"Records": []}
    assert (context.function_name, context.aws_request_id) == ("f", invocation.request_id)


def test_the_remaining_time_is_virtual() -> None:
    clock, left = VirtualClock(100), list[int]()

    def handler(event: Mapping[str, Any], context: LambdaContext) -> None:
        left.append(context.get_remaining_time_in_millis())
        clock.sleep(1.5)
        left.append(context.get_remaining_time_in_millis())
        clock.sleep(99)
        left.append(context.get_remaining_time_in_millis())

    LambdaRuntime("f", handler, 60, clock).invoke({})
    assert left == [60_000, 58_500, 0]


def test_what_the_handler_raises_is_a_function_error() -> None:
    def handler(event: Mapping[str, Any], context: LambdaContext) -> None:
        raise KeyError("Records")

    invocation = LambdaRuntime("f", handler, 60, VirtualClock()).invoke({})
    assert (invocation.response, invocation.function_error) == (None, "Unhandled")


def test_request_ids_differ_within_a_run_and_repeat_between_runs() -> None:
    runs = [LambdaRuntime("f", lambda event, context: None, 60, VirtualClock()) for _ in range(2)]
    first, second = [[run.invoke({}).request_id for _ in range(3)] for run in runs]
    assert first == second
    assert len(set(first)) == 3
