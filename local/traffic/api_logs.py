"""What API Gateway and the application's Lambda write to CloudWatch Logs about requests."""

import json
import random
from collections.abc import Iterable, Iterator
from typing import Any

from local.times import iso_milliseconds
from local.traffic.requests import ANONYMOUS, Request

ACCESS_GROUP = "/aws/api-gateway/todo-api/access"
FUNCTION_GROUP = "/aws/lambda/todo-app"

_OPERATIONS = {"GET": "read_tasks", "POST": "create_task", "PUT": "update_task", "DELETE": "delete_task"}
_TRACEBACK = """[ERROR] {error}
Traceback (most recent call last):
  File "/var/task/todo_app/handler.py", line 58, in lambda_handler
    return respond(route(event, context))
  File "/var/task/todo_app/tasks.py", line 31, in update_task
    due = date.fromisoformat(attributes["due_date"])
"""

LogLine = dict[str, Any]


class ApiLogs:
    """Log groups with a stream or two each; every event has an id that no other has, growing with its time."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._access_stream = f"{rng.getrandbits(128):032x}"
        self._function_streams = [f"2025/10/15/[$LATEST]{rng.getrandbits(128):032x}" for _ in range(2)]

    def of(self, requests: Iterable[Request]) -> list[LogLine]:
        """Return the log events of all requests, oldest first."""
        lines = [line for request in requests for line in self._lines(request)]
        return sorted(lines, key=lambda line: line["timestamp"])

    def _lines(self, request: Request) -> Iterator[LogLine]:
        ended_ms = request.started_ms + request.latency_ms
        if request.user_id != ANONYMOUS:
            stream = self._rng.choice(self._function_streams)
            for moment_ms, message in _function_messages(request, self._rng.randint(84, 97)):
                yield self._line(FUNCTION_GROUP, stream, moment_ms, message)
        yield self._line(ACCESS_GROUP, self._access_stream, ended_ms, access_message(request))

    def _line(self, log_group: str, log_stream: str, timestamp: int, message: str) -> LogLine:
        number = f"39{timestamp:014}{self._rng.getrandbits(132):040}"
        return {
            "logGroup": log_group,
            "logStream": log_stream,
            "id": number,
            "timestamp": timestamp,
            "message": message,
        }


def access_message(request: Request) -> str:
    """Return the access log line, in the format that the template documents."""
    line = {
        "log": "access",
        "request_id": request.request_id,
        "user_id": request.user_id,
        "requested_at_ms": request.started_ms,
        "method": request.method,
        "route": request.route,
        "status_code": request.status_code,
        "latency_ms": request.latency_ms,
        "integration_error": "The Lambda function returned an error" if request.status_code == 502 else "-",
    }
    return json.dumps(line, ensure_ascii=False)


def _function_messages(request: Request, memory_mb: int) -> Iterator[tuple[int, str]]:
    """Yield the function's messages with their times: it works for most of the request's latency."""
    duration_ms = request.latency_ms - 3
    started_ms, ended_ms = request.started_ms + 2, request.started_ms + 2 + duration_ms
    mark = f"RequestId: {request.invocation_id}"
    yield started_ms, f"START {mark} Version: $LATEST\n"
    yield ended_ms, _application_message(request, ended_ms, duration_ms)
    if request.status_code == 502:
        yield ended_ms, _TRACEBACK.format(error=request.error)
    yield ended_ms, f"END {mark}\n"
    sizes = f"Memory Size: 256 MB\tMax Memory Used: {memory_mb} MB"
    yield ended_ms, f"REPORT {mark}\tDuration: {duration_ms}.00 ms\tBilled Duration: {duration_ms} ms\t{sizes}\t\n"


def _application_message(request: Request, moment_ms: int, duration_ms: int) -> str:
    failed = request.error is not None
    line = {
        "timestamp": iso_milliseconds(moment_ms / 1000),
        "level": "ERROR" if request.status_code == 502 else "WARNING" if failed else "INFO",
        "request_id": request.request_id,
        "user_id": request.user_id,
        "component": "todo_app",
        "operation": _OPERATIONS[request.method],
        "duration_ms": duration_ms,
        "status": "error" if failed else "success",
        "message": request.error or "done",
        "metadata": {"route": request.route, "status_code": request.status_code},
    }
    return json.dumps(line, ensure_ascii=False) + "\n"
