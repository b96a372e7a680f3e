from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame

from glue_jobs.schemas.silver import TASKS_PER_USER_DAILY
from glue_jobs.transforms.task_changes import parse_task_changes
from glue_jobs.transforms.tasks_per_user_daily import to_tasks_per_user_daily

BronzeRows = Callable[..., DataFrame]
NOON = 1760529600  # 2025-10-15T12:00:00Z
COUNTS = [name for name in TASKS_PER_USER_DAILY.columns.names if name.startswith("tasks_")]


def change(event_id: str, old: str | None, new: str | None, **given: Any) -> dict[str, Any]:
    name = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
    attributes = {key: given.pop(key) for key in ("created_at", "completed_at") if key in given}
    images = {
        key: status and {"status": {"S": status}, **{name: {"N": str(n)} for name, n in attributes.items()}}
        for key, status in (("old_image", old), ("new_image", new))
    }
    return {"event_id": event_id, "event_name": name, **images, **given}


def daily(changes: DataFrame) -> list[Any]:
    return to_tasks_per_user_daily(parse_task_changes(changes)).collect()


TRANSITIONS = [
    # before, after, what it counts as
    (None, "pending", {"tasks_created"}),
    (None, "in_progress", {"tasks_created", "tasks_started"}),
    (None, "completed", {"tasks_created", "tasks_completed"}),
    ("pending", "pending", {"tasks_updated"}),
    ("pending", "in_progress", {"tasks_updated", "tasks_started"}),
    ("in_progress", "completed", {"tasks_updated", "tasks_completed"}),
    ("in_progress", "cancelled", {"tasks_updated", "tasks_cancelled"}),
    ("completed", "pending", {"tasks_updated", "tasks_reopened"}),
    ("cancelled", "in_progress", {"tasks_updated", "tasks_started", "tasks_reopened"}),
    ("completed", "cancelled", {"tasks_updated", "tasks_cancelled"}),
    ("completed", "completed", {"tasks_updated"}),
    ("completed", None, {"tasks_deleted"}),
]


def test_each_change_is_counted_as_what_it_is(bronze_rows: BronzeRows) -> None:
    named = [(f"{old} to {new}", old, new, counted) for old, new, counted in TRANSITIONS]
    rows = daily(bronze_rows(*(change(name, old, new, user_id=name) for name, old, new, _ in named)))
    found = {row.user_id: {count for count in COUNTS if row[count]} for row in rows}
    assert found == {name: counted for name, _, _, counted in named}


def test_an_expiry_is_not_a_deletion(bronze_rows: BronzeRows) -> None:
    [row] = daily(bronze_rows(change("e1", "pending", None, is_ttl_delete=True)))
    assert (row.tasks_deleted, row.tasks_expired) == (0, 1)


def test_a_change_counts_on_the_utc_day_on_which_it_happened(bronze_rows: BronzeRows) -> None:
    before, after = datetime(2025, 10, 15, 23, 59, 59, tzinfo=UTC), datetime(2025, 10, 16, tzinfo=UTC)
    rows = daily(
        bronze_rows(change("e1", None, "pending", changed_at=before), change("e2", None, "pending", changed_at=after))
    )
    assert sorted((str(row.activity_date), row.tasks_created) for row in rows) == [
        ("2025-10-15", 1),
        ("2025-10-16", 1),
    ]


def test_completion_hours_are_averaged_over_the_tasks_completed_that_day(bronze_rows: BronzeRows) -> None:
    [row] = daily(
        bronze_rows(
            change("e1", "pending", "completed", created_at=NOON, completed_at=NOON + 3600),
            change("e2", "pending", "completed", created_at=NOON, completed_at=NOON + 3 * 3600),
            change("e3", "completed", "completed", created_at=NOON, completed_at=NOON + 99 * 3600),
        )
    )
    assert row.avg_completion_hours == 2.0


def test_a_day_without_completions_has_no_average(bronze_rows: BronzeRows) -> None:
    [row] = daily(bronze_rows(change("e1", None, "pending", created_at=NOON)))
    assert row.avg_completion_hours is None


def test_the_rows_have_the_columns_of_their_table(bronze_rows: BronzeRows) -> None:
    rows = to_tasks_per_user_daily(parse_task_changes(bronze_rows(change("e1", None, "pending"))))
    assert [(f.name, f.dataType) for f in rows.schema] == [(f.name, f.dataType) for f in TASKS_PER_USER_DAILY.columns]
