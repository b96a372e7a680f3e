import json
from collections import Counter
from io import BytesIO
from typing import Any

import pytest

from operations.replay.delivery_door import DeliveryDoor, delivery_door
from operations.replay.door import Content
from tests.unit.cdc_lambda.fakes import FakeFirehose, Refusal, accept_all, delivery_to
from tests.unit.operations.replay.fakes import error_line, error_lines


def hand_over(lines: str, refuse: Refusal = accept_all) -> tuple[Content, FakeFirehose]:
    firehose = FakeFirehose(refuse)
    return DeliveryDoor(delivery_to(firehose)).hand_over(BytesIO(lines.encode())), firehose


def test_records_go_into_the_stream_as_they_were() -> None:
    content, firehose = hand_over(error_line(b"one") + error_line(b"two\n"))
    assert firehose.accepted == [b"one", b"two\n"]
    assert content == Content(2)


def test_an_object_of_many_records_goes_in_calls_of_five_hundred() -> None:
    content, firehose = hand_over(error_lines(map(str, range(1_201))))
    assert [len(call) for call in firehose.calls] == [500, 500, 201]
    assert content == Content(1_201)


def test_no_call_passes_four_mebibytes() -> None:
    content, firehose = hand_over(error_line(b"x" * 1_000_000) * 10)
    assert [len(call) for call in firehose.calls] == [4, 4, 2]
    assert content == Content(10)


def test_what_is_refused_once_is_sent_again_alone() -> None:
    def refuse(call: int, payload: bytes) -> str | None:
        return "ServiceUnavailableException" if call == 0 and payload == b"two" else None

    content, firehose = hand_over(error_line(b"one") + error_line(b"two"), refuse)
    assert firehose.calls == [[b"one", b"two"], [b"two"]]
    assert content == Content(2)


def test_what_is_refused_again_and_again_is_left_with_the_code() -> None:
    def refuse(_call: int, payload: bytes) -> str | None:
        return "ServiceUnavailableException" if payload == b"two" else None

    content, firehose = hand_over(error_line(b"one") + error_line(b"two"), refuse)
    assert content.reasons == {"stream did not take it: ServiceUnavailableException": 1}
    assert firehose.accepted == [b"one"]
    assert not content.is_refused


def test_a_stream_that_takes_nothing_is_not_asked_for_ever() -> None:
    content, firehose = hand_over(error_lines(map(str, range(5_000))), lambda *_: "InternalFailure")
    assert content.is_refused
    assert content.records == content.reasons.total() == 5_000
    assert set(content.reasons) == {
        "stream did not take it: InternalFailure",
        "stream did not take it: it refused too much, and gets half a minute to recover",
    }
    assert len(firehose.calls) == 5 * 4


def test_a_broken_line_is_left_and_those_around_it_go() -> None:
    content, firehose = hand_over(error_line(b"one") + "half a li\n" + error_line(b"two"))
    assert firehose.accepted == [b"one", b"two"]
    assert content.records == 3
    [reason] = content.reasons
    assert reason == "not a record as Firehose writes it (not JSON)"
    assert not content.is_refused


@pytest.mark.parametrize(
    "names", [("rawData", "ErrorMessage"), ("RawData", "errorMessage"), ("RAWDATA", "lastErrorMessage")]
)
def test_names_are_read_in_any_case(names: tuple[str, str]) -> None:
    line = '{"%s": "b25l", "%s": "why"}\n' % names  # noqa: UP031
    expected = Content(1, Counter({"why": 1}), replayable=1)
    assert DeliveryDoor(delivery_to(FakeFirehose())).look(BytesIO(line.encode())) == expected
    assert hand_over(line)[1].accepted == [b"one"]


PROCESSING: dict[str, Any] = {
    "attemptsMade": 4,
    "arrivalTimestamp": 1_760_529_600_000,
    "errorCode": "DynamicPartitioning.MetadataExtractionFailed",
    "errorMessage": "Non JSON record provided",
    "attemptEndingTimestamp": 1_760_529_660_000,
    "rawData": "b25l",
}
CONVERSION: dict[str, Any] = {
    "attemptsMade": 1,
    "arrivalTimestamp": 1_760_529_600_000,
    "ErrorCode": "DataFormatConversion.ParseError",
    "ErrorMessage": "Encountered malformed JSON",
    "attemptEndingTimestamp": 1_760_529_660_000,
    "rawData": "b25l",
    "sequenceNumber": None,
    "subSequenceNumber": None,
    "dataCatalogTable": {
        "catalogId": None,
        "databaseName": "bronze",
        "tableName": "task_changes",
        "versionId": "LATEST",
    },
}
LAMBDA: dict[str, Any] = {"lastErrorCode": "Lambda.X", "lastErrorMessage": "it failed", "rawData": "b25l"}


@pytest.mark.parametrize("document", [PROCESSING, CONVERSION, LAMBDA])
def test_each_of_firehoses_documents_is_read(document: dict[str, Any]) -> None:
    line = json.dumps(document)
    content, firehose = hand_over(f"{line}\n\n  \n{line}")
    assert (content, firehose.accepted) == (Content(2), [b"one", b"one"]), "a line of nothing is no record"
    said = next(value for name, value in document.items() if name.lower().endswith("errormessage"))
    assert DeliveryDoor(delivery_to(FakeFirehose())).look(BytesIO(line.encode())).reasons == {said: 1}


def test_what_no_stream_takes_stops_none_of_its_call() -> None:
    content, firehose = hand_over(error_line(b"one") + error_line(b"x" * 1_024_001) + error_line(b"two"))
    assert firehose.accepted == [b"one", b"two"]
    assert content.reasons == {"larger than a record may be: 1,024,001 bytes": 1}


def test_a_stream_that_takes_a_few_at_a_time_gets_them_all() -> None:
    taken: Counter[int] = Counter()

    def refuse(call: int, _payload: bytes) -> str | None:
        taken[call] += 1
        return None if taken[call] <= 20 else "ServiceUnavailableException"

    content, firehose = hand_over(error_lines(map(str, range(1_000))), refuse)
    assert content == Content(1_000)
    assert len(firehose.accepted) == 1_000


def test_a_line_without_a_reason_says_so() -> None:
    content = DeliveryDoor(delivery_to(FakeFirehose())).look(BytesIO(b'{"rawData": "b25l"}\n'))
    assert content.reasons == {"no reason is given": 1}


def test_each_door_has_a_circuit_of_its_own() -> None:
    firehose = FakeFirehose(lambda *_: "InternalFailure")
    first, second = delivery_door(firehose, "task-changes"), delivery_door(firehose, "api-logs")
    first.hand_over(BytesIO(error_lines(map(str, range(3_000))).encode()))
    calls = len(firehose.calls)
    second.hand_over(BytesIO(error_lines(["one"]).encode()))
    assert len(firehose.calls) == calls + 4
