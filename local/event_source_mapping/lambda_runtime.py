"""Lambda's runtime around the deployable handler: events in, responses or function errors out."""

import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.clock import VirtualClock

REGION = "us-east-1"
ACCOUNT = "123456789012"
_REQUESTS = uuid.UUID("6f0a2a5e-6a0c-5d0e-9a53-1f9a4f3f8a10")

# Without a handler of its own Python's logging prints errors to stderr, across the progress bar.
logging.getLogger("cdc_lambda").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Invocation:
    """What the caller of a function learns: its response, or its error (``Unhandled``)."""

    request_id: str
    response: Any
    function_error: str | None = None


class LambdaContext:
    """The context object of one invocation, its remaining time in virtual milliseconds."""

    function_version = "$LATEST"

    def __init__(self, function_name: str, request_id: str, deadline: float, clock: VirtualClock) -> None:
        self.aws_request_id = request_id
        self.function_name = function_name
        self.invoked_function_arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function_name}"
        self.log_group_name = f"/aws/lambda/{function_name}"
        self.log_stream_name = "local"
        self._deadline = deadline
        self._clock = clock

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda would stop the invocation."""
        return max(0, round((self._deadline - self._clock.now()) * 1000))


Handler = Callable[[Mapping[str, Any], LambdaContext], Any]


class LambdaRuntime:
    """One warm execution environment of a function; request ids repeat from run to run."""

    def __init__(self, function_name: str, handler: Handler, timeout_seconds: int, clock: VirtualClock) -> None:
        self.function_name = function_name
        self._handler = handler
        self._timeout_seconds = timeout_seconds
        self._clock = clock
        self._invocations = 0

    def invoke(self, event: Mapping[str, Any]) -> Invocation:
        """Return the handler's response; whatever it raises is a function error, as in Lambda."""
        self._invocations += 1
        request_id = str(uuid.uuid5(_REQUESTS, f"{self.function_name}/{self._clock.now()}/{self._invocations}"))
        deadline = self._clock.now() + self._timeout_seconds
        context = LambdaContext(self.function_name, request_id, deadline, self._clock)
        try:
            return Invocation(request_id, self._handler(event, context))
        except Exception:
            logging.getLogger("cdc_lambda").exception("the function raised")
            return Invocation(request_id, None, "Unhandled")
