from collections.abc import Callable
from typing import Any

from chispa import assert_df_equality
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession

from glue_jobs.transforms.task_changes import parse_task_changes
from glue_jobs.transforms.tasks import keep_latest_change, sequence, to_tasks

BronzeRows = Callable[..., DataFrame]


def change(number: str, status: str, **given: Any) -> dict[str, Any]:
    image = {"status": {"S": status}}
    name = given.get("event_name", "MODIFY")
    images = {"old_image": image} if name == "REMOVE" else {"new_image": image, "old_image": image}
    return {"event_id": f"e{number}", "sequence_number": number, "event_name": name, **images, **given}


def tasks(changes: DataFrame) -> DataFrame:
    return to_tasks(keep_latest_change(parse_task_changes(changes)))


def test_the_latest_change_wins_by_sequence_number_not_by_arrival(bronze_rows: BronzeRows) -> None:
    first, last = "9" * 21, "1" + "0" * 21
    [task] = tasks(bronze_rows(change(last, "completed"), change(first, "pending"))).collect()
    assert (task.status, task.last_sequence_number) == ("completed", last)


def test_numbers_of_forty_digits_are_compared_to_the_last_digit(bronze_rows: BronzeRows) -> None:
    older, newer = "4" * 39 + "1", "4" * 39 + "2"
    [task] = tasks(bronze_rows(change(newer, "cancelled"), change(older, "pending"))).collect()
    assert task.status == "cancelled"


def test_a_deleted_task_stays_and_says_so(bronze_rows: BronzeRows) -> None:
    rows = bronze_rows(change("1" * 21, "pending"), change("2" * 21, "pending", event_name="REMOVE"))
    [task] = tasks(rows).collect()
    assert (task.is_deleted, task.deleted_by_ttl, task.status) == (True, False, "pending")


def test_an_expired_task_is_told_from_a_deleted_one(bronze_rows: BronzeRows) -> None:
    [task] = tasks(bronze_rows(change("1" * 21, "pending", event_name="REMOVE", is_ttl_delete=True))).collect()
    assert (task.is_deleted, task.deleted_by_ttl) == (True, True)


def test_a_task_created_again_under_its_key_lives(bronze_rows: BronzeRows) -> None:
    rows = bronze_rows(
        change("2" * 21, "pending", event_name="REMOVE"), change("3" * 21, "in_progress", event_name="INSERT")
    )
    [task] = tasks(rows).collect()
    assert (task.is_deleted, task.status) == (False, "in_progress")


def test_the_same_task_id_of_two_users_is_two_tasks(bronze_rows: BronzeRows) -> None:
    rows = bronze_rows(change("1" * 21, "pending"), change("2" * 21, "completed", user_id="bob"))
    assert {(task.user_id, task.status) for task in tasks(rows).collect()} == {
        ("ada", "pending"),
        ("bob", "completed"),
    }


def test_sequence_numbers_sort_as_text_once_padded(spark: SparkSession) -> None:
    numbers = spark.createDataFrame([("9" * 21, "9" * 21), ("1" + "0" * 21, "1" + "0" * 21)], "n string, text string")
    padded = numbers.select(sequence("n").alias("n"), "text").orderBy("n").select("text")
    assert_df_equality(padded, spark.createDataFrame([("9" * 21,), ("1" + "0" * 21,)], "text string"))


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.permutations(range(5)), st.lists(st.integers(0, 4), max_size=3)), min_size=5, max_size=9))
def test_any_order_and_any_duplicates_give_the_same_task(
    bronze_rows: BronzeRows, deliveries: list[tuple[list[int], list[int]]]
) -> None:
    statuses = ["pending", "in_progress", "completed", "pending", "completed"]
    history = [change(str(10**21 - 2 + n), status) for n, status in enumerate(statuses)]
    rows = [
        {**history[n], "event_id": f"{task}-{n}", "task_id": str(task)}
        for task, (order, again) in enumerate(deliveries)
        for n in [*order, *again]
    ]
    found = tasks(bronze_rows(*rows)).collect()
    assert {task.task_id: task.last_event_id for task in found} == {str(n): f"{n}-4" for n in range(len(deliveries))}
