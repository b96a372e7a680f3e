"""A suite's verdict on the evidence is its verdict on every row."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from data_quality.gate import Verdict
from data_quality.suites.task_changes import evidence, expectations
from glue_jobs.schemas.silver import TASK_CHANGES
from tests.unit.data_quality.judged import rows, verdict

NOON = datetime(2025, 10, 15, 12, tzinfo=UTC)
CHANGES = st.fixed_dictionaries(
    {
        "event_id": st.sampled_from([*map(str, range(20)), None]),
        "event_name": st.sampled_from(["INSERT", "MODIFY", "REMOVE", "UPSERT", None]),
        "user_id": st.sampled_from(["ada", "bob", "", None]),
        "task_id": st.sampled_from(["t1", "t2"]),
        "changed_at": st.sampled_from([NOON, None]),
        "status": st.sampled_from(["pending", "completed", "archived", None]),
        "priority": st.sampled_from(["high", "asap", None]),
        "created_at": st.sampled_from([NOON, None]),
    }
)


def every_row(changes: DataFrame) -> DataFrame:
    copies = F.count("event_id").over(Window.partitionBy("event_id"))
    return changes.withColumns({"copies": F.greatest(copies, F.lit(1)), "rows": F.lit(1)})


def said(found: Verdict) -> dict[tuple[str, str, str], int]:
    return {(each.expectation, each.columns, each.severity): each.unexpected for each in found.failures}


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changed=st.lists(CHANGES, max_size=40))
def test_evidence_gives_the_verdict_and_the_counts_of_every_row(
    spark: SparkSession, tmp_path: Path, changed: list[dict[str, Any]]
) -> None:
    changes = rows(spark, TASK_CHANGES, *changed)
    on_evidence, on_rows = (
        verdict(tmp_path, frame, expectations()) for frame in (evidence(changes), every_row(changes))
    )
    assert said(on_evidence) == said(on_rows)
    assert on_evidence.word == on_rows.word
