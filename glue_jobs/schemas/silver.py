"""The Silver tables: one definition for the writer, the tests and the docs."""

from pyspark.sql.types import (
    BooleanType,
    DateType,
    DoubleType,
    IntegerType,
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
    # A user has few tasks, and asks for them alone.
    row_group_bytes=128 * 1024,
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

# The line of API Gateway's access log that tells of a request: of several, the smallest in this order of fields.
ACCESS = StructType(
    [
        StructField("logged_at", TimestampType()),
        StructField("log_event_id", StringType()),
        StructField("user_id", StringType()),
        StructField("requested_at", TimestampType()),
        StructField("method", StringType()),
        StructField("route", StringType()),
        StructField("status_code", IntegerType()),
        StructField("latency_ms", LongType()),
        StructField("integration_error", StringType()),
    ]
)

# What the application's own lines tell of a request: the smallest line that names its user, or its error.
_LINE = [StructField("logged_at", TimestampType()), StructField("log_event_id", StringType())]
APPLICATION_USER = StructType([*_LINE, StructField("user_id", StringType())])
APPLICATION_ERROR = StructType([*_LINE, StructField("message", StringType())])

API_REQUESTS = Table(
    namespace="silver",
    name="api_requests",
    key=("request_id",),
    columns=StructType(
        [
            StructField("request_id", StringType()),
            StructField("user_id", StringType()),
            StructField("requested_at", TimestampType()),
            StructField("method", StringType()),
            StructField("route", StringType()),
            StructField("status_code", IntegerType()),
            StructField("latency_ms", LongType()),
            StructField("lambda_duration_ms", DoubleType()),
            StructField("error", StringType()),
            # What the columns above are made of: a line that comes later finds here what it has to be joined with.
            StructField("access", ACCESS),
            StructField("application_logged_at", TimestampType()),
            StructField("application_user", APPLICATION_USER),
            StructField("application_error", APPLICATION_ERROR),
        ]
    ),
    partitioned_by=("months(requested_at)",),
    sorted_by=("requested_at", "request_id"),
)

API_USAGE_DAILY = Table(
    namespace="silver",
    name="api_usage_daily",
    key=("activity_date", "user_id", "route"),
    columns=StructType(
        [
            StructField("activity_date", DateType()),
            StructField("user_id", StringType()),
            StructField("route", StringType()),
            StructField("requests", LongType()),
            StructField("errors_4xx", LongType()),
            StructField("errors_5xx", LongType()),
            StructField("p50_ms", DoubleType()),
            StructField("p95_ms", DoubleType()),
            StructField("p99_ms", DoubleType()),
        ]
    ),
    partitioned_by=("months(activity_date)",),
    sorted_by=("activity_date", "user_id", "route"),
)

QUARANTINE = Table(
    namespace="silver",
    name="quarantine",
    key=("source", "record_id"),
    columns=StructType(
        [
            StructField("record_id", StringType()),
            StructField("source", StringType()),
            StructField("reason", StringType()),
            StructField("raw", StringType()),
            StructField("bronze_object", StringType()),
            StructField("quarantined_at", TimestampType()),
        ]
    ),
    partitioned_by=("months(quarantined_at)",),
    sorted_by=("quarantined_at", "record_id"),
)
