from cdc_lambda.circuit_breaker import CircuitBreaker, State
from tests.unit.cdc_lambda.fakes import FakeClock


def opened(clock: FakeClock) -> CircuitBreaker:
    breaker = CircuitBreaker(clock.now, failure_threshold=2, recovery_seconds=30.0)
    breaker.failed()
    breaker.failed()
    return breaker


def test_failures_in_a_row_open_the_circuit() -> None:
    breaker = CircuitBreaker(FakeClock().now, failure_threshold=2)
    breaker.failed()
    assert (breaker.state, breaker.times_opened) == (State.CLOSED, 0)
    breaker.failed()
    assert (breaker.state, breaker.times_opened) == (State.OPEN, 1)


def test_a_success_between_failures_starts_the_count_anew() -> None:
    breaker = CircuitBreaker(FakeClock().now, failure_threshold=2)
    breaker.failed()
    breaker.succeeded()
    breaker.failed()
    assert breaker.state is State.CLOSED


def test_after_its_time_an_open_circuit_is_half_open_and_not_before() -> None:
    clock = FakeClock()
    breaker = opened(clock)
    states = []
    for seconds in (29.9, 0.1):
        clock.sleep(seconds)
        states.append(breaker.state)
    assert states == [State.OPEN, State.HALF_OPEN]


def test_a_probe_that_succeeds_closes_the_circuit_for_as_many_failures_as_at_first() -> None:
    clock = FakeClock()
    breaker = opened(clock)
    clock.sleep(30)
    breaker.succeeded()
    breaker.failed()
    assert breaker.state is State.CLOSED


def test_a_probe_that_fails_opens_the_circuit_for_as_long_again() -> None:
    clock = FakeClock()
    breaker = opened(clock)
    clock.sleep(30)
    breaker.failed()
    assert (breaker.state, breaker.times_opened) == (State.OPEN, 2)
    clock.sleep(30)
    assert breaker.state is State.HALF_OPEN
