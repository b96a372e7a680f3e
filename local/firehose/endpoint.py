"""Firehose's HTTP API on loopback, PutRecordBatch and its errors: docs/aws-semantics.md#firehose-1."""

import base64
import binascii
import json
import socketserver
import threading
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self

from local.firehose.delivery_stream import DeliveryStream

MAX_RECORDS = 500
MAX_CALL_BYTES = 4 * 1024 * 1024
MAX_RECORD_BYTES = 1_024_000
_TARGET = "Firehose_20150804.PutRecordBatch"


class FirehoseApiError(Exception):
    """An error that the API answers with: its documented code, and why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def put_record_batch(streams: Mapping[str, DeliveryStream], request: Mapping[str, Any]) -> dict[str, Any]:
    """Return PutRecordBatch's answer to a request; over a limit, nothing of the call is accepted."""
    stream = streams.get(request.get("DeliveryStreamName", ""))
    if stream is None:
        raise FirehoseApiError("ResourceNotFoundException", "the delivery stream does not exist")
    records = [_decoded(entry) for entry in request.get("Records", ())]
    if not 1 <= len(records) <= MAX_RECORDS:
        raise FirehoseApiError("ValidationException", f"records must have 1 to {MAX_RECORDS} members")
    if any(len(record) > MAX_RECORD_BYTES for record in records):
        raise FirehoseApiError("ValidationException", f"a record's data has more than {MAX_RECORD_BYTES} bytes")
    if sum(map(len, records)) > MAX_CALL_BYTES:
        raise FirehoseApiError("InvalidArgumentException", "the records have more than 4 MiB together")
    return {
        "FailedPutCount": 0,
        "RequestResponses": [{"RecordId": record_id} for record_id in stream.put(records)],
    }


def answer(streams: Mapping[str, DeliveryStream], target: str, body: bytes) -> tuple[str, dict[str, Any]]:
    """Return the HTTP status and the document for one request."""
    try:
        if target != _TARGET:
            raise FirehoseApiError("UnknownOperationException", "the laptop's Firehose knows PutRecordBatch only")
        return "200 OK", put_record_batch(streams, _json_object(body))
    except FirehoseApiError as error:
        return "400 Bad Request", {"__type": error.code, "message": str(error)}


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


class FirehoseEndpoint:
    """The API of the given streams while the context is open; ``url`` is for boto3's ``endpoint_url``."""

    def __init__(self, streams: Iterable[DeliveryStream]) -> None:
        by_name = {stream.name: stream for stream in streams}
        handler = type("Handler", (_RequestHandler,), {"streams": by_name})
        self._server = _Server(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        # The poll interval is what closing waits for at most.
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    """http.server's own class would look up the host's name, which can take seconds without a network."""

    daemon_threads = True
    block_on_close = False


class _RequestHandler(socketserver.StreamRequestHandler):
    """HTTP/1.1 with keep-alive as an AWS client speaks it; http.server's parsing takes twice the time.

    An answer is one write: two small ones would wait for the client's delayed acknowledgement (Nagle).
    """

    streams: Mapping[str, DeliveryStream] = {}
    disable_nagle_algorithm = True

    def handle(self) -> None:
        while self.rfile.readline():
            headers = dict(self._headers())
            body = self.rfile.read(int(headers.get("content-length", 0)))
            status, document = answer(self.streams, headers.get("x-amz-target", ""), body)
            self.wfile.write(_response(status, document))

    def _headers(self) -> Iterator[tuple[str, str]]:
        while line := self.rfile.readline().strip():
            name, _, value = line.decode("latin-1").partition(":")
            yield name.lower(), value.strip()


def _response(status: str, document: Mapping[str, Any]) -> bytes:
    body = json.dumps(document).encode()
    head = (
        f"HTTP/1.1 {status}",
        "Content-Type: application/x-amz-json-1.1",
        f"Content-Length: {len(body)}",
        "",
        "",
    )
    return "\r\n".join(head).encode() + body
