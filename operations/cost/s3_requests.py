"""The requests of a month to the lake's bucket, and to its key."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from operations.cost.assumed import Assumed
from operations.cost.day import CHANGES, LEDGER, LOGS, Day, monthly
from operations.cost.line import Line
from operations.cost.prices import Prices
from operations.cost.scans import Scans
from operations.cost.schedule import DAYS_A_MONTH

LEDGER_OVERLAP = 25 / 24  # of a day: docs/adr/0003-the-ledgers-position.md
_FILES_OF_A_RESULT = 2  # the answer, and its metadata
_READERS_OF_THE_LEDGER = 2
_KEYS_A_PAGE = 1000
_PUTS = "one an object of Bronze, the ledger, Silver, Gold, and Athena's answers"
_GETS = "Silver's jobs read each object of Bronze twice"
_LISTS = "of the crawls: all of Bronze each time, 1,000 keys a request"
_LISTS_OF_NEWS = "of the crawls: a folder for each object that is new, at most"


@dataclass(frozen=True)
class Requests:
    """What is asked of S3 in a month."""

    puts: float
    gets: float
    lists: float
    deletes: float


def requests(day: Day, scans: Scans, assumed: Assumed) -> Requests:
    """Return the month's requests: objects of the days, files of the runs that find something, the crawls' listings."""
    runs = 0.0 if day.volume.is_nothing else day.settings.runs
    files = day.measured.files_a_run
    statements = runs * len(scans.gold) * assumed["statements_of_a_gold_table"] + day.volume.queries * DAYS_A_MONTH
    results = statements * _FILES_OF_A_RESULT
    read = monthly(day.objects[CHANGES] + day.objects[LOGS]) + runs * files["silver"]
    read += _READERS_OF_THE_LEDGER * runs * day.objects[LEDGER] * LEDGER_OVERLAP
    return Requests(
        puts=monthly(sum(day.objects.values())) + runs * sum(files.values()) + results,
        gets=read * assumed["gets_of_an_object"],
        lists=_lists(day),
        deletes=runs * (files["silver"] + files["gold"]) + results,
    )


def request_lines(day: Day, asked: Requests, assumed: Assumed, prices: Prices) -> Iterator[Line]:
    """Yield what the requests to S3 cost, and the queue of what is new in Bronze."""
    line, settings = partial(Line, "Storage"), day.settings
    notices = monthly(sum(day.objects.values())) if settings.notices else 0.0
    yield line("S3 PUT", asked.puts, prices["s3_puts"], "vmt", _PUTS)
    yield line("S3 GET", asked.gets, prices["s3_gets"], "vmta", _GETS)
    yield line("S3 LIST", asked.lists, prices["s3_lists"], "vmt", _LISTS_OF_NEWS if settings.crawls_news else _LISTS)
    yield line("queue of news", notices * assumed["queue_requests_of_a_notice"], prices["sqs_requests"], "vmta")


def key_lines(day: Day, asked: Requests, assumed: Assumed, prices: Prices) -> Iterator[Line]:
    """Yield what the keys cost: they stand, they were rotated, they are asked."""
    line, settings = partial(Line, "Keys"), day.settings
    share = assumed["kms_requests_of_an_s3_request"] if settings.has_bucket_key else 1.0
    rotations = settings.rotated_keys * min(int(day.volume.months // 12), 2)
    note = "with bucket keys" if settings.has_bucket_key else "no bucket key: one for each of S3's"
    yield line("KMS keys", settings.keys, prices["kms_keys"], "t")
    yield line("their rotations", rotations, prices["kms_rotations"], "t", "one a year; the first two cost")
    yield line("KMS requests", (asked.puts + asked.gets) * share, prices["kms_requests"], "vmta", note)


def _lists(day: Day) -> float:
    """Return the LISTs of the crawls: of what is new, or of all of Bronze, which several crawlers share."""
    settings, objects = day.settings, day.objects[CHANGES] + day.objects[LOGS]
    if not settings.crawlers:
        return 0.0
    if settings.crawls_news:
        return monthly(objects)
    age = day.volume.months * DAYS_A_MONTH
    kept = min(age, settings.bronze_days or age)
    return settings.crawls * objects * kept / settings.crawlers / _KEYS_A_PAGE
