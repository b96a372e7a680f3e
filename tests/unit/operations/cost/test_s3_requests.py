from dataclasses import replace

import pytest

from operations.cost.day import Day, Volume
from operations.cost.model import Knowledge
from operations.cost.s3_requests import Requests, key_lines, request_lines, requests
from operations.cost.schedule import DAYS_A_MONTH
from operations.cost.settings import Settings

ASKED = Requests(puts=1_000_000, gets=3_000_000, lists=2_000, deletes=0)


@pytest.fixture
def day(settings: Settings, known: Knowledge) -> Day:
    return Day(Volume(changes=1000, users=10, log_lines=0, queries=0), settings, known.measured)


def test_each_object_each_file_of_a_run_and_each_answer_is_a_put(day: Day, known: Knowledge) -> None:
    asked = requests(day, known.scans, known.assumed)
    # 500 objects of Bronze and 50 of the ledger a day; 200 files a run; three statements a run, two files each.
    assert asked.puts == pytest.approx(550 * DAYS_A_MONTH + 10 * 200 + 10 * 3 * 2)
    assert asked.deletes == pytest.approx(10 * (80 + 40) + 10 * 3 * 2)


def test_each_object_is_read_once_by_three_requests(day: Day, known: Knowledge) -> None:
    # Bronze; the ledger's last 25 hours by two jobs a run; Silver's files a run.
    read = 500 * DAYS_A_MONTH + 2 * 10 * 50 * 25 / 24 + 10 * 80
    assert requests(day, known.scans, known.assumed).gets == pytest.approx(3 * read)


def test_a_crawl_of_everything_lists_what_ever_came(day: Day, known: Knowledge) -> None:
    stored = 500 * DAYS_A_MONTH * 12
    assert requests(day, known.scans, known.assumed).lists == pytest.approx(10 * stored / 1000)


def test_a_crawl_ends_where_bronze_ends(day: Day, known: Knowledge) -> None:
    short = Day(day.volume, replace(day.settings, bronze_days=30), known.measured)
    assert requests(short, known.scans, known.assumed).lists == pytest.approx(10 * 500 * 30 / 1000)


def test_a_crawl_of_news_lists_a_folder_for_each_object(day: Day, known: Knowledge) -> None:
    news = Day(day.volume, replace(day.settings, crawls_news=True), known.measured)
    assert requests(news, known.scans, known.assumed).lists == pytest.approx(500 * DAYS_A_MONTH)


def test_without_a_crawler_nobody_lists(day: Day, known: Knowledge) -> None:
    none = Day(day.volume, replace(day.settings, crawlers=0, crawls=0), known.measured)
    assert requests(none, known.scans, known.assumed).lists == 0


def test_requests_cost_by_the_thousand(day: Day, known: Knowledge) -> None:
    puts, gets, lists, _ = request_lines(day, ASKED, known.assumed, known.prices)
    assert (puts.dollars, gets.dollars, lists.dollars) == pytest.approx((5.00, 1.20, 0.01))


def test_the_crawlers_queue_takes_three_requests_an_object(day: Day, known: Knowledge) -> None:
    *_, silent = request_lines(day, ASKED, known.assumed, known.prices)
    told = Day(day.volume, replace(day.settings, notices=True), known.measured)
    *_, queue = request_lines(told, ASKED, known.assumed, known.prices)
    assert silent.quantity == 0
    assert queue.quantity == pytest.approx(550 * DAYS_A_MONTH * 3)


def test_a_bucket_key_asks_kms_for_one_in_a_hundred(day: Day, known: Knowledge) -> None:
    *_, with_key = key_lines(day, ASKED, known.assumed, known.prices)
    off = Day(day.volume, replace(day.settings, has_bucket_key=False), known.measured)
    *_, without = key_lines(off, ASKED, known.assumed, known.prices)
    assert with_key.quantity == 40_000
    assert with_key.dollars == pytest.approx(4 * 0.03)
    assert without.dollars == pytest.approx(400 * 0.03)


@pytest.mark.parametrize(("months", "rotations"), [(11, 0), (12, 2), (24, 4), (60, 4)])
def test_a_keys_first_two_rotations_cost_as_much_as_another_key(
    day: Day, known: Knowledge, months: int, rotations: int
) -> None:
    old = Day(replace(day.volume, months=months), day.settings, known.measured)
    keys, rotated, _ = key_lines(old, ASKED, known.assumed, known.prices)
    assert (keys.dollars, rotated.dollars) == (2.0, float(rotations))
