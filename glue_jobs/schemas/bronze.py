"""What Firehose delivers: the columns of the Glue tables in ``infra/catalog.yaml``."""

from pyspark.sql.types import BooleanType, DateType, StringType, StructField, StructType, TimestampType

TASK_CHANGES = StructType(
    [
        StructField("event_id", StringType()),
        StructField("event_name", StringType()),
        StructField("sequence_number", StringType()),
        StructField("changed_at", TimestampType()),
        StructField("user_id", StringType()),
        StructField("task_id", StringType()),
        StructField("event_date", DateType()),
        StructField("is_ttl_delete", BooleanType()),
        StructField("new_image", StringType()),
        StructField("old_image", StringType()),
        StructField("stream_arn", StringType()),
        StructField("ingested_at", TimestampType()),
        StructField("images_object", StringType()),
    ]
)

API_LOGS = StructType(
    [
        StructField("log_event_id", StringType()),
        StructField("log_group", StringType()),
        StructField("log_stream", StringType()),
        StructField("logged_at", TimestampType()),
        StructField("event_date", DateType()),
        StructField("user_id", StringType()),
        StructField("request_id", StringType()),
        StructField("message", StringType()),
        StructField("message_object", StringType()),
        StructField("ingested_at", TimestampType()),
    ]
)

# What an object under `claim_checks/task_changes/` holds: the images of a change too large for Firehose.
CLAIMED_IMAGES = StructType(
    [
        StructField("event_id", StringType()),
        StructField("new_image", StringType()),
        StructField("old_image", StringType()),
    ]
)

# What an object under `claim_checks/api_logs/` holds: a log line too large for Firehose.
CLAIMED_MESSAGE = StructType([StructField("log_event_id", StringType()), StructField("message", StringType())])
