"""Bronze's objects as rows."""

from collections.abc import Sequence
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from glue_jobs.storage.files import open_filesystem


def read_bronze(spark: SparkSession, lake: str, object_keys: Sequence[str], schema: StructType) -> DataFrame:
    """Return the rows of just these objects, each with ``bronze_object``, the key it came from.

    Spark takes paths as patterns; the template's query leaves no pattern character in a key.
    """
    if not object_keys:
        return spark.createDataFrame([], schema).withColumn("bronze_object", F.lit(None).cast("string"))
    rows = _parquet_objects(spark, [f"{lake}/{key}" for key in object_keys], schema)
    path, root = F.col("_metadata.file_path"), lake.partition(":")[2].strip("/")
    # Spark gives the path percent-encoded, and the key holds percent signs of its own; most have none.
    decoded = F.when(path.contains("%"), F.url_decode(path)).otherwise(path)
    start = F.instr(decoded, f"{root}/") + len(root) + 1
    return rows.withColumn("bronze_object", decoded.substr(start, F.length(decoded)))


def _parquet_objects(spark: SparkSession, paths: Sequence[str], schema: StructType) -> DataFrame:
    """Return what ``spark.read.parquet(*paths)`` does.

    py4j hands a list to the JVM path by path, a third of the time that 25,000 small objects take; a text goes at once,
    and percent-encoding leaves no line break in a key.
    """
    java: Any = spark
    array = java._jvm.java.util.regex.Pattern.compile("\n").split("\n".join(paths))
    return DataFrame(spark.read.schema(schema)._jreader.parquet(array), spark)


def read_claimed(spark: SparkSession, lake: str, object_keys: Sequence[str], schema: StructType) -> DataFrame:
    """Return one row per claim-checked object that is there: JSON too large for Firehose, put beside Bronze.

    One that is missing makes no row: what claims it is quarantined, and blocks nothing else.
    """
    filesystem, root = open_filesystem(lake)
    found = filesystem.get_file_info([f"{root}/{key}" for key in object_keys])
    keys = [key for key, info in zip(object_keys, found, strict=True) if info.is_file]
    if not keys:
        return spark.createDataFrame([], schema)
    return spark.read.schema(schema).json([f"{lake}/{key}" for key in keys])
