"""The Silver tables: one definition for the writer, the tests and the docs."""

from pyspark.sql.types import (
    BooleanType,
    DateType,
    DoubleType,
    LongType,
    MapType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from glue_jobs.schemas.table import Table
from glue_jobs.schemas.task import TASK_ATTRIBUTES

_ATTRIBUTES = [StructField(attribute.name, attribute.silver_type) for attribute in TASK_ATTRIBUTES]
_EXTRA = StructField("extra", MapType(StringType(), StringType()))

TASK_CHANGES = Table(
    namespace="silver",
    name="task_changes",
    key=("event_id",),
    columns=StructType(
        [
            StructField("event_id", StringType()),
            StructField("event_name", StringType()),
            StructField("sequence_number", StringType()),
            StructField("changed_at", TimestampType()),
            StructField("user_id", StringType()),
            StructField("task_id", StringType()),
            StructField("is_ttl_delete", BooleanType()),
            StructField("old_status", StringType()),
            StructField("new_status", StringType()),
            *_ATTRIBUTES,
            _EXTRA,
            StructField("stream_arn", StringType()),
            StructField("ingested_at", TimestampType()),
            StructField("bronze_object", StringType()),
        ]
    ),
    # Months, sorted inside: six sparse years are 72 files, and a day is found by the row groups' min and max.
    partitioned_by=("months(changed_at)",),
    sorted_by=("changed_at", "event_id"),
)

TASKS = Table(
    namespace="silver",
    name="tasks",
    key=("user_id", "task_id"),
    columns=StructType(
        [
            StructField("user_id", StringType()),
            StructField("task_id", StringType()),
            *_ATTRIBUTES,
            _EXTRA,
            StructField("is_deleted", BooleanType()),
            StructField("deleted_by_ttl", BooleanType()),
            StructField("last_event_id", StringType()),
            StructField("last_sequence_number", StringType()),
            StructField("last_changed_at", TimestampType()),
        ]
    ),
    partitioned_by=("bucket(16, user_id)",),
    sorted_by=("user_id", "task_id"),
)

TASKS_PER_USER_DAILY = Table(
    namespace="silver",
    name="tasks_per_user_daily",
    key=("activity_date", "user_id"),
    columns=StructType(
        [
            StructField("activity_date", DateType()),
            StructField("user_id", StringType()),
            StructField("tasks_created", LongType()),
            StructField("tasks_updated", LongType()),
            StructField("tasks_started", LongType()),
            StructField("tasks_completed", LongType()),
            StructField("tasks_cancelled", LongType()),
            StructField("tasks_reopened", LongType()),
            StructField("tasks_deleted", LongType()),
            StructField("tasks_expired", LongType()),
            StructField("avg_completion_hours", DoubleType()),
        ]
    ),
    partitioned_by=("months(activity_date)",),
    sorted_by=("activity_date", "user_id"),
)

QUARANTINE = Table(
    namespace="silver",
    name="quarantine",
    key=("event_id",),
    columns=StructType(
        [
            StructField("event_id", StringType()),
            StructField("source", StringType()),
            StructField("reason", StringType()),
            StructField("raw", StringType()),
            StructField("bronze_object", StringType()),
            StructField("quarantined_at", TimestampType()),
        ]
    ),
    partitioned_by=("months(quarantined_at)",),
    sorted_by=("quarantined_at", "event_id"),
)
