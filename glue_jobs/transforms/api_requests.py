"""What single log lines say of a request becomes the request."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from glue_jobs.schemas.silver import API_REQUESTS

ANONYMOUS = "anonymous"
# The lines of one request are written within the 15 minutes that a function may run, whenever they arrive. What has
# its id and is further from it than this is another request: a client may choose the id, and choose it again.
MARGIN_DAYS = 7
HALF = ("request_id", "access", "application_logged_at", "application_user", "application_error", "lambda_duration_ms")


def to_api_requests(halves: DataFrame) -> DataFrame:
    """Return one row per request in the schema of ``silver.api_requests``; rows of that table are halves too.

    Halves of one ``request_id`` are of one request where none is further than ``MARGIN_DAYS`` from the next. Least and
    greatest do not ask in which order, how often or in how many parts they are given what they compare: so a line may
    come twice, late or first, and Silver is the same. ``status_code`` is null until the access line comes.
    """
    joined = (
        _with_use(halves)
        .groupBy("request_id", "use")
        .agg(*(F.min(part).alias(part) for part in HALF[1:-1]), F.max("lambda_duration_ms").alias("lambda_duration_ms"))
    )
    return joined.select(
        "*",
        F.coalesce("access.user_id", "application_user.user_id", F.lit(ANONYMOUS)).alias("user_id"),
        _requested_at().alias("requested_at"),
        *(F.col(f"access.{name}") for name in ("method", "route", "status_code", "latency_ms")),
        F.coalesce("application_error.message", "access.integration_error").alias("error"),
    ).select(API_REQUESTS.columns.names)


def is_same_request(one: str, other: str) -> str:
    """Return the SQL condition that two rows of one ``request_id`` are of one request."""
    margin = f"INTERVAL {MARGIN_DAYS} DAYS"
    return f"{one}.requested_at BETWEEN {other}.requested_at - {margin} AND {other}.requested_at + {margin}"


def _with_use(halves: DataFrame) -> DataFrame:
    """Return the halves, each with the number of the ``use`` of its id that it is of."""
    in_time = Window.partitionBy("request_id").orderBy("at")
    is_next = F.col("at") > F.lag("at").over(in_time) + F.expr(f"INTERVAL {MARGIN_DAYS} DAYS")
    timed = halves.withColumn("at", _requested_at()).withColumn("is_next", is_next)
    return timed.withColumn("use", F.count_if("is_next").over(in_time))


def _requested_at() -> Column:
    return F.coalesce("access.requested_at", "application_logged_at")
