from dataclasses import replace

import pytest

from operations.cost.day import ACTIVE_FOLDERS, CHANGES, GB, Day, Volume
from operations.cost.ingestion import capture_lines, delivery_lines, delivery_warnings, event_line
from operations.cost.line import Line
from operations.cost.model import Knowledge
from operations.cost.schedule import DAYS_A_MONTH
from operations.cost.settings import Settings


@pytest.fixture
def day(settings: Settings, known: Knowledge) -> Day:
    return Day(Volume(changes=1000, users=10, log_lines=0), settings, known.measured)


@pytest.fixture
def lines(day: Day, known: Knowledge) -> dict[str, Line]:
    found = [*capture_lines(day, known.assumed, known.prices), *delivery_lines(day, known.prices)]
    return {line.name: line for line in found}


def test_lambda_reads_the_stream_four_times_a_second_for_nothing(lines: dict[str, Line]) -> None:
    assert lines["stream reads"].quantity == pytest.approx(4 * 86_400 * DAYS_A_MONTH)
    assert lines["stream reads"].dollars == 0


def test_lambda_requests(lines: dict[str, Line]) -> None:
    assert lines["Lambda requests"].quantity == pytest.approx(200 * DAYS_A_MONTH)
    assert lines["Lambda requests"].dollars == pytest.approx(200 * DAYS_A_MONTH / 1e6 * 0.20)


def test_lambda_seconds_are_processor_time_at_the_functions_share_of_a_vcpu_and_a_call_each(
    lines: dict[str, Line],
) -> None:
    # 1,000 changes of 0.1 ms on an eighth of a vCPU, and 200 calls of 50 ms; at a quarter of a GB.
    seconds = 1000 * 0.0001 / (0.25 * 0.5) + 200 * 0.05
    assert lines["Lambda GB-seconds"].quantity == pytest.approx(seconds * 0.25 * DAYS_A_MONTH)
    assert lines["Lambda GB-seconds"].dollars == pytest.approx(seconds * 0.25 * DAYS_A_MONTH * 0.0000133334)


def test_ingestion_of_changes(lines: dict[str, Line]) -> None:
    gb = 1000 * 5120 / GB * DAYS_A_MONTH
    assert lines["ingestion task-changes"].quantity == pytest.approx(gb)
    assert lines["ingestion task-changes"].dollars == pytest.approx(gb * 0.029)


def test_ingestion_of_the_ledger_is_a_record_for_each_object(lines: dict[str, Line]) -> None:
    assert lines["ingestion bronze-ledger"].quantity == pytest.approx(500 * 5120 / GB * DAYS_A_MONTH)


def test_conversion_takes_all_three_streams(lines: dict[str, Line]) -> None:
    gb = (1000 + 500) * 5120 / GB * DAYS_A_MONTH
    assert lines["conversion to Parquet"].dollars == pytest.approx(gb * 0.018)


def test_partitioning_is_of_bronze_alone(lines: dict[str, Line]) -> None:
    assert lines["partitioned GB"].dollars == pytest.approx(1000 * 5120 / GB * DAYS_A_MONTH * 0.020)


def test_partitioned_objects_are_folders_times_flushes(lines: dict[str, Line]) -> None:
    assert lines["partitioned objects"].quantity == pytest.approx(500 * DAYS_A_MONTH)
    assert lines["partitioned objects"].dollars == pytest.approx(500 * DAYS_A_MONTH / 1000 * 0.005)


def test_jq_is_billed_by_the_hour(lines: dict[str, Line]) -> None:
    assert lines["JQ hours"].quantity == pytest.approx(1000 * 0.0036 / 3600 * DAYS_A_MONTH)
    assert lines["JQ hours"].dollars == pytest.approx(0.001 * DAYS_A_MONTH * 0.07)


def test_a_stream_without_a_query_is_not_partitioned(day: Day, known: Knowledge) -> None:
    streams = {name: replace(stream, query="") for name, stream in day.settings.streams.items()}
    plain = Day(day.volume, replace(day.settings, streams=streams), known.measured)
    quantities = {line.name: line.quantity for line in delivery_lines(plain, known.prices)}
    assert (quantities["partitioned GB"], quantities["partitioned objects"], quantities["JQ hours"]) == (0, 0, 0)


def test_s3_announces_each_object_that_comes_or_goes(day: Day, known: Knowledge) -> None:
    assert event_line(day, 900_000, 100_000, known.prices).dollars == pytest.approx(1.00)
    silent = Day(day.volume, replace(day.settings, announces_objects=False), known.measured)
    assert event_line(silent, 900_000, 100_000, known.prices).dollars == 0


def test_more_open_folders_than_firehose_takes_are_warned_of(day: Day, known: Knowledge) -> None:
    assert not list(delivery_warnings(day, ACTIVE_FOLDERS))
    crowd = Day(replace(day.volume, changes=100_000, users=1000), day.settings, known.measured)
    (warning,) = delivery_warnings(crowd, ACTIVE_FOLDERS)
    assert warning.startswith(f"{CHANGES}: about 2,000 folders open in the busiest minute, Firehose takes 500")
    assert "USER_BUCKETS" in warning
