"""What the gate says of a few rows."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from great_expectations.expectations.expectation import Expectation
from pyspark.sql import DataFrame, SparkSession

from athena_queries.gold_table import read_gold_tables
from data_quality.gate import Gate, Verdict
from glue_jobs.schemas.table import Table


def rows(spark: SparkSession, table: Table, *given: dict[str, Any]) -> DataFrame:
    """Return rows of a table, null in every column that is not given."""
    empty = dict.fromkeys(table.columns.names)
    return spark.createDataFrame([{**empty, **row} for row in given], table.columns)


def gold(spark: SparkSession, table: str, *given: dict[str, Any]) -> DataFrame:
    """Return rows of a Gold table as its metadata describes it, null in every column that is not given."""
    [columns] = [each.columns for each in read_gold_tables() if each.name == table]
    # Spark's name of a type has no precision, and it has no varchar without a length.
    plain = {name: column.type.partition("(")[0].replace("varchar", "string") for name, column in columns.items()}
    types = ", ".join(f"{name} {type_}" for name, type_ in plain.items())
    return spark.createDataFrame([{**dict.fromkeys(columns), **row} for row in given], types)


def reader(**silver: DataFrame) -> Callable[[str], DataFrame]:
    """Return what reads these tables of Silver, and no other."""
    return lambda table: silver[table.removeprefix("silver.")]


def verdict(folder: Path, evidence: DataFrame, expectations: Sequence[Expectation]) -> Verdict:
    """Return the verdict on the evidence, whose Data Docs nobody writes."""
    return Gate(f"file://{folder}", "run").audit("t", evidence, expectations)


def failed(found: Verdict) -> dict[str, int]:
    """Return the rows that broke each expectation, by its columns; one that could not be judged is a mistake."""
    assert not any("exception" in str(failure).lower() for failure in found.failures), found
    return {failure.columns: failure.unexpected for failure in found.failures}
