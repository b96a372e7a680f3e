"""What can go wrong on purpose: the profiles of ``make run FAULTS=<profile>``."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FaultProfile:
    """How often each fault happens; a rate is a chance, 0 to 1, for each call, invocation or record."""

    throttled_calls: float = 0.0
    partly_refused_calls: float = 0.0
    unanswered_calls: float = 0.0
    killed_invocations: float = 0.0
    duplicated_records: float = 0.0
    reordered_records: int = 1  # so many neighbours change places
    poison_records: float = 0.0
    oversize_records: float = 0.0
    s3_outage_seconds: int = 0
    max_active_partitions: int = 500  # Firehose's quota: docs/aws-semantics.md#firehose-9


NO_FAULTS = FaultProfile()

PROFILES = {
    "throttles": FaultProfile(throttled_calls=0.05),
    "partial-failures": FaultProfile(partly_refused_calls=0.3),
    "time-outs": FaultProfile(unanswered_calls=0.2),
    "duplicates": FaultProfile(duplicated_records=0.2),
    "reordering": FaultProfile(reordered_records=25),
    "killed-lambda": FaultProfile(killed_invocations=0.2),
    "s3-down": FaultProfile(s3_outage_seconds=600),
    "poison": FaultProfile(poison_records=0.02),
    "oversize": FaultProfile(oversize_records=0.02),
    "partitions": FaultProfile(max_active_partitions=4),
    "everything": FaultProfile(
        throttled_calls=0.02,
        partly_refused_calls=0.1,
        unanswered_calls=0.05,
        killed_invocations=0.05,
        duplicated_records=0.05,
        reordered_records=10,
        poison_records=0.005,
        oversize_records=0.005,
        s3_outage_seconds=600,
        max_active_partitions=12,
    ),
}
