"""What each choice changes: the same lake once more, with one setting another."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from operations.cost.day import CHANGES, LOGS, Volume
from operations.cost.model import Knowledge, estimate
from operations.cost.schedule import DAYS_A_MONTH
from operations.cost.settings import Settings

SILVER_JOBS = ("silver_tasks", "silver_api")
_UNBILLED = "code in the function and in the stream; whether AWS bills the parts is not documented"
_HOURLY = "Silver and Gold an hour old at most, not a day; each run's start is paid again"


@dataclass(frozen=True)
class Choice:
    """One setting, what it could be, and what that takes besides money."""

    name: str
    then: str
    takes: str
    change: Callable[[Settings], Settings]


@dataclass(frozen=True)
class Effect:
    """What a choice makes of the total."""

    choice: Choice
    now: float
    then: float

    @property
    def difference(self) -> float:
        """Return the dollars a month that it adds; negative where it saves."""
        return self.then - self.now


def effects(volume: Volume, settings: Settings, known: Knowledge) -> list[Effect]:
    """Return the effect of each choice that is not made already, in the order of the flow."""
    now = estimate(volume, settings, known).total
    without_logs = estimate(replace(volume, log_lines=0), settings, known).total
    made = [
        Effect(choice, now, estimate(volume, choice.change(settings), known).total)
        for choice in choices(known.assumed["changes_in_a_packed_record"])
        if choice.change(settings) != settings
    ]
    return [*made, Effect(_NO_LOGS, now, without_logs)] if volume.log_lines else made


def choices(packed: float) -> tuple[Choice, ...]:
    """Return the choices; ``packed`` changes fit into a record."""
    return (
        Choice("changes a record", f"{packed:.0f}", _UNBILLED, lambda now: replace(now, changes_a_record=packed)),
        Choice("batching window", "300 s", "Bronze 5 minutes later", lambda now: replace(now, batch_seconds=300)),
        Choice("buffer", "300 s", "Bronze 5 minutes later", lambda now: _buffered(now, 300)),
        Choice(
            "buffer", "900 s", "Bronze 15 minutes later; more folders open at once", lambda now: _buffered(now, 900)
        ),
        Choice("USER_BUCKETS", "32", "a user's raw rows share their folder", lambda now: replace(now, user_buckets=32)),
        Choice("both", "32, 900 s", "both", lambda now: replace(_buffered(now, 900), user_buckets=32)),
        Choice("bucket key", "off", "nothing is better by it", lambda now: replace(now, has_bucket_key=False)),
        Choice("runs", "hourly", _HOURLY, lambda now: _run(now, 24 * DAYS_A_MONTH)),
        Choice("crawls", "of all", "finds what an event missed", lambda now: replace(now, crawls_news=False)),
        Choice("crawls", "weekly", "a change of Bronze's columns is reported within a week", _crawled_weekly),
        Choice("crawls", "none", "no report of a change; Firehose converts by the tables anyway", _not_crawled),
        Choice("Silver's workers", "2, always", "a large day takes long", lambda now: _staffed(now, 2)),
        Choice("Silver's workers", "10, always", "they wait while the driver works", lambda now: _staffed(now, 10)),
    )


_NO_LOGS = Choice("log subscriptions", "none", "no table of requests: nobody sees the API", lambda now: now)


def _buffered(settings: Settings, seconds: int) -> Settings:
    changed = {stream: replace(settings.streams[stream], buffer_seconds=seconds) for stream in (CHANGES, LOGS)}
    return replace(settings, streams=settings.streams | changed)


def _staffed(settings: Settings, workers: int) -> Settings:
    changed = {name: replace(settings.jobs[name], workers=workers, auto_scales=False) for name in SILVER_JOBS}
    return replace(settings, jobs=settings.jobs | changed)


def _run(settings: Settings, runs: float) -> Settings:
    changed = {name: replace(settings.jobs[name], runs=runs) for name in (*SILVER_JOBS, "gold")}
    return replace(settings, jobs=settings.jobs | changed, runs=runs, crawls=settings.crawlers * runs)


def _crawled_weekly(settings: Settings) -> Settings:
    return replace(settings, crawls=settings.crawlers * DAYS_A_MONTH / 7)


def _not_crawled(settings: Settings) -> Settings:
    return replace(settings, crawls=0, crawlers=0)
