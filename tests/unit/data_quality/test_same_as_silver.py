from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession

from data_quality.gate import Gate, GateFailedError
from data_quality.same_as_silver import SameAsSilver
from tests.unit.data_quality.judged import failed, verdict

INFINITE, NAN = float("inf"), float("nan")
SAME = SameAsSilver(("day", "route"), ("requests",), ("rate",))


def numbers(spark: SparkSession, *given: tuple[str, int | None, float | None]) -> DataFrame:
    return spark.createDataFrame([("d", *row) for row in given], "day string, route string, requests long, rate double")


@pytest.mark.parametrize(
    ("gold", "silver", "apart"),
    [
        (0.333333, 1 / 3, 0.0),
        (0.25, 0.5, 0.25),
        (None, None, 0.0),
        (NAN, NAN, 0.0),
        (None, 0.0, INFINITE),
        (0.0, None, INFINITE),
        (NAN, 0.0, INFINITE),
        (INFINITE, 0.0, INFINITE),
    ],
)
def test_quantities_are_apart_unless_rounding_explains_it(
    gold: float | None, silver: float | None, apart: float, spark: SparkSession
) -> None:
    [row] = SAME.evidence(numbers(spark, ("/", 1, gold)), numbers(spark, ("/", 1, silver))).collect()
    assert (row.rate_apart, row.copies, row.requests_too_many) == (apart, 1, 0)


def test_rows_alike_in_how_far_they_are_off_are_one_kind(spark: SparkSession) -> None:
    gold = numbers(spark, ("a", 2, 0.5), ("b", 3, 0.25), ("c", 9, 0.0))
    silver = numbers(spark, ("a", 1, 0.5), ("b", 2, 0.25), ("c", 9, 0.0))
    found = SAME.evidence(gold, silver).collect()
    assert sorted((row.requests_too_many, row.rows) for row in found) == [(0, 1), (1, 2)]


def test_a_part_of_the_key_that_silver_lacks_is_not_looked_for_in_it(spark: SparkSession, tmp_path: Path) -> None:
    gold = numbers(spark, ("a", 1, 0.5), ("b", 1, 0.5))
    silver = numbers(spark, ("-", 1, 0.5)).drop("route")
    assert verdict(tmp_path, SAME.evidence(gold, silver), SAME.expectations()).word == "pass"
    twice = SAME.evidence(gold.unionAll(gold.where("route = 'a'")), silver)
    assert failed(verdict(tmp_path, twice, SAME.expectations())) == {"copies": 2}


def test_the_data_docs_show_what_is_infinitely_far_apart(spark: SparkSession, tmp_path: Path) -> None:
    gate = Gate(f"file://{tmp_path}", "run")
    gate.audit("t", SAME.evidence(numbers(spark, ("/", 1, None)), numbers(spark, ("/", 1, 0.5))), SAME.expectations())
    with pytest.raises(GateFailedError, match=r"rate_apart\): 1 unexpected, such as inf"):
        gate.close()
