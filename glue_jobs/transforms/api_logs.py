"""Bronze's log lines become what each of them says of a request."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructField, StructType

from glue_jobs.schemas.silver import ACCESS, APPLICATION_ERROR, APPLICATION_USER
from glue_jobs.transforms.api_requests import MARGIN_DAYS

# What API Gateway writes for what it lacks; for a number too, and then the line is no JSON.
_NO_VALUE = "-"
_NO_NUMBER = r'("\w+"\s*:\s*)-(?=\s*[,}])'
_SAYS_ACCESS = r'(?s)^\s*\{.*"log"\s*:\s*"access"'

_REQUIRED = ("request_id", "requested_at_ms")
_TEXTS = ("request_id", "user_id", "method", "route")
# What each number of an access line has to look like.
_NUMBERS = {
    "requested_at_ms": (r"^\d{1,14}$", "a time in Unix milliseconds"),
    "status_code": (r"^[1-5]\d\d$", "an HTTP status"),
    "latency_ms": (r"^\d{1,14}$", "a whole number"),
}
_MEMBERS = ("log", *_TEXTS, *_NUMBERS, "integration_error", "duration_ms", "status", "message")
_NO_JSON = "no_json"
_LINE = StructType([StructField(name, StringType()) for name in (*_MEMBERS, _NO_JSON)])
# Spark takes 'single quotes', as Python prints a dict, for JSON if it is let.
_STRICT = {"allowSingleQuotes": "false", "columnNameOfCorruptRecord": _NO_JSON}


def with_claimed_messages(bronze: DataFrame, claimed: DataFrame) -> DataFrame:
    """Return the same rows, a line too large for Firehose put back from where ``claimed`` read it."""
    messages = claimed.select("log_event_id", F.col("message").alias("claimed_message"))
    joined = bronze.join(messages.dropDuplicates(["log_event_id"]), "log_event_id", how="left")
    return joined.withColumn("message", F.coalesce("message", "claimed_message")).select(bronze.columns)


def parse_api_logs(bronze: DataFrame) -> DataFrame:
    """Return the Bronze rows, each with ``half``, what the line says of a request, and ``reason``, why that is unclear.

    Both are null for a line of no request: Lambda's own, a traceback, one without a ``request_id``. Only a line that
    claims to be of the access log can be at fault; the application's text is anybody's, and gives what it has.
    """
    message = F.regexp_replace("message", _NO_NUMBER, "$1null")
    # Most lines are no JSON at all, and each of those would cost the parser an exception.
    json = F.from_json(F.when(F.col("message").rlike(r"^\s*\{"), message), _LINE, _STRICT)
    lines = bronze.withColumn("json", json).withColumn("line", F.struct(*map(_cleaned, _MEMBERS)))
    says_access = F.col("json")[_NO_JSON].isNotNull() & F.col("message").rlike(_SAYS_ACCESS)
    is_access = F.coalesce(_text("log") == "access", says_access, F.lit(False))
    judged = lines.withColumn("is_access", is_access).withColumn("reason", _reason())
    is_half = F.col("reason").isNull() & _text("request_id").isNotNull()
    return judged.withColumn("half", F.when(is_half, _half())).drop("json", "line", "is_access")


def keep_halves(parsed: DataFrame) -> DataFrame:
    """Return one row per line that says something of a request, in the columns that ``to_api_requests`` joins."""
    return parsed.where(F.col("half").isNotNull()).select("half.*")


def _cleaned(name: str) -> Column:
    """Return a member of the JSON line as text, null if it is absent, empty or API Gateway's `-`."""
    value = F.col("json")[name]
    return F.when(~value.isin("", _NO_VALUE), value).alias(name)


def _text(name: str) -> Column:
    return F.col("line")[name]


def _number(name: str) -> Column:
    pattern, _ = _NUMBERS[name]
    return F.when(_text(name).rlike(pattern), _text(name).cast("bigint"))


def _requested_at() -> Column:
    return F.timestamp_millis(_number("requested_at_ms"))


def _half() -> Column:
    """Return what the line says; an access line and one of the application fill different fields."""
    line = [F.col("logged_at"), F.col("log_event_id")]
    is_access, user_id = F.col("is_access"), _text("user_id")
    is_error = (_text("status") == "error") & _text("message").isNotNull()
    access = F.struct(
        *line,
        user_id.alias("user_id"),
        _requested_at().alias("requested_at"),
        _text("method").alias("method"),
        _text("route").alias("route"),
        _number("status_code").cast("int").alias("status_code"),
        _number("latency_ms").alias("latency_ms"),
        _text("integration_error").alias("integration_error"),
    )
    user = F.struct(*line, user_id.alias("user_id"))
    error = F.struct(*line, _text("message").alias("message"))
    # A decimal, for `NaN` is a number too, and the largest one.
    duration_ms = _text("duration_ms").cast("decimal(18,3)").cast("double")
    return F.struct(
        _text("request_id").alias("request_id"),
        F.when(is_access, access).cast(ACCESS).alias("access"),
        F.when(~is_access, F.col("logged_at")).alias("application_logged_at"),
        F.when(~is_access & user_id.isNotNull(), user).cast(APPLICATION_USER).alias("application_user"),
        F.when(~is_access & is_error, error).cast(APPLICATION_ERROR).alias("application_error"),
        F.when(~is_access, duration_ms).alias("lambda_duration_ms"),
    )


def _reason() -> Column:
    """Return why the line cannot be used, null where it can or where nothing is expected of it."""
    has_line = F.col("json")[_NO_JSON].isNull()
    is_lost = F.when(F.col("message").isNull(), F.lit("the message is missing, or the object that holds it"))
    is_no_json = F.when(~has_line, F.lit("the access line is not JSON"))
    missing = [F.when(has_line & _text(name).isNull(), F.lit(f"{name} is missing")) for name in _REQUIRED]
    nested = [F.when(_text(name).rlike(r"^[{\[]"), F.lit(f"{name} is not text")) for name in _TEXTS]
    wrong = [
        F.when(_text(name).isNotNull() & _number(name).isNull(), F.lit(f"{name} is not {meaning}"))
        for name, (_, meaning) in _NUMBERS.items()
    ]
    faults = F.nullif(F.concat_ws("; ", is_no_json, *missing, *nested, *wrong, _far()), F.lit(""))
    return F.coalesce(is_lost, F.when(F.col("is_access"), faults))


def _far() -> Column:
    """Return the fault of a time that is not the line's: one in seconds is read as a day of 1970.

    It would part the request from its other lines.
    """
    margin = F.expr(f"INTERVAL {MARGIN_DAYS} DAYS")
    is_near = _requested_at().between(F.col("logged_at") - margin, F.col("logged_at") + margin)
    return F.when(~is_near, F.lit(f"requested_at_ms is more than {MARGIN_DAYS} days from the line's own time"))
