"""What a suite looks at: millions of rows as the few kinds there are of them.

Rows alike in every column that a suite looks at pass or fail together. So Spark counts each kind where the rows are,
in a pass over those columns, and Great Expectations judges the kinds: its verdict is that of judging every row.
"""

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

PRESENT = "present"
# More kinds of row than these mean that something is wrong with very many of them: nobody needs to see them all.
MOST_KINDS = 100_000


def kinds_of(looked_at: DataFrame) -> DataFrame:
    """Return one row per distinct row, with the number of ``rows`` that are so."""
    return looked_at.groupBy(looked_at.columns).agg(F.count("*").alias("rows"))


def presence(column: str) -> Column:
    """Return a column of whose values a suite asks only whether they are there: null where they are not."""
    return F.when(F.col(column).isNotNull(), F.lit(PRESENT)).alias(column)


def copies_of(rows: DataFrame, key: Sequence[str]) -> DataFrame:
    """Return one row per key that more than one row has: the key, and their number as ``copies`` and as ``rows``."""
    hashed = rows.select(*key, F.xxhash64(*key).alias("hash"))
    # Counting hashes is cheap, and where no two are equal no two keys are: the others are few, and counted exactly.
    repeated = hashed.groupBy("hash").agg(F.count("*").alias("copies")).where(F.col("copies") > 1).select("hash")
    # Where there are none, as almost always, Spark does not even begin to read the rows again.
    suspected = F.broadcast(repeated.limit(MOST_KINDS + 1))
    counted = hashed.join(suspected, "hash", "left_semi").groupBy(*key).agg(F.count("*").alias("copies"))
    return counted.where(F.col("copies") > 1).withColumn("rows", F.col("copies"))
