"""What there is of a table in the lake's bucket, removed: Athena deletes none of a failed statement's files."""

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from athena_queries.engines.athena_calls import refusals
from athena_queries.engines.engine import CATALOG, NewTable, is_build_folder
from athena_queries.sql import QueryError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def drop(spark: "SparkSession", s3: Any, table: NewTable) -> None:
    """Drop a table that may be there, and delete every object at its location."""
    # By Spark: dropped by another, the table would stay in Spark's cache and be read from there.
    spark.sql(f"DROP TABLE IF EXISTS {CATALOG}.{table.name}")
    _empty(s3, *_place(table.location))


def remove_others(s3: Any, folder: str, kept: Collection[str]) -> None:
    """Delete every object of the builds' folders in a folder that are none of these locations."""
    bucket, place = _place(folder)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{place}/", Delimiter="/")
    with refusals():
        found = [each["Prefix"].rstrip("/") for page in pages for each in page.get("CommonPrefixes", [])]
    for prefix in set(found) - {_place(location)[1].rstrip("/") for location in kept}:
        if is_build_folder(prefix.rpartition("/")[2]):
            _empty(s3, bucket, prefix)


def _empty(s3: Any, bucket: str, folder: str) -> None:
    with refusals():
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{folder}/"):
            _delete(s3, bucket, [each["Key"] for each in page.get("Contents", [])])


def _delete(s3: Any, bucket: str, keys: list[str]) -> None:
    if not keys:
        return
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True})
    for refused in answer.get("Errors", []):
        raise QueryError(f"s3://{bucket}/{refused['Key']} cannot be deleted: {refused['Message']}")


def _place(location: str) -> tuple[str, str]:
    """Return the bucket and the folder; what is no folder below a bucket must not be emptied."""
    found = re.fullmatch(r"s3://(?P<bucket>[a-z0-9.-]+)/(?P<folder>[\w./=-]*\w)/?", location)
    if not found:
        raise QueryError(f"a table's location is s3://<bucket>/<folder>, not {location!r}")
    return found["bucket"], found["folder"]
