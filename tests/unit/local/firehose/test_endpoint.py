import http.client
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from local.clients import client
from local.clock import VirtualClock
from local.firehose.delivery_stream import DeliveryStream
from local.firehose.endpoint import FirehoseEndpoint, Outcome
from local.firehose.parquet import ParquetConverter
from local.s3.bucket import LakeBucket
from local.settings import Column
from tests.unit.local.stream_records import stream_settings


@pytest.fixture
def stream(tmp_path: Path) -> DeliveryStream:
    clock = VirtualClock()
    converter = ParquetConverter((Column("user", "string"),))
    return DeliveryStream(stream_settings(), converter, LakeBucket(tmp_path, clock), clock)


class Script:
    """Lets every call succeed until ``outcomes`` has other things for it, and remembers what it was asked."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.asked: list[tuple[str, int]] = []

    def __call__(self, stream: str, count: int) -> Outcome:
        self.asked.append((stream, count))
        return self.outcomes.pop(0) if self.outcomes else Outcome()


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def endpoint(stream: DeliveryStream, script: Script) -> Iterator[FirehoseEndpoint]:
    with FirehoseEndpoint([stream], script) as endpoint:
        yield endpoint


@pytest.fixture
def firehose(endpoint: FirehoseEndpoint, monkeypatch: pytest.MonkeyPatch) -> Any:
    # What a developer's shell may hold must not reach the laptop's Firehose, nor keep it from starting.
    monkeypatch.setenv("AWS_PROFILE", "one-that-is-not-configured")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    return client("firehose", endpoint.url)


def _put(firehose: Any, *records: bytes, stream: str = "changes") -> Any:
    return firehose.put_record_batch(DeliveryStreamName=stream, Records=[{"Data": record} for record in records])


def _refusal(firehose: Any, *records: bytes, stream: str = "changes") -> str:
    with pytest.raises(ClientError) as error:
        _put(firehose, *records, stream=stream)
    return str(error.value.response["Error"]["Code"])


def test_boto3_puts_records_and_gets_one_id_each(firehose: Any, stream: DeliveryStream) -> None:
    answer = _put(firehose, b'{"user": "ada"}', b'{"user": "bob"}')
    assert answer["FailedPutCount"] == 0
    assert len({entry["RecordId"] for entry in answer["RequestResponses"]}) == 2
    assert stream.accepted == 2


def test_a_full_call_passes(firehose: Any) -> None:
    assert len(_put(firehose, *[b'{"user": "ada"}'] * 500)["RequestResponses"]) == 500
    assert len(_put(firehose, b"x" * 1_024_000)["RequestResponses"]) == 1


def test_a_call_over_a_limit_is_refused_whole(firehose: Any, stream: DeliveryStream) -> None:
    assert _refusal(firehose, *[b"{}"] * 501) == "ValidationException"
    assert _refusal(firehose, b"{}", b"x" * 1_024_001) == "ValidationException"
    assert _refusal(firehose, *[b"x" * 1_000_000] * 5) == "InvalidArgumentException"
    assert stream.accepted == 0


def test_an_unknown_stream_and_another_operation_are_refused(firehose: Any) -> None:
    assert _refusal(firehose, b"{}", stream="another") == "ResourceNotFoundException"
    with pytest.raises(ClientError, match="PutRecordBatch only"):
        firehose.describe_delivery_stream(DeliveryStreamName="changes")


def test_a_body_that_is_no_json_is_refused_and_the_connection_lives(endpoint: FirehoseEndpoint) -> None:
    connection = http.client.HTTPConnection(endpoint.url.removeprefix("http://"), timeout=5)
    for _ in range(2):
        connection.request("POST", "/", b"no JSON", {"X-Amz-Target": "Firehose_20150804.PutRecordBatch"})
        answer = connection.getresponse()
        assert (answer.status, b"SerializationException" in answer.read()) == (400, True)
    connection.close()


@pytest.mark.parametrize(
    ("code", "status"),
    [("ServiceUnavailableException", 500), ("InternalFailure", 500), ("ThrottlingException", 400)],
)
def test_a_scripted_error_refuses_the_whole_call(
    firehose: Any, stream: DeliveryStream, script: Script, code: str, status: int
) -> None:
    script.outcomes = [Outcome(error_code=code)]
    with pytest.raises(ClientError) as error:
        _put(firehose, b"{}", b"{}")
    assert error.value.response["Error"]["Code"] == code
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert (stream.accepted, script.asked) == (0, [("changes", 2)])


def test_refused_entries_are_answered_in_their_places_and_the_others_accepted(
    firehose: Any, stream: DeliveryStream, script: Script
) -> None:
    script.outcomes = [Outcome(refused={0: "ServiceUnavailableException", 2: "InternalFailure"})]
    answer = _put(firehose, b"a", b"b", b"c", b"d")
    assert answer["FailedPutCount"] == 2
    codes = [entry.get("ErrorCode") for entry in answer["RequestResponses"]]
    assert codes == ["ServiceUnavailableException", None, "InternalFailure", None]
    assert all(("RecordId" in entry) != ("ErrorMessage" in entry) for entry in answer["RequestResponses"])
    assert stream.accepted == 2


def test_a_call_can_be_carried_out_and_never_answered(firehose: Any, stream: DeliveryStream, script: Script) -> None:
    script.outcomes = [Outcome(), Outcome(answered=False)]
    _put(firehose, b"{}")
    with pytest.raises(ConnectionClosedError):
        _put(firehose, b"{}")
    _put(firehose, b"{}")
    assert stream.accepted == 3
    assert len(script.asked) == 3


def test_a_call_over_a_limit_is_refused_before_the_script_is_asked(firehose: Any, script: Script) -> None:
    assert _refusal(firehose, *[b"{}"] * 501) == "ValidationException"
    assert script.asked == []
