"""A Gold table and an analyst's file in which no lint finds anything, for tests that change a line of them."""

from pathlib import Path

from athena_queries.lints.run import lint
from athena_queries.lints.sql_file import Finding

QUERY = """\
-- gold.tasks_daily: one row per activity_date.
-- Answers: how many tasks came in each day?
-- Reads:   silver.tasks_per_user_daily

with daily as (
    select
        activity_date,
        tasks_created
    from silver.tasks_per_user_daily
),

answer as (
    select
        activity_date,
        cast(sum(tasks_created) as bigint) as tasks_created
    from daily
    group by activity_date
)

select * from answer
"""
METADATA = """\
grain: one row per activity_date
owner: data engineering
key: [activity_date]
refresh:
  column: activity_date
  changed_by:
    silver.tasks_per_user_daily: activity_date
partitioning: [month(activity_date)]
budget_mb: 10
columns:
  activity_date: {type: date, description: the day}
  tasks_created: {type: bigint, description: tasks inserted}
"""
CHECKS = """\
-- fail: no day has less than no tasks
select activity_date
from gold.tasks_daily
where tasks_created < 0;

-- warn: no day has a thousand
select tasks_created
from gold.tasks_daily
where tasks_created > 1000;
"""
QUESTION = """\
-- Question:  what did this user do on that day?
-- Answers:   one row per change.
-- Reads:     silver.task_changes
-- Scans:     the month of that day
-- Budget:    10 MB
-- Parameter: user_id varchar: the user; for example 'ada'
-- Parameter: change_date date: the day, UTC; for example date '2025-10-15'

with changes as (
    select
        task_id,
        title,
        changed_at
    from silver.task_changes
    where user_id = ? and date(changed_at) = ?
)

select * from changes
order by changed_at asc, task_id asc
"""


def linted(folder: Path, file: str = "", old: str = "", new: str = "") -> list[Finding]:
    """Return what the lints find where one text of one of the files is another: files are called as Kind's values."""
    texts = {"query.sql": QUERY, "metadata.yaml": METADATA, "checks.sql": CHECKS, "analyst": QUESTION}
    if file:
        assert old in texts[file], f"{file} has no {old!r}"
        texts[file] = texts[file].replace(old, new, 1)
    gold, analyst = folder / "gold" / "tasks_daily_v1", folder / "analyst"
    gold.mkdir(parents=True)
    analyst.mkdir()
    (analyst / "changes_of_a_day.sql").write_text(texts.pop("analyst"), encoding="utf-8")
    for name, text in texts.items():
        (gold / name).write_text(text, encoding="utf-8")
    return lint(folder / "gold", analyst)


def fault(folder: Path, file: str, old: str, new: str) -> tuple[str, int, str]:
    """Return rule, line and message of the one finding after a change."""
    [found] = linted(folder, file, old, new)
    return found.rule, found.line, found.message
