"""The recount says what the definition says, of a small history and of log lines."""

import json

from tests.e2e import history
from validation import recount, recount_gold


def test_the_counts_of_a_day_and_user_are_those_of_the_definition() -> None:
    days = recount.user_days(recount.task_changes(history.records()))
    assert {(date, user): counts for date, user, counts in days} == history.daily()


def test_a_task_has_its_last_state() -> None:
    states = recount.last_statuses(recount.task_changes(history.records()))
    assert set(states) == {state[:4] for state in history.states()}


def test_a_record_that_comes_again_counts_once_and_other_entities_never() -> None:
    records = history.records()
    other = json.loads(json.dumps(records[0]).replace("TASK#ada", "USER#ada"))
    assert recount.task_changes([*records, records[0], other]) == recount.task_changes(records)


def test_a_days_throughput_has_its_users_and_the_mean_hours_of_what_was_finished() -> None:
    rows = recount_gold.throughput(recount.task_changes(history.records()))
    # Ada's t1 took 7,200 s, her t2 was born finished; two days later t4 took 7,200 s.
    assert rows[0] == ("2025-10-15", 3, 4, 2, 1.0)
    assert rows[-1] == ("2025-10-18", 1, 1, 1, 2.0)


def test_a_users_productivity_has_the_median_by_nearest_rank() -> None:
    rows = {row[0]: row[1:] for row in recount_gold.productivity(recount.task_changes(history.records()))}
    assert rows["ada"] == (3, 2, 0.0, 3)
    assert rows["_hidden"] == (1, 0, None, 1)
    assert recount.percentile([4, 1, 3, 2], 50) == 2
    assert recount.percentile([], 50) is None


def test_open_work_cohorts_and_weeks() -> None:
    changes = recount.task_changes(history.records())
    assert recount_gold.open_tasks(changes) == [("in_progress", "none", "none", 1, 0)]
    # Of five tasks created in four days, one was finished at once and one within two hours; t1 was cancelled at last.
    assert recount_gold.cohorts(changes) == [
        ("2025-10-15", 3, 1, 1, 1, 1),
        ("2025-10-16", 1, 0, 0, 0, 0),
        ("2025-10-18", 1, 1, 1, 1, 1),
    ]
    assert [row[0] for row in recount_gold.trends(changes)] == ["2025-10-13"]


def test_an_access_line_is_a_request_and_other_lines_are_none() -> None:
    def line(message: object) -> dict[str, object]:
        return {"message": message if isinstance(message, str) else json.dumps(message)}

    requests = [
        {"log": "access", "request_id": f"r{code}", "requested_at_ms": 1_760_486_400_000, "route": "/tasks"}
        | {"status_code": code, "latency_ms": code}
        for code in (200, 404, 502)
    ]
    lines = [*map(line, requests), line(requests[0]), line("START"), line({"level": "INFO"})]
    assert recount_gold.api_health(lines) == [("2025-10-15", "/tasks", 3, 1, 1, 404, 502)]
