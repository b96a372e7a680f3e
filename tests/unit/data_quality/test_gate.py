from pathlib import Path

import great_expectations.expectations as gxe
import pytest
from great_expectations.expectations.expectation import Expectation
from pyspark.sql import SparkSession

from data_quality.gate import Gate, GateFailedError


def unique() -> Expectation:
    return gxe.ExpectColumnValuesToBeUnique(column="id")


def positive() -> Expectation:
    return gxe.ExpectColumnValuesToBeBetween(column="id", min_value=1, severity="warning")


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(f"file://{tmp_path}/data_docs", "run1")


def test_rows_that_meet_every_expectation_pass(spark: SparkSession, gate: Gate) -> None:
    verdict = gate.audit("silver.t", spark.createDataFrame([(1,), (2,)], "id int"), [unique(), positive()])
    assert (verdict.word, verdict.failures) == ("pass", [])


def test_a_warning_is_reported_and_lets_the_run_go_on(spark: SparkSession, gate: Gate) -> None:
    verdict = gate.audit("silver.t", spark.createDataFrame([(0,), (2,)], "id int"), [unique(), positive()])
    assert verdict.word == "warn"
    assert gate.close().endswith("index.html")


def test_a_failure_names_the_expectation_the_column_and_sample_values(spark: SparkSession, gate: Gate) -> None:
    gate.audit("silver.t", spark.createDataFrame([(7,), (7,)], "id int"), [unique()])
    with pytest.raises(GateFailedError, match=r"silver\.t: expect_column_values_to_be_unique\(id\).*2 unexpected.*7"):
        gate.close()


def test_an_expectation_that_cannot_be_evaluated_fails(spark: SparkSession, gate: Gate) -> None:
    verdict = gate.audit(
        "silver.t",
        spark.createDataFrame([(1,)], "id int"),
        [gxe.ExpectColumnValuesToNotBeNull(column="no_such_column")],
    )
    assert verdict.word == "fail"
    assert "no_such_column" in str(verdict.failures[0])


def test_data_docs_show_the_run_even_when_it_failed(spark: SparkSession, gate: Gate, tmp_path: Path) -> None:
    gate.audit("silver.t", spark.createDataFrame([(7,), (7,)], "id int"), [unique()])
    with pytest.raises(GateFailedError) as stopped:
        gate.close()
    index = Path(stopped.value.data_docs.removeprefix("file://"))
    assert index == tmp_path / "data_docs" / "run1" / "index.html"
    [page] = (tmp_path / "data_docs" / "run1" / "validations").rglob("*.html")
    assert "run1" in str(page)
    assert "unique" in page.read_text()
