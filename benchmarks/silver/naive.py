"""The job that most repositories show: `python -m benchmarks.silver.naive LAKE FOLDER` prints what it took.

It reads all of Bronze each time, appends what it parsed to a folder, and makes the other tables anew from that folder.
Spark is as it comes: only its memory is the laptop's, and it listens on this machine alone.
"""

import json
import os
import sys

from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from benchmarks.silver.measured import Stopwatch, jvm_id
from local.java import java_home

_TEXTS = ("title", "description", "status", "priority", "category", "due_date")
_TIMES = ("created_at", "updated_at", "completed_at", "ttl")
_IMAGE = ", ".join(
    [*(f"{name} struct<S: string>" for name in _TEXTS), *(f"{name} struct<N: string>" for name in _TIMES)]
)


def spark_as_it_comes() -> SparkSession:
    """Return a session with Spark's defaults."""
    os.environ["JAVA_HOME"] = str(java_home())
    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master("local[*]").config("spark.driver.memory", "2g")
    local = {"driver.host": "127.0.0.1", "driver.bindAddress": "127.0.0.1", "ui.enabled": "false"}
    for name, value in (local | {"sql.session.timeZone": "UTC"}).items():
        builder = builder.config(f"spark.{name}", value)
    return builder.getOrCreate()


def main(lake: str, silver: str) -> None:
    """Make the tables under ``silver``, and print the seconds."""
    spark = spark_as_it_comes()
    job = Stopwatch(jvm_id(spark))
    parsed(spark.read.parquet(f"{lake}/bronze/task_changes/*/*/*/*")).write.mode("append").parquet(
        f"{silver}/task_changes"
    )
    changes = spark.read.parquet(f"{silver}/task_changes").dropDuplicates(["event_id"])
    latest_states(changes).write.mode("overwrite").parquet(f"{silver}/tasks")
    per_user_daily(changes).write.mode("overwrite").parquet(f"{silver}/tasks_per_user_daily")
    print(json.dumps(job.read()))


def parsed(bronze: DataFrame) -> DataFrame:
    """Return one row per Bronze row, its image's attributes typed as far as they are known."""
    images = bronze.withColumns(
        {
            "image": F.from_json(F.coalesce("new_image", "old_image"), _IMAGE),
            "old_status": F.get_json_object("old_image", "$.status.S"),
            "new_status": F.get_json_object("new_image", "$.status.S"),
        }
    )
    texts = {name: F.col(f"image.{name}.S") for name in _TEXTS}
    times = {name: F.timestamp_seconds(F.col(f"image.{name}.N").cast("long")) for name in _TIMES}
    return images.withColumns(texts | times).drop("image", "new_image", "old_image")


def latest_states(changes: DataFrame) -> DataFrame:
    """Return one row per task: its last change."""
    by_task = Window.partitionBy("user_id", "task_id").orderBy(F.lpad("sequence_number", 40, "0").desc())
    return changes.withColumn("number", F.row_number().over(by_task)).where("number = 1").drop("number")


def per_user_daily(changes: DataFrame) -> DataFrame:
    """Return one row per day and user."""
    removed = F.col("event_name") == "REMOVE"
    reopened = F.col("old_status").isin("completed", "cancelled") & F.col("new_status").isin("pending", "in_progress")
    hours = (F.unix_timestamp("completed_at") - F.unix_timestamp("created_at")) / 3600
    return changes.groupBy(F.to_date("changed_at").alias("activity_date"), "user_id").agg(
        F.count_if(F.col("event_name") == "INSERT").alias("tasks_created"),
        F.count_if(F.col("event_name") == "MODIFY").alias("tasks_updated"),
        F.count_if(_enters("in_progress")).alias("tasks_started"),
        F.count_if(_enters("completed")).alias("tasks_completed"),
        F.count_if(_enters("cancelled")).alias("tasks_cancelled"),
        F.count_if(reopened).alias("tasks_reopened"),
        F.count_if(removed & ~F.col("is_ttl_delete")).alias("tasks_deleted"),
        F.count_if(removed & F.col("is_ttl_delete")).alias("tasks_expired"),
        F.avg(F.when(_enters("completed"), hours)).alias("avg_completion_hours"),
    )


def _enters(status: str) -> Column:
    return (F.col("new_status") == status) & ~F.col("old_status").eqNullSafe(status)


if __name__ == "__main__":
    main(*sys.argv[1:])
