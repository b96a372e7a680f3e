"""The Spark session every job starts in, on a laptop, on a cluster, in the image and on Glue."""

from collections.abc import Mapping
from typing import Any

from py4j.java_gateway import java_import
from pyspark.sql import SparkSession

from glue_jobs.storage.iceberg import CATALOG

_CATALOG = f"spark.sql.catalog.{CATALOG}"

_ENGINE = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
    _CATALOG: "org.apache.iceberg.spark.SparkCatalog",
    # A user may be called `${x}`: in SQL that a job makes, it is no variable.
    "spark.sql.variable.substitute": "false",
    # A cast that fails gives NULL, which the transforms turn into a reason for quarantine.
    "spark.sql.ansi.enabled": "false",
    # Above 8,000 bytes of bytecode HotSpot does not compile a method. Parsing an image is such a method where Spark
    # makes one of a whole stage, and is two times slower than in parts.
    "spark.sql.codegen.hugeMethodLimit": "8000",
    # Claim checks are many small objects: Spark's default, 4 MB an object, would open them a few at a time.
    "spark.sql.files.openCostInBytes": "65536",
}


# PySpark asks the JVM for these by name hundreds of times a run, and py4j then tries every package that PySpark imports
# from, each in some three hundred jars. Imported by themselves they are found at once.
_CLASSES = (
    "org.apache.spark.sql.functions",
    "org.apache.spark.api.python.PythonUtils",
    "org.apache.iceberg.spark.Spark3Util",
)


def lake_settings(lake: str) -> dict[str, str]:
    """Return Spark's settings for one lake: `s3://bucket` in the Glue Data Catalog, `file:///folder` in SQLite."""
    if lake.startswith("s3://"):
        catalog = {
            f"{_CATALOG}.catalog-impl": "org.apache.iceberg.aws.glue.GlueCatalog",
            f"{_CATALOG}.io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
        }
    else:
        catalog = {
            f"{_CATALOG}.type": "jdbc",
            f"{_CATALOG}.uri": f"jdbc:sqlite:{lake.removeprefix('file://')}/catalog.db",
            # V1 is the schema that holds views: Gold is published by them.
            f"{_CATALOG}.jdbc.schema-version": "V1",
        }
    return {**_ENGINE, **catalog, f"{_CATALOG}.warehouse": lake}


def start_session(app_name: str, settings: Mapping[str, str]) -> SparkSession:
    """Return the running session with these settings, or a new one."""
    builder = SparkSession.builder.appName(app_name)
    for key, value in settings.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    java: Any = spark
    for name in _CLASSES:
        java_import(java._jvm, name)
    return spark
