import random

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from cdc_lambda import delivery
from cdc_lambda.circuit_breaker import CircuitBreaker, State
from cdc_lambda.delivery import CALL_SECONDS, MAX_ATTEMPTS, Delivery, to_chunks
from tests.unit.cdc_lambda.fakes import FakeClock, FakeFirehose, delivery_to

PAYLOADS = [b"a", b"b", b"c", b"d"]
THROTTLED = "ServiceUnavailableException"


def plenty() -> float:
    return 60.0


def test_what_firehose_accepts_at_once_is_sent_once() -> None:
    firehose = FakeFirehose()
    receipt = delivery_to(firehose).deliver(PAYLOADS, plenty)
    assert (firehose.calls, receipt.undelivered, receipt.resent) == ([PAYLOADS], [], 0)


def test_an_empty_batch_makes_no_call() -> None:
    firehose = FakeFirehose()
    assert delivery_to(firehose).deliver([], plenty).undelivered == []
    assert firehose.calls == []


def test_after_a_partial_failure_only_the_refused_entries_are_sent_again() -> None:
    firehose = FakeFirehose(lambda call, payload: THROTTLED if call == 0 and payload in b"bd" else None)
    receipt = delivery_to(firehose).deliver(PAYLOADS, plenty)
    assert firehose.calls == [PAYLOADS, [b"b", b"d"]]
    assert (receipt.undelivered, receipt.resent, receipt.error_codes) == ([], 2, {THROTTLED: 2})


def test_out_of_attempts_the_rest_is_reported() -> None:
    firehose = FakeFirehose(lambda _call, payload: THROTTLED if payload == b"c" else None)
    receipt = delivery_to(firehose).deliver(PAYLOADS, plenty)
    assert firehose.calls == [PAYLOADS] + [[b"c"]] * (MAX_ATTEMPTS - 1)
    assert receipt.undelivered == [2]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ClientError({"Error": {"Code": "ThrottlingException"}}, "PutRecordBatch"), "ThrottlingException"),
        (ReadTimeoutError(endpoint_url="firehose"), "ReadTimeoutError"),
    ],
)
def test_a_call_that_fails_as_a_whole_is_tried_again(error: Exception, code: str) -> None:
    def fail_first(call: int, _payload: bytes) -> None:
        if call == 0:
            raise error

    firehose = FakeFirehose(fail_first)
    receipt = delivery_to(firehose).deliver(PAYLOADS, plenty)
    assert (firehose.calls, receipt.undelivered) == ([PAYLOADS, PAYLOADS], [])
    assert receipt.error_codes == {code: 4}


def test_without_time_for_a_call_nothing_is_sent_and_all_is_reported() -> None:
    firehose = FakeFirehose()
    receipt = delivery_to(firehose).deliver(PAYLOADS, lambda: CALL_SECONDS - 0.1)
    assert (firehose.calls, receipt.undelivered) == ([], [0, 1, 2, 3])


def test_time_that_runs_out_between_calls_reports_what_was_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "MAX_CALL_RECORDS", 2)
    seconds = iter([60.0, 60.0, 1.0, 1.0])
    firehose = FakeFirehose()
    receipt = delivery_to(firehose).deliver(PAYLOADS, lambda: next(seconds))
    assert (firehose.accepted, receipt.undelivered) == ([b"a", b"b"], [2, 3])


def test_a_pause_that_would_outlast_the_invocation_is_not_taken() -> None:
    slept: list[float] = []
    pauses = iter([10.0, 20.0])
    firehose = FakeFirehose(lambda *_: THROTTLED)
    delivery = Delivery(firehose, "task-changes", CircuitBreaker(), slept.append, lambda _low, _high: next(pauses))
    receipt = delivery.deliver(PAYLOADS, lambda: CALL_SECONDS + 15)
    assert (slept, len(firehose.calls)) == ([10.0], 2)
    assert receipt.undelivered == [0, 1, 2, 3]


def test_the_pause_is_random_below_a_limit_that_doubles_to_a_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "MAX_ATTEMPTS", 6)
    slept: list[float] = []
    firehose = FakeFirehose(lambda *_: THROTTLED)
    Delivery(firehose, "s", CircuitBreaker(), slept.append, lambda low, high: high - low).deliver(PAYLOADS, plenty)
    assert slept == [0.2, 0.4, 0.8, 1.6, 2.0]


def test_the_same_seed_waits_the_same() -> None:
    def pauses(seed: int) -> list[float]:
        slept: list[float] = []
        firehose = FakeFirehose(lambda *_: THROTTLED)
        Delivery(firehose, "s", CircuitBreaker(), slept.append, random.Random(seed).uniform).deliver(PAYLOADS, plenty)
        return slept

    assert pauses(7) == pauses(7) != pauses(8)
    assert 0 < pauses(7)[0] < 0.2


def test_an_open_circuit_calls_nobody_and_reports_all_at_once() -> None:
    clock = FakeClock()
    firehose = FakeFirehose(lambda *_: THROTTLED)
    delivery = delivery_to(firehose, CircuitBreaker(clock.now, failure_threshold=2))
    first, second, third = (delivery.deliver(PAYLOADS, plenty) for _ in range(3))
    assert len(firehose.calls) == 2 * MAX_ATTEMPTS
    assert third.undelivered == [0, 1, 2, 3]
    assert not third.error_codes
    assert [receipt.times_opened for receipt in (first, second, third)] == [0, 1, 0]
    assert [receipt.is_circuit_open for receipt in (first, second, third)] == [False, True, True]


def test_a_half_open_circuit_makes_one_attempt_without_a_pause() -> None:
    clock = FakeClock()
    slept: list[float] = []
    firehose = FakeFirehose(lambda *_: THROTTLED)
    delivery = Delivery(firehose, "s", CircuitBreaker(clock.now, failure_threshold=1), slept.append)
    delivery.deliver(PAYLOADS, plenty)
    clock.sleep(30)
    firehose.calls.clear()
    slept.clear()
    receipt = delivery.deliver(PAYLOADS, plenty)
    assert (len(firehose.calls), slept, receipt.times_opened) == (1, [], 1)
    firehose.refuse = lambda *_: None
    clock.sleep(30)
    receipt = delivery.deliver(PAYLOADS, plenty)
    assert (receipt.undelivered, receipt.is_circuit_open) == ([], False)


def test_a_delivery_that_only_ran_out_of_time_says_nothing_of_firehose() -> None:
    breaker = CircuitBreaker(failure_threshold=1)
    delivery_to(FakeFirehose(), breaker).deliver(PAYLOADS, lambda: CALL_SECONDS - 0.1)
    assert breaker.state is State.CLOSED


def test_an_empty_delivery_is_no_probe() -> None:
    clock = FakeClock()
    breaker = CircuitBreaker(clock.now, failure_threshold=1)
    breaker.failed()
    clock.sleep(30)
    delivery_to(FakeFirehose(), breaker).deliver([], plenty)
    assert breaker.state is State.HALF_OPEN


def test_a_call_takes_at_most_500_records() -> None:
    chunks = list(to_chunks(range(1201), [b"x"] * 1201))
    assert [len(chunk) for chunk in chunks] == [500, 500, 201]
    assert [position for chunk in chunks for position in chunk] == list(range(1201))


def test_a_call_takes_at_most_4_mib() -> None:
    mebibyte = b"x" * 1024 * 1024
    assert list(to_chunks(range(9), [mebibyte] * 9)) == [[0, 1, 2, 3], [4, 5, 6, 7], [8]]
    assert list(to_chunks(range(5), [mebibyte, mebibyte, mebibyte, mebibyte, b"x"])) == [[0, 1, 2, 3], [4]]


def test_an_answer_for_fewer_records_than_were_sent_is_no_success() -> None:
    firehose = FakeFirehose()
    firehose.put_record_batch = lambda **_: {"RequestResponses": []}  # type: ignore[method-assign]
    with pytest.raises(ValueError, match="shorter"):
        delivery_to(firehose).deliver(PAYLOADS, plenty)
