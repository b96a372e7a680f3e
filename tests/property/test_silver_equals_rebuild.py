"""For random histories, cut into random increments that come in random order: Silver is that of one rebuild."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from tests.e2e import history
from tests.e2e.history import Step
from tests.e2e.task_lake import captured, clear, daily, quarantined, run, states, tables

GAPS = (0, 1, 3_600, history.DAY, 40 * history.DAY)
STATUSES = ("pending", "in_progress", "completed", "cancelled", None, "ttl")
EFFORT = {"effort": {"N": "9" * 38}}
BROKEN = {"due_date": {"N": "7"}}


@dataclass(frozen=True)
class Change:
    """A change of one of a few tasks, so long after the change before it, with these attributes besides."""

    user: str
    task: str
    gap: int
    status: str | None
    attributes: dict[str, Any]


CHANGES = st.lists(
    st.builds(
        Change,
        user=st.sampled_from(["ada", "o'neil b", "_x"]),
        task=st.sampled_from(["t1", "t2", "t3"]),
        gap=st.sampled_from(GAPS),
        status=st.sampled_from(STATUSES),
        attributes=st.sampled_from([{}, {}, EFFORT, BROKEN]),
    ),
    min_size=20,
    max_size=60,
)


@dataclass(frozen=True)
class History:
    """Steps, what their images have besides, and those of them that cannot be typed."""

    steps: list[Step]
    attributes: dict[int, dict[str, Any]]
    broken: set[int]

    @classmethod
    def of(cls, changes: list[Change]) -> "History":
        """Return the history of what can happen: nothing is deleted that is not there."""
        steps: list[Step] = []
        attributes: dict[int, dict[str, Any]] = {}
        broken: set[int] = set()
        # What each task that is there has besides: a deletion brings it once more.
        there: dict[tuple[str, str], dict[str, Any]] = {}
        seconds = 0
        for change in changes:
            seconds += change.gap
            task, is_deletion = (change.user, change.task), change.status in (None, "ttl")
            if is_deletion and task not in there:
                continue
            number, image = len(steps), there.pop(task) if is_deletion else change.attributes
            steps.append((*task, seconds, change.status))
            if image == BROKEN:
                broken.add(number)
            if not is_deletion:
                there[task] = attributes[number] = image
        return cls(steps, attributes, broken)


# Few examples of many changes each: a run takes as long for one change as for all.
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES, data=st.data())
def test_any_increments_in_any_order_make_the_silver_that_a_rebuild_makes(
    spark: SparkSession, lake: Path, tmp_path: Path, changes: list[Change], data: st.DataObject
) -> None:
    happened = History.of(changes)
    assume(happened.steps)
    clear(spark, lake)
    records = history.records(happened.steps, happened.attributes)
    again = data.draw(st.lists(st.sampled_from(records), max_size=20))
    arrivals = data.draw(st.permutations([*records, *again]))
    first, second = sorted(data.draw(st.tuples(*[st.integers(0, len(arrivals))] * 2)))
    for number, part in enumerate((arrivals[:first], arrivals[first:second], arrivals[second:])):
        if part:
            captured(lake, tmp_path, part, f"{number}.jsonl")
            run(lake, f"r{number}")
    incremental = tables(spark)
    assert daily(spark) == history.daily(happened.steps, happened.broken)
    assert states(spark) == history.states(happened.steps, happened.broken)
    assert set(quarantined(spark)) == {f"event-{number:04d}" for number in happened.broken}

    run(lake, "rebuild", "--REBUILD", "true")
    assert tables(spark) == incremental
