"""Firehose's HTTP API on loopback, PutRecordBatch and its errors: docs/aws-semantics.md#firehose-1."""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from local.firehose.delivery_stream import DeliveryStream
from local.loopback import LoopbackServer, Request, Response

MAX_RECORDS = 500
MAX_CALL_BYTES = 4 * 1024 * 1024
MAX_RECORD_BYTES = 1_024_000
_TARGET = "Firehose_20150804.PutRecordBatch"
# docs/aws-semantics.md#firehose-17; the API's other errors are the caller's: 400.
_SERVER_ERRORS = ("ServiceUnavailableException", "InternalFailure")


class FirehoseApiError(Exception):
    """An error that the API answers with: its documented code, and why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Outcome:
    """What becomes of one call: an error of the whole, error codes by position, or no answer to what was done."""

    error_code: str | None = None
    refused: Mapping[int, str] = field(default_factory=dict)
    answered: bool = True


Script = Callable[[str, int], Outcome]


def accept(stream: str, count: int) -> Outcome:
    """Let each call of ``count`` records to ``stream`` succeed: a day without faults."""
    return Outcome()


class FirehoseEndpoint(LoopbackServer):
    """The API of the given streams while the context is open; ``url`` is for boto3's ``endpoint_url``.

    ``script`` decides what becomes of each call that keeps the limits.
    """

    def __init__(self, streams: Iterable[DeliveryStream], script: Script = accept) -> None:
        super().__init__(self._answer)
        self._streams = {stream.name: stream for stream in streams}
        self._script = script

    def _answer(self, request: Request) -> Response | None:
        outcome = Outcome()
        try:
            if request.headers.get("x-amz-target") != _TARGET:
                raise FirehoseApiError("UnknownOperationException", "the laptop's Firehose knows PutRecordBatch only")
            call = _json_object(request.body)
            stream = self._streams.get(call.get("DeliveryStreamName", ""))
            if stream is None:
                raise FirehoseApiError("ResourceNotFoundException", "the delivery stream does not exist")
            records = checked_records(call)
            outcome = self._script(stream.name, len(records))
            response = _response("200 OK", put_record_batch(stream, records, outcome))
        except FirehoseApiError as error:
            status = "500 Internal Server Error" if error.code in _SERVER_ERRORS else "400 Bad Request"
            response = _response(status, {"__type": error.code, "message": str(error)})
        return response if outcome.answered else None


def checked_records(call: Mapping[str, Any]) -> list[bytes]:
    """Return the decoded records of a call; over a limit, nothing of the call is accepted."""
    records = [_decoded(entry) for entry in call.get("Records", ())]
    if not 1 <= len(records) <= MAX_RECORDS:
        raise FirehoseApiError("ValidationException", f"records must have 1 to {MAX_RECORDS} members")
    if any(len(record) > MAX_RECORD_BYTES for record in records):
        raise FirehoseApiError("ValidationException", f"a record's data has more than {MAX_RECORD_BYTES} bytes")
    if sum(map(len, records)) > MAX_CALL_BYTES:
        raise FirehoseApiError("InvalidArgumentException", "the records have more than 4 MiB together")
    return records


def put_record_batch(stream: DeliveryStream, records: Sequence[bytes], outcome: Outcome) -> dict[str, Any]:
    """Return PutRecordBatch's answer, the records accepted but for those refused: docs/aws-semantics.md#firehose-2."""
    if outcome.error_code:
        raise FirehoseApiError(outcome.error_code, "Slow down.")
    accepted = iter(stream.put(record for at, record in enumerate(records) if at not in outcome.refused))
    responses = [
        {"ErrorCode": outcome.refused[at], "ErrorMessage": "Slow down."}
        if at in outcome.refused
        else {"RecordId": next(accepted)}
        for at in range(len(records))
    ]
    return {"FailedPutCount": len(outcome.refused), "RequestResponses": responses}


def _json_object(body: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(body)
    except ValueError as error:
        raise FirehoseApiError("SerializationException", f"the body is not JSON: {error}") from error
    if not isinstance(document, Mapping):
        raise FirehoseApiError("SerializationException", "the body is no JSON object")
    return document


def _decoded(entry: Any) -> bytes:
    try:
        return base64.b64decode(entry["Data"], validate=True)
    except (KeyError, TypeError, binascii.Error) as error:
        raise FirehoseApiError("SerializationException", "a record needs base64 in Data") from error


def _response(status: str, document: Mapping[str, Any]) -> Response:
    return Response(status, json.dumps(document).encode(), {"Content-Type": "application/x-amz-json-1.1"})
