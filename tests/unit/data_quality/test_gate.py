from pathlib import Path

import great_expectations.expectations as gxe
import pytest
from great_expectations.expectations.expectation import Expectation
from pyspark.sql import DataFrame, SparkSession

from data_quality.gate import Gate, GateFailedError


def unique() -> Expectation:
    return gxe.ExpectColumnValuesToBeUnique(column="id")


def positive() -> Expectation:
    return gxe.ExpectColumnValuesToBeBetween(column="id", min_value=1, severity="warning")


def kinds(spark: SparkSession, *given: tuple[int | None, int]) -> DataFrame:
    return spark.createDataFrame(list(given), "id int, rows long")


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(f"file://{tmp_path}/data_docs", "run1")


def test_rows_that_meet_every_expectation_pass(spark: SparkSession, gate: Gate) -> None:
    verdict = gate.audit("silver.t", kinds(spark, (1, 1), (2, 1)), [unique(), positive()])
    assert (verdict.word, verdict.failures) == ("pass", [])


def test_a_warning_is_reported_and_lets_the_run_go_on(spark: SparkSession, gate: Gate) -> None:
    verdict = gate.audit("silver.t", kinds(spark, (0, 1), (2, 1)), [unique(), positive()])
    assert verdict.word == "warn"
    assert gate.close().endswith("index.html")


def test_a_failure_names_the_expectation_the_column_and_sample_values(spark: SparkSession, gate: Gate) -> None:
    gate.audit("silver.t", kinds(spark, (7, 1), (7, 1)), [unique()])
    with pytest.raises(GateFailedError, match=r"silver\.t: expect_column_values_to_be_unique\(id\).*2 unexpected.*7"):
        gate.close()


def test_a_failure_counts_the_rows_not_the_kinds_of_them(spark: SparkSession, gate: Gate) -> None:
    evidence = kinds(spark, (0, 1_000_000), (None, 3), (-1, 234), (5, 40))
    there = gxe.ExpectColumnValuesToNotBeNull(column="id")
    verdict = gate.audit("silver.t", evidence, [positive(), there])
    assert [failure.unexpected for failure in verdict.failures] == [1_000_234, 3]
    assert "1,000,234 unexpected, such as 0" in str(verdict.failures[0])


def test_a_table_of_which_there_is_no_evidence_passes(spark: SparkSession, gate: Gate) -> None:
    assert gate.audit("silver.t", kinds(spark), [unique(), positive()]).word == "pass"


def test_an_expectation_that_cannot_be_evaluated_fails(spark: SparkSession, gate: Gate) -> None:
    verdict = gate.audit(
        "silver.t",
        kinds(spark, (1, 1)),
        [gxe.ExpectColumnValuesToNotBeNull(column="no_such_column")],
    )
    assert verdict.word == "fail"
    assert "no_such_column" in str(verdict.failures[0])


def test_data_docs_show_the_run_even_when_it_failed(spark: SparkSession, gate: Gate, tmp_path: Path) -> None:
    gate.audit("silver.t", kinds(spark, (7, 1), (7, 1)), [unique()])
    with pytest.raises(GateFailedError) as stopped:
        gate.close()
    index = Path(stopped.value.data_docs.removeprefix("file://"))
    assert index == tmp_path / "data_docs" / "run1" / "index.html"
    [page] = (tmp_path / "data_docs" / "run1" / "validations").rglob("*.html")
    assert "run1" in str(page)
    assert "unique" in page.read_text()
