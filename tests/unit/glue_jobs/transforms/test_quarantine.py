from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from chispa import assert_df_equality
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructField, StructType

from glue_jobs.schemas import bronze
from glue_jobs.schemas.silver import QUARANTINE
from glue_jobs.transforms.quarantine import to_bronze, to_quarantine
from glue_jobs.transforms.task_changes import parse_task_changes

BronzeRows = Callable[..., DataFrame]

ODD: dict[str, dict[str, Any]] = {
    "nothing": dict.fromkeys(name for name in bronze.TASK_CHANGES.names if name != "event_id"),
    "microseconds": {
        "changed_at": datetime(2025, 10, 15, 23, 59, 59, 999_999, tzinfo=UTC),
        "ingested_at": datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC),
    },
    "unicode": {"user_id": "Zoë 🧺 \u2028\u0000\t\"\\'", "new_image": '{"title": {"S": "é\\u00e9\u2029"}}'},
    "many digits": {"sequence_number": "9" * 40, "new_image": {"n": {"N": "12345678901234567890123456789012345678"}}},
    "no JSON": {"new_image": "{", "old_image": ""},
    "a large image": {"new_image": {"text": {"S": "x" * 400_000}}},
    "flags": {"is_ttl_delete": True, "images_object": "claim_checks/o.json"},
}


def quarantined(rows: DataFrame, source: str = "bronze.task_changes", key: str = "event_id") -> DataFrame:
    schema = {"event_id": bronze.TASK_CHANGES, "log_event_id": bronze.API_LOGS}[key]
    return to_quarantine(rows.withColumn("reason", F.lit("r")), source, key, schema, F.current_timestamp())


def test_a_change_comes_out_of_quarantine_as_it_went_in(bronze_rows: BronzeRows) -> None:
    rows = bronze_rows(*({**given, "event_id": name} for name, given in ODD.items()))
    given_back = to_bronze(quarantined(rows), bronze.TASK_CHANGES)
    assert_df_equality(given_back, rows, ignore_row_order=True)


def test_a_log_line_comes_out_of_quarantine_as_it_went_in(spark: SparkSession) -> None:
    schema = StructType([*bronze.API_LOGS, StructField("bronze_object", StringType())])
    line = {"log_event_id": "1", "message": '{"log":"access","status":-}\n', "bronze_object": "bronze/api_logs/o"}
    rows = spark.createDataFrame([{**dict.fromkeys(schema.names), **line}], schema)
    assert_df_equality(to_bronze(quarantined(rows, "bronze.api_logs", "log_event_id"), bronze.API_LOGS), rows)


def test_a_row_of_quarantine_says_where_it_is_from_and_why_it_is_there(bronze_rows: BronzeRows) -> None:
    faulty = parse_task_changes(bronze_rows({"event_id": "bad", "new_image": {"title": {"N": "5"}}}))
    at = F.lit("2025-10-16").cast("timestamp")
    rows = to_quarantine(faulty, "bronze.task_changes", "event_id", bronze.TASK_CHANGES, at)
    [row] = rows.collect()
    assert (row.record_id, row.source) == ("bad", "bronze.task_changes")
    assert row.reason == "title is not of type S; status is missing"
    assert row.bronze_object == "bronze/task_changes/2025/10/15/ada/o.parquet"
    assert row.quarantined_at.astimezone(UTC) == datetime(2025, 10, 16, tzinfo=UTC)
    assert [(f.name, f.dataType) for f in rows.schema] == [(f.name, f.dataType) for f in QUARANTINE.columns]


def test_a_row_that_was_delivered_twice_is_quarantined_once(bronze_rows: BronzeRows) -> None:
    rows = bronze_rows({"bronze_object": "a"}, {"bronze_object": "b"}, {"event_id": "e2"})
    assert sorted(row.record_id for row in quarantined(rows).collect()) == ["e1", "e2"]
