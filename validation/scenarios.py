"""What goes wrong on the way to Bronze, a part of the day each: what was met, what arrived late, what brought it."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from local.faults.profiles import PROFILES, FaultProfile
from local.firehose.errors import PARTITIONS_EXCEEDED
from local.options import Inputs, Options
from validation.lakes import captured, replayed

SEED = 7


@dataclass(frozen=True)
class Scenario:
    """A fault and who deals with it before anybody types a replay."""

    name: str
    faults: FaultProfile
    dealt_with_by: str


SCENARIOS = (
    Scenario("S3 takes nothing for 10 minutes", PROFILES["s3-down"], "Firehose, which holds its objects"),
    Scenario("Lambda dies in the middle of a batch", PROFILES["killed-lambda"], "the mapping's and Lambda's retries"),
    Scenario("Firehose throttles", PROFILES["throttles"], "backoff, breaker, the mapping's retries"),
    Scenario("Firehose refuses some of a call", PROFILES["partial-failures"], "only those are sent again"),
    Scenario("Firehose does not answer", PROFILES["time-outs"], "sent again; `event_id` removes what came twice"),
    Scenario("records come twice", PROFILES["duplicates"], "`event_id`"),
    Scenario("records come out of order", PROFILES["reordering"], "the sequence number"),
    Scenario("records nobody can decode", PROFILES["poison"], "bisecting; they end in `errors/`, alone"),
    Scenario("records too large for Firehose", PROFILES["oversize"], "a claim check"),
    Scenario("more partitions than may be active", PROFILES["partitions"], "Firehose's error prefix"),
    Scenario("all of these at once", PROFILES["everything"], "all of these"),
)


@dataclass(frozen=True)
class Disturbed:
    """What became of one part of the day: as it was captured, and after the replay.

    Of what the replay left, ``left`` could have gone through; what nobody can decode is no change of a task.
    """

    scenario: Scenario
    sent: int
    met: dict[str, int]
    failed: int
    nowhere: int
    left: int
    undecodable: int


def disturb(lake: Path, scenario: Scenario, part: Inputs, kept: int = 0) -> Disturbed:
    """Bring a part of the day to the lake while the faults happen, and then replay what failed.

    ``kept`` are the undecodable records of the parts before, which no replay takes.
    """
    report = captured(lake, part, Options(faults=scenario.faults, seed=SEED))
    left = replayed(lake).reasons
    undecodable = sum(number for (_, reason), number in left.items() if reason.startswith("undecodable"))
    accounts = [*(source.account for source in report.sources), report.ledger]
    failed = Counter[str]()
    for account in accounts:
        failed.update(account.failure_stores)
    past = sum(number for store, number in failed.items() if store.endswith(PARTITIONS_EXCEEDED))
    return Disturbed(
        scenario,
        sum(source.account.sent for source in report.sources),
        report.faults_met | ({"records past the quota of partitions": past} if past else {}),
        failed.total(),
        sum(account.missing for account in accounts),
        left.total() - undecodable,
        undecodable - kept,
    )
