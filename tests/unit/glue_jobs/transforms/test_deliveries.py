"""Changes that are delivered more than once, and the order in which they are laid out."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from glue_jobs.schemas.silver import TASK_CHANGES
from glue_jobs.transforms.task_changes import in_slices, keep_first_delivery, parse_task_changes

BronzeRows = Callable[..., DataFrame]
NOON = datetime(2025, 10, 15, 12, tzinfo=UTC)
IMAGE = {"status": {"S": "pending"}}


def first_deliveries(changes: DataFrame, *cuts: datetime) -> DataFrame:
    return keep_first_delivery(in_slices(parse_task_changes(changes), [int(cut.timestamp()) for cut in cuts]))


def test_a_change_delivered_twice_is_kept_once_as_it_came_first(bronze_rows: BronzeRows) -> None:
    early, late = NOON + timedelta(minutes=1), NOON + timedelta(hours=1)
    rows = bronze_rows(
        {"new_image": IMAGE, "ingested_at": late, "bronze_object": "a"},
        {"new_image": IMAGE, "ingested_at": early, "bronze_object": "c"},
        {"new_image": IMAGE, "ingested_at": early, "bronze_object": "b"},
        {"new_image": IMAGE, "ingested_at": early, "bronze_object": "b"},
        {"event_id": "e2", "new_image": IMAGE, "bronze_object": "d"},
    )
    kept = first_deliveries(rows)
    assert sorted((row.event_id, row.bronze_object) for row in kept.collect()) == [("e1", "b"), ("e2", "d")]
    assert kept.schema == TASK_CHANGES.columns


def test_a_slice_ends_before_its_cut_and_holds_every_delivery_of_its_changes(bronze_rows: BronzeRows) -> None:
    times = [NOON + timedelta(seconds=seconds) for seconds in (-1, 0, 59, 60, 61)]
    rows = bronze_rows(
        *({"event_id": str(n), "changed_at": at, "new_image": IMAGE} for n, at in enumerate([*times, *times]))
    )
    cuts = [int(cut.timestamp()) for cut in (times[1], times[3])]
    sliced = in_slices(rows, cuts)
    assert [row.slice for row in sliced.orderBy("changed_at").collect()] == [0, 0, 1, 1, 1, 1, 2, 2, 2, 2]
    partitions = sliced.select("slice", F.spark_partition_id()).distinct()
    assert partitions.count() == 3, "a slice is in one partition"


def test_each_partition_is_in_order_of_time(spark: SparkSession, bronze_rows: BronzeRows) -> None:
    times = [NOON + timedelta(hours=hours) for hours in (9, 2, 7, 1, 8, 3, 2)]
    rows = bronze_rows(*({"event_id": f"e{n}", "changed_at": at, "new_image": IMAGE} for n, at in enumerate(times)))
    spark.conf.set("spark.sql.shuffle.partitions", "2")
    try:
        kept = first_deliveries(rows, *sorted(times)[1:]).withColumn("partition", F.spark_partition_id()).collect()
    finally:
        spark.conf.set("spark.sql.shuffle.partitions", "1")
    found = [[(row.changed_at, row.event_id) for row in kept if row.partition == number] for number in (0, 1)]
    assert sum(map(len, found)) == len(times)
    assert found == [sorted(partition) for partition in found]
