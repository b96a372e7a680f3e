"""Rows that cannot be typed, kept whole, and given back as the Bronze rows they were."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from glue_jobs.schemas.silver import QUARANTINE

# JSON's default has milliseconds; `ingested_at` has microseconds.
_TIMES = {"timestampFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX"}


def to_quarantine(faulty: DataFrame, source: str, key: str, schema: StructType, quarantined_at: Column) -> DataFrame:
    """Return one row per ``key`` of the Bronze rows given with a ``reason``, each whole as JSON text in ``raw``.

    A row without a key has a digest of itself as its id.
    """
    whole = faulty.withColumn("raw", F.to_json(F.struct(*schema.names), _TIMES))
    values = {
        "record_id": F.coalesce(key, F.sha2("raw", 256)),
        "source": F.lit(source),
        "quarantined_at": quarantined_at,
    }
    return whole.withColumns(values).dropDuplicates(["record_id"]).select(QUARANTINE.columns.names)


def to_bronze(quarantined: DataFrame, schema: StructType) -> DataFrame:
    """Return the Bronze rows that ``to_quarantine`` kept, in the schema they had, with ``bronze_object``."""
    row = F.from_json("raw", schema, _TIMES).alias("row")
    return quarantined.select(row, "bronze_object").select("row.*", "bronze_object")
