"""What the gate says of a few rows."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from great_expectations.expectations.expectation import Expectation
from pyspark.sql import DataFrame, SparkSession

from data_quality.gate import Gate, Verdict
from glue_jobs.schemas.table import Table


def rows(spark: SparkSession, table: Table, *given: dict[str, Any]) -> DataFrame:
    """Return rows of a table, null in every column that is not given."""
    empty = dict.fromkeys(table.columns.names)
    return spark.createDataFrame([{**empty, **row} for row in given], table.columns)


def verdict(folder: Path, evidence: DataFrame, expectations: Sequence[Expectation]) -> Verdict:
    """Return the verdict on the evidence, whose Data Docs nobody writes."""
    return Gate(f"file://{folder}", "run").audit("t", evidence, expectations)


def failed(found: Verdict) -> dict[str, int]:
    """Return the rows that broke each expectation, by its columns; one that could not be judged is a mistake."""
    assert not any("exception" in str(failure).lower() for failure in found.failures), found
    return {failure.columns: failure.unexpected for failure in found.failures}
