"""Bronze's objects as rows."""

from collections.abc import Sequence

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
    rows = spark.read.schema(schema).parquet(*(f"{lake}/{key}" for key in object_keys))
    # Spark gives the path percent-encoded, and the key holds percent signs of its own.
    path, root = F.url_decode(F.col("_metadata.file_path")), lake.partition(":")[2].strip("/")
    return rows.withColumn("bronze_object", F.regexp_extract(path, rf"^\w+:/+\Q{root}\E/(.*)$", 1))


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
