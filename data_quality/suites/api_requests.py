"""What must hold of ``silver.api_requests``."""

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from data_quality.evidence import kinds_of, presence
from glue_jobs.transforms.api_requests import MARGIN_DAYS

_MARGIN_MICROS = MARGIN_DAYS * 86_400_000_000


def evidence(seen: DataFrame, requests: DataFrame) -> DataFrame:
    """Return one row per kind of request that this run saw, with the number of ``copies`` that the table has of it.

    ``seen`` has their ids, ``requests`` what the table has of their days. One that is missing has no copy, and nulls.
    Rows of one id are copies where they are no more than ``MARGIN_DAYS`` apart.
    """
    found = seen.select("request_id").distinct().join(requests.withColumn("row", F.lit(1)), "request_id", "left")
    near = Window.partitionBy("request_id").orderBy(F.unix_micros("requested_at"))
    copies = F.count("row").over(near.rangeBetween(-_MARGIN_MICROS, _MARGIN_MICROS)).alias("copies")
    # Of a time only its sign is looked at: kinds that differ in nothing else are one.
    signs = [F.least(name, F.lit(0)).alias(name) for name in ("latency_ms", "lambda_duration_ms")]
    return kinds_of(found.select(copies, "status_code", presence("user_id"), presence("requested_at"), *signs))


def expectations() -> list[Expectation]:
    """Return the suite: a request is there once, and has a user, a time and a status that HTTP knows."""
    return [
        gxe.ExpectColumnValuesToBeBetween(column="copies", min_value=1, max_value=1),
        gxe.ExpectColumnValuesToNotBeNull(column="user_id"),
        gxe.ExpectColumnValuesToNotBeNull(column="requested_at"),
        gxe.ExpectColumnValuesToBeBetween(column="status_code", min_value=100, max_value=599),
        gxe.ExpectColumnValuesToBeBetween(column="latency_ms", min_value=0, severity="warning"),
        gxe.ExpectColumnValuesToBeBetween(column="lambda_duration_ms", min_value=0, severity="warning"),
    ]
