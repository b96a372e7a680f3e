from local.faults.plan import FaultPlan
from local.faults.profiles import NO_FAULTS, PROFILES, FaultProfile
from local.firehose.endpoint import Outcome


def test_without_faults_every_call_is_accepted_and_nobody_dies() -> None:
    plan = FaultPlan(NO_FAULTS, 1)
    plan.begin_outage_once(0.0)
    assert [plan.outcome("s", 10) for _ in range(100)] == [Outcome()] * 100
    assert [plan.kill("f") for _ in range(100)] == [None] * 100
    assert not plan.is_s3_down(0.0)


def test_the_same_seed_draws_the_same_faults_and_another_seed_others() -> None:
    def drawn(seed: int) -> list[object]:
        plan = FaultPlan(PROFILES["everything"], seed)
        return [(plan.outcome("s", 5), plan.kill("f"), plan.jitter(0, 1)) for _ in range(200)]

    assert drawn(1) == drawn(1) != drawn(2)


def test_what_one_stream_meets_does_not_depend_on_how_often_another_is_called() -> None:
    alone, beside = (FaultPlan(PROFILES["everything"], 1) for _ in range(2))
    for _ in range(20):
        beside.outcome("other", 3)
    assert [alone.outcome("s", 5) for _ in range(200)] == [beside.outcome("s", 5) for _ in range(200)]


def test_a_throttle_lasts_for_several_calls() -> None:
    plan = FaultPlan(FaultProfile(throttled_calls=0.05), 3)
    codes = [plan.outcome("s", 1).error_code for _ in range(400)]
    longest = max(len(run) for run in "".join("x" if code else " " for code in codes).split())
    assert longest > 4, "a delivery's four attempts would outlast every throttle"


def test_a_partial_failure_refuses_some_records_of_a_call_with_firehoses_codes() -> None:
    refused = FaultPlan(FaultProfile(partly_refused_calls=1.0), 1).outcome("s", 100).refused
    assert 0 < len(refused) < 100
    assert set(refused.values()) <= {"ServiceUnavailableException", "InternalFailure"}


def test_s3_is_down_from_the_outages_begin_for_as_long_as_the_profile_says() -> None:
    plan = FaultPlan(FaultProfile(s3_outage_seconds=600), 1)
    assert not plan.is_s3_down(1_000.0)
    plan.begin_outage_once(1_000.0)
    assert [plan.is_s3_down(moment) for moment in (999.9, 1_000.0, 1_599.9, 1_600.0)] == [False, True, True, False]
