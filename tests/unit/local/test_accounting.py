from local.accounting import Account, Accounting


def accounting(*sent: str) -> Accounting:
    made = Accounting("event_id", "bronze/task_changes")
    for record_id in sent:
        made.send(record_id)
    return made


def test_a_record_in_bronze_and_in_a_failure_store_counts_in_bronze() -> None:
    made = accounting("a", "b")
    made.keep("errors/event_source_mapping", ["a", "b"])
    made.keep_payloads("bronze/task_changes", [b'{"event_id":"a"}'])
    assert made.account() == Account(2, 1, {"errors/event_source_mapping": 1})


def test_a_record_in_two_failure_stores_counts_once() -> None:
    made = accounting("a")
    made.keep("errors/x", ["a"])
    made.keep("errors/y", ["a"])
    assert made.account() == Account(1, 0, {"errors/x": 1})


def test_a_record_sent_twice_is_one_record() -> None:
    made = accounting("a", "a")
    made.keep("bronze/task_changes", ["a"])
    assert made.account() == Account(1, 1)


def test_a_record_that_is_nowhere_is_named() -> None:
    made = accounting("b", "a")
    assert made.account() == Account(2, 0, {}, 2, ("a", "b"))


def test_what_firehose_gave_up_after_a_day_is_missing() -> None:
    made = accounting("a")
    made.keep_payloads("lost", [b'{"event_id":"a"}'])
    assert made.account() == Account(1, 0, {}, 1, ("a",))
