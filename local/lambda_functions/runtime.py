"""Lambda's runtime around the deployable handler: events in, responses or function errors out."""

import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.clock import VirtualClock

REGION = "us-east-1"
ACCOUNT = "123456789012"
UNHANDLED = "Unhandled"
_REQUESTS = uuid.UUID("6f0a2a5e-6a0c-5d0e-9a53-1f9a4f3f8a10")

# Without a handler of its own Python's logging prints errors to stderr, across the progress bar.
logging.getLogger("cdc_lambda").addHandler(logging.NullHandler())


def function_arn(function_name: str) -> str:
    """Return the function's ARN, without a version."""
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function_name}"


def never() -> None:
    """Let every invocation live."""


class SandboxEnded(BaseException):
    """Lambda ended the execution environment: as no ``Exception``, it passes through the handler's own code."""

    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(message)
        self.error_type = error_type


@dataclass(frozen=True)
class Invocation:
    """What the caller of a function learns: its response, or its error (``Unhandled``) and that error's payload."""

    request_id: str
    response: Any
    function_error: str | None = None


class LambdaContext:
    """The context object of one invocation, its remaining time in virtual milliseconds."""

    function_version = "$LATEST"

    def __init__(
        self, function_name: str, request_id: str, clock: VirtualClock, timeout: int, kill: int | None
    ) -> None:
        self.aws_request_id = request_id
        self.function_name = function_name
        self.invoked_function_arn = function_arn(function_name)
        self.log_group_name = f"/aws/lambda/{function_name}"
        self.log_stream_name = "local"
        self._clock = clock
        self._timeout = timeout
        self._deadline = clock.now() + timeout
        self._calls_to_live = kill

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda would stop the invocation, or stop it if its end has come."""
        if self._calls_to_live is not None:
            if self._calls_to_live == 0:
                self.end_if_over()
            self._calls_to_live -= 1
        if self._clock.now() > self._deadline:
            self.end_if_over()
        return round((self._deadline - self._clock.now()) * 1000)

    def end_if_over(self) -> None:
        """Raise if the environment does not outlive the invocation: docs/aws-semantics.md#asynchronous-invocation-5."""
        if self._clock.now() > self._deadline:
            raise SandboxEnded("Sandbox.Timedout", f"Task timed out after {self._timeout:.2f} seconds")
        if self._calls_to_live is not None:
            raise SandboxEnded("Runtime.ExitError", "Runtime exited with error: signal: killed")


Handler = Callable[[Mapping[str, Any], LambdaContext], Any]


class LambdaRuntime:
    """A function with one execution environment, cold at first; request ids repeat from run to run.

    ``kill`` is asked once an invocation: a number makes the environment die after so many calls for the remaining
    time, or as the handler returns if it makes no more. Like a time-out that is a function error, and the next
    invocation finds nothing of what the handler remembered.
    """

    def __init__(
        self,
        function_name: str,
        make_handler: Callable[[], Handler],
        timeout_seconds: int,
        clock: VirtualClock,
        kill: Callable[[], int | None] = never,
    ) -> None:
        self.function_name = function_name
        self._make_handler = make_handler
        self._timeout_seconds = timeout_seconds
        self._clock = clock
        self._kill = kill
        self._warm: Handler | None = None
        self._invocations = 0

    def invoke(self, event: Mapping[str, Any], request_id: str | None = None) -> Invocation:
        """Return the handler's response or the function error; an asynchronous retry keeps its request's id."""
        self._invocations += 1
        request_id = request_id or str(
            uuid.uuid5(_REQUESTS, f"{self.function_name}/{self._clock.now()}/{self._invocations}")
        )
        context = LambdaContext(self.function_name, request_id, self._clock, self._timeout_seconds, self._kill())
        handler = self._warm or self._make_handler()
        self._warm = None
        try:
            invocation = _run(handler, event, context)
            context.end_if_over()
        except SandboxEnded as end:
            return Invocation(request_id, _error(end.error_type, f"RequestId: {request_id} Error: {end}"), UNHANDLED)
        self._warm = handler
        return invocation


def _run(handler: Handler, event: Mapping[str, Any], context: LambdaContext) -> Invocation:
    """Return the handler's response; whatever it raises is a function error, and the environment stays warm."""
    try:
        return Invocation(context.aws_request_id, handler(event, context))
    except Exception as error:
        logging.getLogger("cdc_lambda").exception("the function raised")
        return Invocation(context.aws_request_id, _error(type(error).__name__, str(error)), UNHANDLED)


def _error(error_type: str, message: str) -> dict[str, str]:
    return {"errorType": error_type, "errorMessage": message}
