"""Silver's and Gold's numbers held against the recount of the raw input."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from local.java import ROOT
from validation import recount, recount_gold
from validation.lakes import Row, asked, command
from validation.recount import Change, Record
from validation.result import Check, same_rows

ANALYST_FILE = ROOT / "athena_queries" / "analyst" / "busiest_days.sql"


def silver_checks(lake: Path, changes: list[Change]) -> list[Check]:
    """Return the checks of what Silver says of tasks."""
    states = asked(lake, "select user_id, task_id, status, is_deleted from silver.tasks")
    daily = asked(lake, "select * from silver.tasks_per_user_daily")
    counted = [(str(row["activity_date"]), row["user_id"], _counts(row)) for row in daily]
    return [
        same_rows("silver.tasks: the last state of each task", recount.last_statuses(changes), _plain_rows(states)),
        same_rows("silver.tasks_per_user_daily: all its counts", recount.user_days(changes), counted),
    ]


def gold_checks(lake: Path, changes: list[Change], lines: list[Record]) -> list[Check]:
    """Return the checks of every Gold table but `lake_freshness`, which counts rows of Silver."""
    expected: dict[str, list[Any]] = {
        "select activity_date, active_users, tasks_created, tasks_completed, avg_completion_hours"
        " from gold.task_throughput_daily": recount_gold.throughput(changes),
        "select user_id, tasks_created, tasks_completed, median_completion_hours, active_days"
        " from gold.user_productivity": recount_gold.productivity(changes),
        "select status, priority, category, cast(sum(tasks) as bigint) as tasks,"
        " cast(sum(overdue_tasks) as bigint) as overdue_tasks"
        " from gold.task_status_current group by status, priority, category": recount_gold.open_tasks(changes),
        "select week_start_date, category, tasks_created, tasks_completed, active_users"
        " from gold.category_trends_weekly": recount_gold.trends(changes),
        "select created_date, tasks_created, completed_within_1_day, completed_within_3_days,"
        " completed_within_7_days, completed_within_30_days"
        " from gold.task_cohort_completion": recount_gold.cohorts(changes),
        "select activity_date, route, requests, errors_4xx, errors_5xx, p50_ms, p99_ms"
        " from gold.api_health_daily": recount_gold.api_health(lines),
    }
    return [
        same_rows(f"{sql.partition(' from ')[2].split()[0]}: each row recounted", rows, _plain_rows(asked(lake, sql)))
        for sql, rows in expected.items()
    ]


def answer_check(lake: Path, changes: list[Change]) -> Check:
    """Return the check of an analyst's file, asked as an analyst asks it."""
    answer = json.loads(command("query", "--lake", str(lake), "--file", str(ANALYST_FILE), "--format", "json"))
    columns = ("activity_date", "active_users", "tasks_created", "tasks_completed")
    found = [tuple(row[name] for name in columns) for row in answer]
    days = sorted((row[:4] for row in recount_gold.throughput(changes)), key=lambda day: -day[2])[:10]
    return same_rows(f"the answer of analyst/{ANALYST_FILE.name}", days, found)


def _plain_rows(rows: list[Row]) -> list[tuple[Any, ...]]:
    return [tuple(map(_plain, row.values())) for row in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, recount.DIGITS)
    return str(value) if isinstance(value, date) else value


def _counts(row: Row) -> dict[str, int]:
    return {name: row[name] for name in sorted(row) if name.startswith("tasks_") and row[name]}
