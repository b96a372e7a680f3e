"""Bronze's raw images become the typed history of every task."""

from collections.abc import Sequence
from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.types import (
    BooleanType,
    DataType,
    DateType,
    DecimalType,
    IntegralType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from glue_jobs.schemas.silver import TASK_CHANGES
from glue_jobs.schemas.task import KEY_ATTRIBUTES, TASK_ATTRIBUTES, Attribute

# One second past 9999-12-31: the last instant that Python, Parquet readers and SQL dates all hold.
_END_OF_TIME = 253402300800
# What Python's dates begin with.
_FIRST_DAY = "0001-01-01"

_IMAGES = ("new_image", "old_image")
_MEANINGS: dict[type[DataType], str] = {DateType: "a date", TimestampType: "a time in Unix seconds"}
# Without these a change has no place in a task's history.
_NEEDED = ("event_id", "event_name", "sequence_number", "changed_at", "user_id", "task_id")
_STATUS = "$.status.S"
_TEXTS = "map<string,string>"


def with_claimed_images(bronze: DataFrame, claimed: DataFrame) -> DataFrame:
    """Return the same rows, the images of a change too large for Firehose put back from where ``claimed`` read them."""
    images = claimed.select("event_id", *(F.col(name).alias(f"claimed_{name}") for name in _IMAGES))
    joined = bronze.join(images.dropDuplicates(["event_id"]), "event_id", how="left")
    return joined.withColumns({name: F.coalesce(name, f"claimed_{name}") for name in _IMAGES}).select(bronze.columns)


def parse_task_changes(bronze: DataFrame, attributes: Sequence[Attribute] = TASK_ATTRIBUTES) -> DataFrame:
    """Return one row per Bronze row: the columns of ``silver.task_changes``, ``is_faulty``, and then ``reason``.

    Attributes are those after the change; for a REMOVE, which leaves nothing behind, those before it.
    Reads ``bronze.task_changes`` with ``bronze_object``, the key of the object the row came from.
    """
    image, has_new = F.coalesce("new_image", "old_image"), F.col("new_image").isNotNull()
    # Reading JSON is most of this job's work: an image is read for its values and for its names, the one it replaced
    # for its status alone. Each step keeps what the next one uses more than once, or Spark would work it out again.
    images = bronze.select(
        "*",
        F.from_json(image, _image_schema(attributes)).alias("image"),
        F.json_object_keys(image).alias("names"),
        image.alias("text"),
        F.when(has_new, F.get_json_object("old_image", _STATUS)).alias("replaced_status"),
        has_new.alias("has_new"),
        _missing_images().alias("missing_images"),
    )
    status = F.col("image")["status"]["S"]
    changes = images.select(
        *images.columns,
        F.when(F.col("has_new"), status).alias("new_status"),
        F.when(F.col("has_new"), F.col("replaced_status")).otherwise(status).alias("old_status"),
        *(typed(attribute, F.col("image")[attribute.name]).alias(attribute.name) for attribute in attributes),
        _extra(attributes).alias("extra"),
    )
    # Whoever wants good rows alone never has a reason worked out: it takes longer than to see that there is none.
    names = [*bronze.columns, "new_status", "old_status", *(attribute.name for attribute in attributes), "extra"]
    is_faulty = _is_faulty(attributes)
    return changes.select(*names, is_faulty.alias("is_faulty"), F.when(is_faulty, _reason(attributes)).alias("reason"))


def in_slices(changes: DataFrame, cuts: Sequence[int]) -> DataFrame:
    """Return the changes with ``slice``, the part of time they are in, and each slice in one partition.

    ``cuts`` are Unix seconds. Spark's own range partitioning would read, and parse, everything twice to find them.
    """
    moment = F.unix_timestamp("changed_at")
    slice_ = sum(((moment >= cut).cast("int") for cut in cuts), F.lit(0))
    return changes.withColumn("slice", slice_).repartition("slice")


def keep_first_delivery(changes: DataFrame) -> DataFrame:
    """Return one row per ``event_id``, the change as it was delivered first, each partition in order of time.

    Firehose and the event source mapping both deliver at least once, so the same change comes again. It has the same
    ``changed_at`` and so the same ``slice``: one sort lays the rows out and brings duplicates together.
    """
    deliveries = Window.partitionBy("changed_at", "event_id", "slice").orderBy("ingested_at", "bronze_object")
    numbered = changes.withColumn("delivery", F.row_number().over(deliveries))
    return numbered.where(F.col("delivery") == 1).select(TASK_CHANGES.columns.names)


def with_promoted(rows: DataFrame, promoted: Sequence[Attribute]) -> DataFrame:
    """Return the rows of a Silver table with these attributes typed from ``extra``, where they were until now.

    A value of another type than the one declared stays in ``extra``: its row was published long ago.
    """
    for attribute in promoted:
        name, value = attribute.name, F.from_json(F.col("extra")[attribute.name], _value_schema(attribute))
        is_other = typed(attribute, value).isNull() & ~F.coalesce(value["NULL"], F.lit(False))
        rows = rows.withColumns(
            {
                name: F.coalesce(name, typed(attribute, value)),
                "extra": F.when(is_other, F.col("extra")).otherwise(_without([name])),
            }
        )
    return rows


def typed(attribute: Attribute, value: Column) -> Column:
    """Return an attribute's value in Silver's type, from the struct of its DynamoDB-JSON; null where it has another."""
    text = value[attribute.dynamodb_type]
    match attribute.silver_type:
        case TimestampType():
            return _moment(text)
        case DateType():
            day = F.to_date(text)
            # A cast takes `2025-1` too: a date is what is written as one.
            return F.when((day.cast("string") == text) & (day >= _FIRST_DAY), day)
        case StringType():
            return text
        case IntegralType() | DecimalType():
            number = text.cast(attribute.silver_type)
            # A cast cuts a fraction off, or rounds it: what the type cannot hold is no value of it.
            return F.when(_significant(number.cast("string")) == _significant(text), number)
        case other:
            return text.cast(other)


def _moment(text: Column) -> Column:
    """Return the time of Unix seconds; almost all of them are whole, and a decimal takes ten times as long to read."""
    whole, exact = text.cast("bigint"), text.cast("decimal(20,6)")
    return F.when(
        whole.cast("string") == text,
        F.when(whole.between(0, _END_OF_TIME - 1), F.timestamp_seconds(whole)),
    ).otherwise(F.when(exact.between(0, _END_OF_TIME - 1), F.timestamp_seconds(exact)))


def _significant(number: Column) -> Column:
    """Return a number's text without the zeros that end its fraction."""
    return F.when(number.contains("."), F.regexp_replace(number, r"\.?0+$", "")).otherwise(number)


def _image_schema(attributes: Sequence[Attribute]) -> StructType:
    return StructType([StructField(each.name, _value_schema(each)) for each in attributes])


def _value_schema(attribute: Attribute) -> StructType:
    """Return an attribute's value under its declared type, and DynamoDB's mark for an explicit null."""
    return StructType([StructField(attribute.dynamodb_type, StringType()), StructField("NULL", BooleanType())])


def _extra(attributes: Sequence[Attribute]) -> Column:
    modelled = [*KEY_ATTRIBUTES, *(attribute.name for attribute in attributes)]
    has_others = F.exists("names", lambda name: ~name.isin(*modelled))
    others = _without(modelled, F.from_json("text", _TEXTS))
    return F.when(has_others, others).otherwise(F.create_map().cast(_TEXTS))


def _without(names: Sequence[str], extra: Column | str = "extra") -> Column:
    return F.map_filter(extra, lambda name, _: ~name.isin(*names))


def _is_faulty(attributes: Sequence[Attribute]) -> Column:
    """Return whether there is any reason."""
    is_missing = (F.col(name).isNull() for name in _NEEDED)
    is_no_image = F.col("names").isNull() | F.col("missing_images").isNotNull()
    return reduce(or_, [*is_missing, is_no_image, *(_is_wrong(attribute) for attribute in attributes)])


def _is_wrong(attribute: Attribute) -> Column:
    is_absent = ~_is_there(attribute) | _is_null(attribute)
    return F.col(attribute.name).isNull() & (F.lit(True) if attribute.is_required else ~is_absent)


def _is_there(attribute: Attribute) -> Column:
    """Return whether an image has an attribute, were its value no DynamoDB-JSON at all."""
    return F.array_contains("names", attribute.name)


def _is_null(attribute: Attribute) -> Column:
    return F.coalesce(F.col("image")[attribute.name]["NULL"], F.lit(False))


def _reason(attributes: Sequence[Attribute]) -> Column:
    faults = [fault for attribute in attributes for fault in _faults(attribute)]
    is_no_image = F.col("names").isNull() & F.col("missing_images").isNull()
    missing = (F.when(F.col(name).isNull(), F.lit(f"{name} is missing")) for name in _NEEDED)
    no_image = F.when(is_no_image, F.lit("the image is not DynamoDB-JSON"))
    return F.concat_ws("; ", *missing, "missing_images", no_image, *faults)


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
    name, text = attribute.name, F.col("image")[attribute.name][attribute.dynamodb_type]
    is_there, is_null = _is_there(attribute), _is_null(attribute)
    faults = [
        F.when(is_there & text.isNull() & ~is_null, F.lit(f"{name} is not of type {attribute.dynamodb_type}")),
    ]
    if not isinstance(attribute.silver_type, StringType):
        meaning = _MEANINGS.get(type(attribute.silver_type), f"a {attribute.silver_type.simpleString()}")
        faults.append(F.when(text.isNotNull() & F.col(name).isNull(), F.lit(f"{name} is not {meaning}")))
    if attribute.is_required:
        is_missing = F.col("names").isNotNull() & (~is_there | is_null)
        faults.append(F.when(is_missing, F.lit(f"{name} is missing")))
    return faults
