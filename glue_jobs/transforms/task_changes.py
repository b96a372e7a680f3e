"""Bronze's raw images become the typed history of every task."""

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.types import (
    BooleanType,
    DataType,
    DateType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from glue_jobs.schemas.silver import QUARANTINE, TASK_CHANGES
from glue_jobs.schemas.task import KEY_ATTRIBUTES, TASK_ATTRIBUTES, Attribute

# One second past 9999-12-31: the last instant that Python, Parquet readers and SQL dates all hold.
_END_OF_TIME = 253402300800

_IMAGES = ("new_image", "old_image")
_MEANINGS: dict[type[DataType], str] = {DateType: "a date", TimestampType: "a time in Unix seconds"}
_STATUS_ONLY = StructType([StructField("status", StructType([StructField("S", StringType())]))])


def with_claimed_images(bronze: DataFrame, claimed: DataFrame) -> DataFrame:
    """Return the same rows, the images of a change too large for Firehose put back from where ``claimed`` read them."""
    images = claimed.select("event_id", *(F.col(name).alias(f"claimed_{name}") for name in _IMAGES))
    joined = bronze.join(images.dropDuplicates(["event_id"]), "event_id", how="left")
    return joined.withColumns({name: F.coalesce(name, f"claimed_{name}") for name in _IMAGES}).select(bronze.columns)


def parse_task_changes(bronze: DataFrame, attributes: Sequence[Attribute] = TASK_ATTRIBUTES) -> DataFrame:
    """Return one row per Bronze row: the columns of ``silver.task_changes`` and ``reason``, null where all is well.

    Attributes are those after the change; for a REMOVE, which leaves nothing behind, those before it.
    Reads ``bronze.task_changes`` with ``bronze_object``, the key of the object the row came from.
    """
    image = F.coalesce("new_image", "old_image")
    images = bronze.select(
        "*",
        F.from_json(image, _image_schema(attributes)).alias("image"),
        F.from_json(image, "map<string,string>").alias("attributes"),
        F.from_json("new_image", _STATUS_ONLY)["status"]["S"].alias("new_status"),
        F.from_json("old_image", _STATUS_ONLY)["status"]["S"].alias("old_status"),
    )
    typed = images.withColumns({attribute.name: _typed(attribute) for attribute in attributes})
    return typed.withColumns({"extra": _extra(attributes), "reason": _reason(attributes)}).drop("image", "attributes")


def keep_typed(parsed: DataFrame) -> DataFrame:
    """Return one row per ``event_id`` in the schema of ``silver.task_changes``: what could be typed, delivered first.

    Firehose and the event source mapping both deliver at least once, so the same change comes again.
    """
    deliveries = Window.partitionBy("event_id").orderBy("ingested_at", "bronze_object")
    first = parsed.where(F.col("reason").isNull()).withColumn("delivery", F.row_number().over(deliveries))
    return first.where(F.col("delivery") == 1).select(TASK_CHANGES.columns.names)


def to_quarantine(parsed: DataFrame, quarantined_at: Column) -> DataFrame:
    """Return one row per ``event_id`` that could not be typed: why, and the whole Bronze row as JSON text."""
    raw = F.to_json(
        F.struct("event_name", "sequence_number", "changed_at", "user_id", "task_id", "new_image", "old_image")
    )
    bad = parsed.where(F.col("reason").isNotNull()).dropDuplicates(["event_id"])
    return bad.select(
        "event_id",
        F.lit("bronze.task_changes").alias("source"),
        "reason",
        raw.alias("raw"),
        "bronze_object",
        quarantined_at.alias("quarantined_at"),
    ).select(QUARANTINE.columns.names)


def _image_schema(attributes: Sequence[Attribute]) -> StructType:
    """Return each attribute's value under its declared type, and DynamoDB's mark for an explicit null."""
    null = StructField("NULL", BooleanType())
    return StructType(
        [
            StructField(each.name, StructType([StructField(each.dynamodb_type, StringType()), null]))
            for each in attributes
        ]
    )


def _text(attribute: Attribute) -> Column:
    return F.col("image")[attribute.name][attribute.dynamodb_type]


def _typed(attribute: Attribute) -> Column:
    text = _text(attribute)
    match attribute.silver_type:
        case TimestampType():
            seconds = text.cast("decimal(20,6)")
            return F.when(seconds.between(0, _END_OF_TIME - 1), F.timestamp_seconds(seconds))
        case DateType():
            return F.when(text.rlike(r"^(?!0000)\d{4}-\d{2}-\d{2}$"), F.to_date(text))
        case StringType():
            return text
        case other:
            return text.cast(other)


def _extra(attributes: Sequence[Attribute]) -> Column:
    modelled = [*KEY_ATTRIBUTES, *(attribute.name for attribute in attributes)]
    return F.map_filter("attributes", lambda name, _: ~name.isin(modelled))


def _reason(attributes: Sequence[Attribute]) -> Column:
    faults = [fault for attribute in attributes for fault in _faults(attribute)]
    is_no_image = F.when(F.col("attributes").isNull(), F.lit("the image is not DynamoDB-JSON"))
    return F.nullif(F.concat_ws("; ", _missing_images(), is_no_image, *faults), F.lit(""))


def _missing_images() -> Column:
    """Return what a stream with another view than NEW_AND_OLD_IMAGES leaves out: without it no change can be told."""
    has_new, has_old = F.col("new_image").isNotNull(), F.col("old_image").isNotNull()
    needs_new, needs_old = F.col("event_name") != "REMOVE", F.col("event_name") != "INSERT"
    is_missing = (needs_new & ~has_new) | (needs_old & ~has_old)
    is_claimed = F.col("images_object").isNotNull()
    return F.when(is_missing & is_claimed, F.lit("the object that holds the images is missing")).when(
        is_missing, F.lit("the stream record lacks an image: its view must be NEW_AND_OLD_IMAGES")
    )


def _faults(attribute: Attribute) -> list[Column]:
    """Return the ways in which a declared attribute can be wrong, each null where it is right."""
    name, text = attribute.name, _text(attribute)
    is_there = F.col("attributes")[name].isNotNull()
    is_null = F.coalesce(F.col("image")[name]["NULL"], F.lit(False))
    faults = [
        F.when(is_there & text.isNull() & ~is_null, F.lit(f"{name} is not of type {attribute.dynamodb_type}")),
    ]
    if not isinstance(attribute.silver_type, StringType):
        meaning = _MEANINGS.get(type(attribute.silver_type), f"a {attribute.silver_type.simpleString()}")
        faults.append(F.when(text.isNotNull() & F.col(name).isNull(), F.lit(f"{name} is not {meaning}")))
    if attribute.is_required:
        is_missing = F.col("attributes").isNotNull() & (~is_there | is_null)
        faults.append(F.when(is_missing, F.lit(f"{name} is missing")))
    return faults
