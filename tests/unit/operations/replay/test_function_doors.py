import json
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError, ResponseStreamingError

from operations.replay.documents import NOT_ITS_FAULT
from operations.replay.door import Content
from operations.replay.function_doors import CDC_FUNCTION, FORWARDER_FUNCTION, MAX_RECORDS, ForwarderDoor, StreamDoor
from tests.unit.local.stream_records import stream_record
from tests.unit.operations.replay.fakes import FakeLambda, batch, changes, given_up, logs, poison

UNDECODABLE = "undecodable: dynamodb.ApproximateCreationDateTime is no time in Unix seconds"
REPORTED = f"{CDC_FUNCTION} reports it as not delivered: its log says why"


def numbers(event: Any) -> list[int]:
    return [int(record["eventID"].removeprefix("event-")) for record in event["Records"]]


class Function:
    """A function that takes each record in its order but those that it is told to refuse."""

    def __init__(self, refuse: Callable[[int], bool] = lambda number: False) -> None:
        self.refuse = refuse
        self.taken: list[int] = []
        self.lambda_ = FakeLambda({CDC_FUNCTION: self})

    def __call__(self, event: Any) -> Any:
        for record in event["Records"]:
            [number] = numbers({"Records": [record]})
            if self.refuse(number):
                return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
            self.taken.append(number)
        return None

    def hand_over(self, *records: Any) -> Content:
        return StreamDoor(self.lambda_).hand_over(BytesIO(batch(*records).encode()))


def test_a_batch_goes_in_one_invocation_as_the_mapping_hands_it_over() -> None:
    function = Function()
    content = function.hand_over(*changes(0, 1, 2))
    assert function.lambda_.events == [{"Records": changes(0, 1, 2)}]
    assert content == Content(3)


def test_a_document_of_more_records_than_a_batch_is_cut() -> None:
    function = Function()
    assert function.hand_over(*changes(*range(2 * MAX_RECORDS + 1))).records == 2 * MAX_RECORDS + 1
    assert [len(event["Records"]) for event in function.lambda_.events] == [MAX_RECORDS, MAX_RECORDS, 1]


def test_a_batch_that_json_makes_larger_than_an_invocation_may_be_is_cut() -> None:
    def large(number: int) -> Any:
        record = stream_record(number)
        record["dynamodb"]["NewImage"]["title"] = {"S": "é" * 300_000}
        return record

    function = Function()
    assert not function.hand_over(*map(large, range(8))).reasons
    assert len(function.lambda_.events) > 1
    assert function.taken == list(range(8))


@pytest.mark.parametrize("at", [0, 1, 7, 15])
def test_the_records_around_one_that_is_refused_are_taken_and_it_alone_is_left(at: int) -> None:
    function = Function(lambda number: number == at)
    content = function.hand_over(*changes(*range(16)))
    assert sorted(set(function.taken)) == [number for number in range(16) if number != at]
    assert content == Content(16, content.reasons, is_refused=False)
    assert content.reasons == {REPORTED: 1}


def test_poison_is_left_with_its_own_fault() -> None:
    function = Function(lambda number: number in {1, 3})
    content = function.hand_over(*changes(0), poison(1), *changes(2), poison(3))
    assert content.reasons == {UNDECODABLE: 2}
    assert function.taken == [0, 2]
    assert not content.is_refused


def test_poison_alone_is_no_sign_that_the_function_takes_nothing() -> None:
    assert not Function(lambda _: True).hand_over(poison(0)).is_refused


def test_one_good_record_refused_alone_is_such_a_sign() -> None:
    assert Function(lambda _: True).hand_over(*changes(0)).is_refused


def test_a_function_that_takes_nothing_is_not_asked_for_every_record() -> None:
    function = Function(lambda _: True)
    content = function.hand_over(*changes(*range(100)))
    assert content.reasons == {REPORTED: 100}
    assert content.is_refused
    assert len(function.lambda_.events) < 20


def test_a_batch_that_fails_as_a_whole_is_halved_until_what_fails_is_alone() -> None:
    def fails(event: Any) -> Any:
        if 5 in numbers(event):
            raise ValueError("a bug\nof one record")
        return None

    lambda_ = FakeLambda({CDC_FUNCTION: fails})
    content = StreamDoor(lambda_).hand_over(BytesIO(batch(*changes(*range(8))).encode()))
    assert content.reasons == {f"{CDC_FUNCTION} failed: a bug of one record": 1}
    assert not content.is_refused


def test_an_answer_that_names_no_record_of_the_batch_fails_it_as_a_whole() -> None:
    lambda_ = FakeLambda({CDC_FUNCTION: lambda _: {"batchItemFailures": [{"itemIdentifier": "of another"}]}})
    content = StreamDoor(lambda_).hand_over(BytesIO(batch(*changes(0, 1)).encode()))
    assert content.reasons == {REPORTED: 2}


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "RequestTooLargeException", "Message": "too large"}}, "Invoke"),
        ClientError({"Error": {"Code": "InvalidRequestContentException", "Message": "no JSON"}}, "Invoke"),
    ],
)
def test_an_event_that_lambda_itself_refuses_is_halved_too(error: ClientError) -> None:
    def refuses(event: Any) -> Any:
        if len(event["Records"]) > 1:
            raise error
        return None

    content = StreamDoor(FakeLambda({CDC_FUNCTION: refuses})).hand_over(BytesIO(batch(*changes(0, 1)).encode()))
    assert not content.reasons


def test_a_function_that_may_not_be_invoked_is_one_line() -> None:
    def denied(_event: Any) -> Any:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Invoke")

    content = StreamDoor(FakeLambda({CDC_FUNCTION: denied})).hand_over(BytesIO(batch(*changes(0)).encode()))
    [reason] = content.reasons
    assert reason.startswith("not allowed to call Invoke (no)")


def test_a_call_without_an_answer_is_one_line() -> None:
    class Silent:
        def invoke(self, **_: Any) -> Any:
            raise ReadTimeoutError(endpoint_url="https://lambda")

    content = StreamDoor(Silent()).hand_over(BytesIO(batch(*changes(0)).encode()))
    [reason] = content.reasons
    assert reason.startswith("AWS cannot be reached (Read timeout")
    assert content.is_refused


@pytest.mark.parametrize("body", [b"no JSON", b'{"batchItemFailures"'])
def test_an_answer_that_nobody_can_read_is_one_line_and_no_success(body: bytes) -> None:
    class Mumbling:
        def invoke(self, **_: Any) -> Any:
            return {"Payload": BytesIO(body)}

    content = StreamDoor(Mumbling()).hand_over(BytesIO(batch(*changes(0)).encode()))
    assert content.reasons == {f"{CDC_FUNCTION} gave no answer that can be read": 1}


def test_an_answer_that_breaks_off_is_one_line_and_no_success() -> None:
    class Broken:
        def read(self) -> bytes:
            raise ResponseStreamingError(error="reset")

    class Breaking:
        def invoke(self, **_: Any) -> Any:
            return {"Payload": Broken()}

    content = StreamDoor(Breaking()).hand_over(BytesIO(batch(*changes(0)).encode()))
    assert content.reasons.total() == 1
    assert content.is_refused


def test_a_batch_is_read_as_text_and_as_an_object() -> None:
    function = Function()
    document = json.dumps({"payload": {"Records": changes(0)}})
    assert StreamDoor(function.lambda_).hand_over(BytesIO(document.encode())) == Content(1)
    assert function.taken == [0]


def test_what_lies_in_the_store_is_told_record_by_record() -> None:
    body = BytesIO(batch(*changes(0), poison(1)).encode())
    expected = Content(2, Counter({NOT_ITS_FAULT: 1, UNDECODABLE: 1}), replayable=1)
    assert StreamDoor(FakeLambda({})).look(body) == expected


def forward(answer: Callable[[Any], Any], event: Any) -> tuple[Content, FakeLambda]:
    lambda_ = FakeLambda({FORWARDER_FUNCTION: answer})
    return ForwarderDoor(lambda_).hand_over(BytesIO(given_up(event).encode())), lambda_


def test_a_payload_of_log_events_goes_as_it_came() -> None:
    content, lambda_ = forward(lambda _: None, logs(0, 1))
    assert (content, lambda_.events) == (Content(2), [logs(0, 1)])


def test_a_payload_that_is_not_delivered_is_left_whole_with_what_the_function_says() -> None:
    def fails(_event: Any) -> Any:
        raise RuntimeError("1 of 2 log events were not delivered")

    content, _ = forward(fails, logs(0, 1))
    assert content.reasons == {f"{FORWARDER_FUNCTION} failed: 1 of 2 log events were not delivered": 2}
    assert content.is_refused


def test_a_payload_that_nobody_can_read_is_undecodable() -> None:
    def fails(_event: Any) -> Any:
        raise RuntimeError("no gzip")

    content, _ = forward(fails, {"awslogs": {"data": "AAAA"}})
    [reason] = content.reasons
    assert reason.startswith("undecodable: awslogs.data is no gzipped JSON")
    assert not content.is_refused


def test_a_function_that_ends_without_a_word_is_one_line() -> None:
    class Silent:
        def invoke(self, **_: Any) -> Any:
            return {"FunctionError": "Unhandled", "Payload": BytesIO(b"")}

    content = ForwarderDoor(Silent()).hand_over(BytesIO(given_up(logs(0)).encode()))
    assert content.reasons == {f"{FORWARDER_FUNCTION} failed: it says no more": 1}


@pytest.mark.parametrize("said", [None, "text", {}, {"errorMessage": None}, {"errorMessage": 5}])
def test_an_event_is_handed_over_whatever_lambda_kept_of_the_reason(said: Any) -> None:
    body = BytesIO(json.dumps({"requestPayload": logs(0, 1), "responsePayload": said}).encode())
    expected = Content(2, Counter({NOT_ITS_FAULT: 2}), replayable=2)
    assert ForwarderDoor(FakeLambda({})).look(body) == expected
