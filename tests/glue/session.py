"""The tests' Spark where there is no laptop's: in AWS's image, and in an environment like it."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from pyspark.sql import SparkSession

from glue_jobs.session import lake_settings, start_session


def start_spark(lake: Path, settings: Mapping[str, str] = MappingProxyType({})) -> SparkSession:
    """Return a Spark session over one lake; the jars and the rest are what Spark finds where it is installed."""
    few = {"spark.master": "local[2]", "spark.ui.enabled": "false", "spark.eventLog.enabled": "false"}
    return start_session("task-lake", {**few, **lake_settings(f"file://{lake}"), **settings})
