"""The two functions as doors: what a service gave up goes to them once more, by a synchronous Invoke."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from cdc_lambda.handler import sequence_number
from operations.aws_errors import operation_error
from operations.replay import documents
from operations.replay.batch_response import first_failure
from operations.replay.door import Content, read

CDC_FUNCTION: Final = "task-lake-cdc"
FORWARDER_FUNCTION: Final = "task-lake-log-forwarder"

# A batch of the event source mapping's, infra/, TaskStreamMapping; and what a synchronous Invoke takes, with room:
# docs/aws-semantics.md#asynchronous-invocation-6.
MAX_RECORDS: Final = 100
MAX_BYTES: Final = 5 * 1024 * 1024
_ENVELOPE_BYTES: Final = len('{"Records":[]}')
# So many records of one object, refused alone though they can be decoded, say that it is the function, and not they.
_ENOUGH: Final = 3


class _RefusedError(Exception):
    """Lambda or the function did not take an event; the message is one line that says why."""


class StreamDoor:
    """The function behind the stream: it takes stream records as the event source mapping hands them over."""

    def __init__(self, lambda_client: Any, function: str = CDC_FUNCTION) -> None:
        self._lambda, self._function = lambda_client, function

    def look(self, body: IO[bytes]) -> Content:
        """Return the records of a batch that was given up, and why each of them was."""
        records = read(documents.stream_records, body, documents.BATCH)
        faults = [documents.record_fault(record) for record in records]
        reasons = Counter(fault or documents.NOT_ITS_FAULT for fault in faults)
        return Content(len(records), reasons, replayable=faults.count(None))

    def hand_over(self, body: IO[bytes]) -> Content:
        """Invoke the function with the records, as the mapping does, and return why some were not taken.

        A batch is split at the record that the function reports, or in half if it fails as a whole, until what is not
        taken is alone: docs/aws-semantics.md#event-source-mapping-4.
        """
        records = read(documents.stream_records, body, documents.BATCH)
        texts = [json.dumps(record, separators=(",", ":")) for record in records]
        content, blameless, taken = Content(len(records)), 0, 0
        parts = list(_batches(texts))[::-1]
        while parts:
            part = parts.pop()
            at, reason = self._first_failure(part, records, texts)
            taken += len(part) if at is None else at
            if at is None:
                continue
            if at or len(part) > 1:
                cut = at or len(part) // 2
                parts += [part[cut:]] if at else [part[cut:], part[:cut]]
                continue
            fault = documents.record_fault(records[part[0]])
            content.reasons[fault or reason] += 1
            blameless += not fault
            if blameless == _ENOUGH:
                content.reasons[reason] += sum(map(len, parts))
                break
        content.is_refused = bool(blameless and not taken)
        return content

    def _first_failure(self, part: range, records: Sequence[Any], texts: Sequence[str]) -> tuple[int | None, str]:
        """Return the place in the part to go on from, 0 where all of it failed; and why."""
        try:
            response = _invoke(self._lambda, self._function, f'{{"Records":[{",".join(texts[i] for i in part)}]}}')
        except _RefusedError as error:
            return 0, str(error)
        said = f"{self._function} reports it as not delivered: its log says why"
        return first_failure(response, [sequence_number(records[position]) for position in part]), said


class ForwarderDoor:
    """The log forwarder: it takes a payload of CloudWatch Logs, whole or not at all."""

    def __init__(self, lambda_client: Any, function: str = FORWARDER_FUNCTION) -> None:
        self._lambda, self._function = lambda_client, function

    def look(self, body: IO[bytes]) -> Content:
        """Return the log events of an event that was given up, and why Lambda says it was."""
        event, count, reason = read(_event, body, documents.EVENT)
        fault = documents.event_fault(event)
        return Content(count, Counter({fault or reason: count}), replayable=0 if fault else count)

    def hand_over(self, body: IO[bytes]) -> Content:
        """Invoke the function with the event, and return why it was not taken.

        Lambda's queue would answer before anything is delivered, and write another document at the third failure:
        who waits for the function learns at once what became of it.
        """
        event, count, _ = read(_event, body, documents.EVENT)
        try:
            _invoke(self._lambda, self._function, json.dumps(event, separators=(",", ":")))
        except _RefusedError as error:
            fault = documents.event_fault(event)
            return Content(count, Counter({fault or str(error): count}), is_refused=not fault)
        return Content(count)


def _event(text: bytes) -> tuple[Mapping[str, Any], int, str]:
    event, reason = documents.given_up_event(text)
    return event, len(documents.log_event_ids(event)), reason


def _invoke(client: Any, function: str, body: str) -> Any:
    """Return what the function answers; raise _RefusedError where it did not come to an answer."""
    try:
        answer = client.invoke(FunctionName=function, InvocationType="RequestResponse", Payload=body.encode())
        payload = answer["Payload"].read()
    except (BotoCoreError, ClientError) as error:
        raise _RefusedError(str(operation_error(error))) from error
    if answer.get("FunctionError"):
        raise _RefusedError(f"{function} failed: {_error_message(payload)}")
    try:
        return json.loads(payload or b"null")
    except ValueError as error:
        raise _RefusedError(f"{function} gave no answer that can be read") from error


def _error_message(payload: bytes) -> str:
    try:
        return " ".join(str(json.loads(payload)["errorMessage"]).split())
    except documents.NO_DOCUMENT:
        return "it says no more"


def _batches(texts: Sequence[str]) -> Iterator[range]:
    """Yield the positions in order, cut so that one Invoke takes each part."""
    start, size = 0, _ENVELOPE_BYTES
    for position, text in enumerate(texts):
        length = len(text) + 1
        if position > start and (position - start == MAX_RECORDS or size + length > MAX_BYTES):
            yield range(start, position)
            start, size = position, _ENVELOPE_BYTES
        size += length
    if start < len(texts):
        yield range(start, len(texts))
