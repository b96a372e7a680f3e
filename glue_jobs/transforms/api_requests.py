"""What single log lines say of a request becomes the request."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from glue_jobs.schemas.silver import API_REQUESTS

ANONYMOUS = "anonymous"
HALF = ("request_id", "access", "application_logged_at", "application_user", "application_error", "lambda_duration_ms")


def to_api_requests(halves: DataFrame) -> DataFrame:
    """Return one row per ``request_id`` in the schema of ``silver.api_requests``; rows of that table are halves too.

    Least and greatest do not ask in which order, how often or in how many parts they are given what they compare: so
    a line may come twice, late or first, and Silver is the same. ``status_code`` is null until the access line comes.
    """
    joined = halves.groupBy("request_id").agg(
        *(F.min(part).alias(part) for part in HALF[1:-1]), F.max("lambda_duration_ms").alias("lambda_duration_ms")
    )
    return joined.select(
        "*",
        F.coalesce("access.user_id", "application_user.user_id", F.lit(ANONYMOUS)).alias("user_id"),
        F.coalesce("access.requested_at", "application_logged_at").alias("requested_at"),
        *(F.col(f"access.{name}") for name in ("method", "route", "status_code", "latency_ms")),
        F.coalesce("application_error.message", "access.integration_error").alias("error"),
    ).select(API_REQUESTS.columns.names)
