"""A Gold table beside what Spark finds in Silver: the same keys, each once, and the same numbers."""

from dataclasses import dataclass

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from data_quality.evidence import kinds_of, presence

# Gold rounds to six digits.
_ROUNDING = 1e-6
_GOLD_ROW = "gold_row"


@dataclass(frozen=True)
class SameAsSilver:
    """What of a Gold table has to be as Silver has it: its ``key``, ``counts``, and ``quantities`` but for rounding."""

    key: tuple[str, ...]
    counts: tuple[str, ...]
    quantities: tuple[str, ...] = ()

    def evidence(self, gold: DataFrame, silver: DataFrame, *others: Column) -> DataFrame:
        """Return one row per kind of row, of Gold's and of those that only Silver has: alike in how far Gold is off.

        ``silver`` has a key once, and may lack a part of it; then it stands beside each of Gold's rows. The ``others``
        are made of Gold's columns and of Silver's, which are called ``silver_…``.
        """
        named = {name: f"silver_{name}" for name in silver.columns if name not in self.key}
        shared = [name for name in self.key if name in silver.columns]
        both = gold.withColumn(_GOLD_ROW, F.lit(1)).join(silver.withColumnsRenamed(named), shared, "full")
        copies = F.count(_GOLD_ROW).over(Window.partitionBy(*self.key)).alias("copies")
        differences = [*map(_too_many, self.counts), *map(_apart, self.quantities)]
        return kinds_of(both.select(copies, *map(presence, self.key), *differences, *others))

    def expectations(self) -> list[Expectation]:
        """Return what is asked of it: each of Silver's keys once and no other, every number the same."""
        differences = [f"{count}_too_many" for count in self.counts] + [f"{name}_apart" for name in self.quantities]
        return [
            gxe.ExpectColumnValuesToBeBetween(column="copies", min_value=1, max_value=1),
            *(gxe.ExpectColumnValuesToNotBeNull(column=name) for name in self.key),
            *(gxe.ExpectColumnValuesToBeBetween(column=name, min_value=0, max_value=0) for name in differences),
        ]


def _too_many(count: str) -> Column:
    # Great Expectations asks nothing of a null: a count that is not there is one less than none.
    return (F.coalesce(count, F.lit(-1)) - F.coalesce(f"silver_{count}", F.lit(0))).alias(f"{count}_too_many")


def _apart(quantity: str) -> Column:
    distance = F.abs(F.col(quantity) - F.col(f"silver_{quantity}"))
    is_same = F.col(quantity).eqNullSafe(F.col(f"silver_{quantity}")) | (distance <= _ROUNDING)
    # To pandas NaN is a null too. It is as far from a number as what is not there.
    far = F.coalesce(F.nanvl(distance, F.lit(None).cast("double")), F.lit(float("inf")))
    return F.when(is_same, 0.0).otherwise(far).alias(f"{quantity}_apart")
