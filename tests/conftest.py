"""What the tests share: one Spark session over one scratch lake."""

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StringType, StructField, StructType

from glue_jobs.schemas import bronze

try:
    from local.spark import start_spark
except ModuleNotFoundError:  # With what Glue has and no more: docker/inside.
    from tests.glue.session import start_spark

# A test's JVM lives for seconds on two cores: its optimizing compiler would take more of them than it gives back.
os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m")

STREAM_ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/todo-app-data/stream/2025-10-15T00:00:00.000"


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lake")


@pytest.fixture(scope="session")
def spark(lake: Path) -> Iterator[SparkSession]:
    session = start_spark(lake)
    # Frames of a few rows: compiling a query would take longer than running it.
    session.conf.set("spark.sql.codegen.wholeStage", "false")
    session.conf.set("spark.sql.codegen.factoryMode", "NO_CODEGEN")
    session.conf.set("spark.sql.shuffle.partitions", "1")
    session.conf.set("spark.sql.adaptive.enabled", "false")
    yield session
    session.stop()


@pytest.fixture
def bronze_rows(spark: SparkSession) -> Callable[..., DataFrame]:
    """Give a maker of `bronze.task_changes` frames: a dict a row, with only what the test is about."""

    def rows(*given: dict[str, Any]) -> DataFrame:
        schema = StructType([*bronze.TASK_CHANGES, StructField("bronze_object", StringType())])
        return spark.createDataFrame([bronze_row(**row) for row in given], schema)

    return rows


def bronze_row(**given: Any) -> dict[str, Any]:
    """Return one Bronze row; images are given as DynamoDB-JSON dicts or as text."""
    row = {
        "event_id": "e1",
        "event_name": "INSERT",
        "sequence_number": "1" * 21,
        "changed_at": datetime(2025, 10, 15, 12, tzinfo=UTC),
        "user_id": "ada",
        "task_id": "t1",
        "event_date": date(2025, 10, 15),
        "is_ttl_delete": False,
        "new_image": None,
        "old_image": None,
        "stream_arn": STREAM_ARN,
        "ingested_at": datetime(2025, 10, 15, 12, 1, tzinfo=UTC),
        "images_object": None,
        "bronze_object": "bronze/task_changes/2025/10/15/ada/o.parquet",
        **given,
    }
    for image in ("new_image", "old_image"):
        if isinstance(row[image], dict):
            row[image] = json.dumps(row[image])
    return row
