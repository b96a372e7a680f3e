"""A check fails when the figure is wrong, and says which."""

import pytest

from validation.result import Check, Result, at_least, at_most, equal, same_ids, same_rows


@pytest.mark.parametrize(
    ("check", "line"),
    [
        (equal("rows lost", 0, 3), "rows lost: 3, expected 0"),
        (at_most("partitions", 500, 612), "partitions: 612, expected at most 500"),
        (at_most("time", 10, 10.5, " min"), "time: 10.5 min, expected at most 10 min"),
        (at_least("rows a second", 27.78, 3.0), "rows a second: 3, expected at least 27.78"),
        (
            same_rows("days", [("a", 1), ("b", 2)], [("a", 1), ("b", 3)]),
            "days: without 1, such as ('b', 2), with 1 others, such as ('b', 3), expected 2 rows",
        ),
        (same_rows("days", [1, 1], [1]), "days: without 1, such as 1, expected 2 rows"),
        (same_ids("changes", {"a", "b"}, {"b", "c"}), "changes: 1 missing, 1 others, expected those 2"),
    ],
)
def test_a_check_that_does_not_hold_says_what_was_found_and_what_was_expected(check: Check, line: str) -> None:
    assert not check.holds
    assert str(check) == line


@pytest.mark.parametrize(
    "check",
    [
        equal("rows lost", 0, 0),
        at_most("partitions", 500, 500),
        at_least("rows a second", 1, 1),
        same_rows("days", [("a", 1), ("b", 2)], [("b", 2), ("a", 1)]),
        same_ids("changes", {"a"}, {"a"}),
    ],
)
def test_a_check_holds_at_its_limit_and_rows_in_any_order(check: Check) -> None:
    assert check.holds


def test_a_result_fails_by_one_check_and_by_having_none() -> None:
    wrong = equal("rows lost", 0, 3)
    assert Result("", checks=[equal("rows", 1, 1), wrong]).failures == [wrong]
    assert [str(failure) for failure in Result("").failures] == ["checks: none, expected at least one"]
    assert Result("", checks=[equal("rows", 1, 1)]).failures == []
