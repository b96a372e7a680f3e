"""What must hold of ``gold.task_status_current``."""

from collections.abc import Callable

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from data_quality.same_as_silver import SameAsSilver
from glue_jobs.schemas.task import OPEN_STATUSES, PRIORITIES

_GROUP = ("status", "priority", "category")
# Silver knows no ages: a group's tasks are counted whatever their age.
_SAME = SameAsSilver((*_GROUP, "age"), ("tasks_of_group",))
_AGES = ("0-1 days", "2-7 days", "8-30 days", "over 30 days", "unknown")
_COUNTS_FIT = "COALESCE(tasks >= 1 AND overdue_tasks BETWEEN 0 AND tasks, false) AS counts_fit"
_DAYS_OLD = "DATEDIFF(as_of_date, TO_DATE(oldest_created_at))"
_AGE_FITS = f"""
    COALESCE(
        CASE age
            WHEN '0-1 days' THEN {_DAYS_OLD} <= 1
            WHEN '2-7 days' THEN {_DAYS_OLD} BETWEEN 2 AND 7
            WHEN '8-30 days' THEN {_DAYS_OLD} BETWEEN 8 AND 30
            WHEN 'over 30 days' THEN {_DAYS_OLD} > 30
            WHEN 'unknown' THEN oldest_created_at IS NULL
        END,
        false
    ) AS age_fits
"""


def evidence(status_current: DataFrame, read: Callable[[str], DataFrame]) -> DataFrame:
    """Return one row per kind of row: alike in what it is of, and in how far its group is from the open tasks."""
    tasks_of_group = F.sum("tasks").over(Window.partitionBy(*_GROUP))
    return _SAME.evidence(
        status_current.withColumn("tasks_of_group", tasks_of_group),
        _open_tasks(read("silver.tasks")),
        *(F.col(name).alias(f"{name}_value") for name in ("status", "priority", "age")),
        F.expr(_COUNTS_FIT),
        F.expr(_AGE_FITS),
        F.expr("as_of_date <=> silver_as_of_date AS as_of_date_is_newest"),
    )


def _open_tasks(tasks: DataFrame) -> DataFrame:
    """Return one row per group of open tasks, with their number and the day of the newest change of any task."""
    is_open = F.col("status").isin(*OPEN_STATUSES) & ~F.col("is_deleted")
    named = [F.coalesce(name, F.lit("none")).alias(name) for name in _GROUP]
    groups = tasks.select(*named, is_open.alias("is_open"), "last_changed_at").groupBy(*_GROUP, "is_open")
    counted = groups.agg(F.count("*").alias("tasks_of_group"), F.max("last_changed_at").alias("newest_at"))
    newest_at = F.max("newest_at").over(Window.partitionBy(F.lit(0)))
    return counted.withColumn("as_of_date", F.to_date(newest_at)).where("is_open").drop("is_open", "newest_at")


def expectations() -> list[Expectation]:
    """Return the suite: the open tasks of each group, once each, in ages that fit, as of the newest change."""
    return [
        *_SAME.expectations(),
        gxe.ExpectColumnValuesToBeInSet(column="status_value", value_set=list(OPEN_STATUSES)),
        gxe.ExpectColumnValuesToBeInSet(column="age_value", value_set=list(_AGES)),
        gxe.ExpectColumnValuesToBeInSet(column="counts_fit", value_set=[True]),
        gxe.ExpectColumnValuesToBeInSet(column="age_fits", value_set=[True]),
        gxe.ExpectColumnValuesToBeInSet(column="as_of_date_is_newest", value_set=[True]),
        gxe.ExpectColumnValuesToBeInSet(column="priority_value", value_set=[*PRIORITIES, "none"], severity="warning"),
    ]
