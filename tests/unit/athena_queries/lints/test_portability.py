from pathlib import Path

import pytest

from tests.unit.athena_queries.lints.linted import linted


@pytest.mark.parametrize(
    ("file", "old", "new", "rule", "said"),
    [
        ("analyst", "title,", "strftime(changed_at, '%Y') as title,", "function", "strftime is none of the functions"),
        ("analyst", "title,", "string_agg(title, ',') over () as title,", "function", "string_agg is none"),
        ("analyst", "title,", "any_value(title) over () as title,", "function", "any_value is none"),
        ("analyst", "title,", "approx_distinct(title) over () as titles,", "approximate", "differs between engines"),
        ("analyst", "title,", "now() as seen_at,", "non-deterministic", "take a parameter"),
        (
            "query.sql",
            "tasks_created\n    from",
            "date(current_timestamp) as today\n    from",
            "non-deterministic",
            "take the newest",
        ),
        (
            "query.sql",
            "by activity_date\n",
            "by activity_date\n    having min(activity_date) < current_date\n",
            "non-deterministic",
            "current_date",
        ),
        ("query.sql", "sum(tasks_created)", "sum(random() * tasks_created)", "non-deterministic", "random"),
        ("query.sql", "sum(tasks_created)", "length(cast(uuid() as varchar))", "non-deterministic", "uuid"),
        (
            "query.sql",
            "sum(tasks_created)",
            "array_agg(tasks_created)[1]",
            "non-deterministic",
            "array_agg without an order",
        ),
        ("query.sql", "sum(tasks_created)", "sum(100.0 * tasks_created / 3)", "decimal", "write 100.0e0"),
        ("query.sql", "sum(tasks_created)", "sum(tasks_created) / nullif(2.5, 0)", "decimal", "write 2.5e0"),
    ],
)
def test_what_engines_lack_or_answer_differently_is_found(
    tmp_path: Path, file: str, old: str, new: str, rule: str, said: str
) -> None:
    found = [finding for finding in linted(tmp_path, file, old, new) if finding.rule == rule]
    assert len(found) == 1
    assert said in found[0].message


@pytest.mark.parametrize(
    "fine",
    [
        "min(tasks_created) filter (where tasks_created >= 0.95 * 3)",
        "count_if(tasks_created > 1) + coalesce(nullif(max(tasks_created), 1), if(true, 1, 2))",
        "round(1e2 * sum(tasks_created) / 3)",
        "sum(round(cast(0.5 as double) * tasks_created / 3))",
        "cardinality(array_agg(tasks_created)) + array_sort(array_agg(tasks_created))[1]",
        "array_agg(tasks_created order by tasks_created)[1]",
        "length('random() 100.0 / 3 approx_distinct(current_date)') /* now() */",
        "extract(year from min(activity_date)) + year(min(activity_date))",
    ],
)
def test_what_all_engines_answer_alike_is_not_found(tmp_path: Path, fine: str) -> None:
    assert linted(tmp_path, "query.sql", "sum(tasks_created)", fine) == []
