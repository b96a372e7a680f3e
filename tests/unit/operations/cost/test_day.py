from dataclasses import replace

import pytest

from operations.cost.day import CHANGES, GB, LEDGER, LOGS, Day, Volume
from operations.cost.measured import Measured, billed
from operations.cost.settings import Settings


@pytest.fixture
def day(settings: Settings, measured: Measured) -> Day:
    return Day(Volume(changes=1000, users=10, log_lines=0), settings, measured)


@pytest.mark.parametrize(("size", "paid"), [(1, 5120), (5120, 5120), (5121, 10240), (42 * 1024, 45 * 1024)])
def test_a_record_is_billed_in_steps_of_five_kilobytes(size: int, paid: int) -> None:
    assert billed(size) == paid


def test_the_measured_volume_makes_the_measured_objects(day: Day) -> None:
    assert day.objects[CHANGES] == pytest.approx(500)  # 1,000 changes, 0.5 objects each at 60 s


def test_a_longer_buffer_makes_fewer_objects(day: Day) -> None:
    streams = day.settings.streams | {CHANGES: replace(day.settings.streams[CHANGES], buffer_seconds=300)}
    assert Day(day.volume, replace(day.settings, streams=streams), day.measured).objects[CHANGES] == pytest.approx(200)


def test_twice_the_changes_of_a_user_are_the_same_day_at_twice_the_speed(day: Day) -> None:
    # A buffer of 60 s then holds what one of 120 s holds now.
    busy = Day(replace(day.volume, changes=2000), day.settings, day.measured)
    assert busy.objects[CHANGES] == pytest.approx(2000 * day.flow(CHANGES).folder.at(120))


def test_twice_the_users_make_twice_the_objects(day: Day) -> None:
    many = Day(replace(day.volume, changes=2000, users=20), day.settings, day.measured)
    assert many.objects[CHANGES] == pytest.approx(1000)


def test_buckets_share_their_folder_where_there_are_more_users(day: Day) -> None:
    volume = replace(day.volume, changes=32_000, users=320)
    bucketed = Day(volume, replace(day.settings, user_buckets=32), day.measured)
    # 1,000 changes a bucket where 1,000 / 32 were measured: 60 s are like 1,920, beyond the curve's 300 s.
    assert bucketed.objects[CHANGES] == pytest.approx(32_000 * 0.1 * 300 / 1920)


def test_more_buckets_than_users_change_nothing(day: Day) -> None:
    assert Day(day.volume, replace(day.settings, user_buckets=64), day.measured).objects == day.objects


def test_records_without_a_user_share_one_folder(day: Day, measured: Measured) -> None:
    flow = replace(measured.flows[LOGS], shared_share=0.6, shared=measured.flows[LEDGER].shared)
    mixed = replace(measured, flows=measured.flows | {LOGS: flow})
    objects = Day(replace(day.volume, log_lines=1000), day.settings, mixed).objects[LOGS]
    assert objects == pytest.approx(400 * 0.5 + 600 * 0.1)  # the shared folder's curve begins at 0.1


def test_a_full_buffer_is_delivered_before_its_time(day: Day) -> None:
    streams = day.settings.streams | {CHANGES: replace(day.settings.streams[CHANGES], buffer_bytes=1000)}
    assert Day(day.volume, replace(day.settings, streams=streams), day.measured).objects[CHANGES] == 1000


def test_the_ledger_has_a_row_for_each_object(day: Day) -> None:
    assert day.rows[LEDGER] == pytest.approx(500)
    assert day.objects[LEDGER] == pytest.approx(50)  # 0.1 an object


def test_a_batch_is_closed_by_its_window(day: Day) -> None:
    assert day.invocations[CHANGES] == pytest.approx(200)  # 1,000 changes, 0.2 calls each at 10 s
    assert day.invocations[LOGS] == 0


def test_a_batch_is_closed_by_its_size_where_many_come(day: Day) -> None:
    flood = Day(replace(day.volume, changes=10_000_000), day.settings, day.measured)
    assert flood.invocations[CHANGES] == 100_000


def test_firehose_bills_each_record_rounded_up(day: Day) -> None:
    assert day.billed_gb(CHANGES) == pytest.approx(1000 * 5120 / GB)


def test_packed_changes_share_one_rounding(day: Day) -> None:
    packed = Day(day.volume, replace(day.settings, changes_a_record=6), day.measured)
    # Six changes of 1,000 bytes are 6,000: billed as 10 KB, not as six times 5.
    assert packed.billed_gb(CHANGES) == pytest.approx(1000 / 6 * 10_240 / GB)


def test_each_object_has_a_footer(day: Day) -> None:
    assert day.bytes_written(CHANGES) == pytest.approx(500 * 2000 + 1000 * 100)


def test_open_folders_grow_with_the_objects_and_the_buffer(day: Day) -> None:
    assert day.open_folders(CHANGES) == pytest.approx(20)
    streams = day.settings.streams | {CHANGES: replace(day.settings.streams[CHANGES], buffer_seconds=300)}
    slow = Day(day.volume, replace(day.settings, streams=streams), day.measured)
    assert slow.open_folders(CHANGES) == pytest.approx(20 * 200 / 500 * 5)


def test_nothing_becomes_nothing(settings: Settings, measured: Measured) -> None:
    nothing = Day(Volume(changes=0, users=1, log_lines=0), settings, measured)
    assert nothing.volume.is_nothing
    assert set(nothing.objects.values()) | set(nothing.invocations.values()) == {0}
