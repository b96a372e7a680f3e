from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from operations.replay.function_doors import CDC_FUNCTION
from operations.replay.replay import PATIENCE, replay
from operations.replay.stores import FailedObject, FailureStores
from tests.unit.operations.replay.fakes import (
    BATCH,
    BUCKET,
    EVENT,
    UNDELIVERED,
    Lake,
    batch,
    changes,
    error_line,
    error_lines,
    given_up,
    logs,
    no_progress,
    poison,
)

POISON = "undecodable: dynamodb.ApproximateCreationDateTime is no time in Unix seconds"


def fill(lake: Lake) -> None:
    """Put one document into each failure store."""
    lake.put(BATCH.format(1), batch(*changes(0, 1)))
    lake.put(EVENT.format(1), given_up(logs(0, 1, 2)))
    lake.put(UNDELIVERED.format(1), error_lines(["event-7"]))


def test_each_store_goes_back_through_the_door_it_came_by(lake: Lake) -> None:
    fill(lake)
    report = lake.replay()
    assert sorted(lake.ids()) == ["event-0", "event-1", "event-7", "log-0", "log-1", "log-2"]
    assert lake.names() == []
    assert report.before == {
        "aws/lambda/<mapping>": 2,
        "aws/lambda/async/task-lake-log-forwarder": 3,
        "errors/firehose/task_changes/format-conversion-failed": 1,
    }
    assert not report.after


def test_a_lake_without_failures_has_nothing_to_replay(lake: Lake) -> None:
    lake.put("bronze/task_changes/2025/10/15/ada/x.parquet", "no failure")
    lake.put("errors/firehose/", "")
    assert not lake.replay().before
    assert len(lake.names()) == 2


def test_a_dry_run_counts_with_reasons_and_touches_nothing(lake: Lake) -> None:
    fill(lake)
    lake.put(BATCH.format(2), batch(poison(2)))
    before = lake.names()
    report = lake.replay(is_dry=True)
    assert lake.names() == before
    assert (lake.lambda_.events, lake.firehose.calls) == ([], [])
    assert report.before.total() == 7
    assert {reason: count for (_, reason), count in report.reasons.items()} == {
        POISON: 1,
        "not delivered while it was retried": 2,
        "3 of 3 log events were not delivered": 3,
        "no date": 1,
    }


@pytest.mark.parametrize(
    ("key", "body", "records", "would_stay"),
    [
        (BATCH.format(1), batch(*changes(0), poison(1), *changes(2)), 3, 1),
        (BATCH.format(1), "{}", 1, 1),
        (EVENT.format(1), given_up(logs(0, 1)), 2, 0),
        (EVENT.format(1), given_up({"awslogs": {"data": "no gzip"}}), 1, 1),
        (UNDELIVERED.format(1), error_lines(["e"]) + "not JSON\n", 2, 1),
    ],
)
def test_a_dry_one_says_how_many_would_stay_as_nobody_can_hand_them_over(
    lake: Lake, key: str, body: str, records: int, would_stay: int
) -> None:
    lake.put(key, body)
    report = lake.replay(is_dry=True)
    assert (report.before.total(), report.after.total()) == (records, would_stay)
    assert lake.replay().after.total() == would_stay


class KilledError(BaseException):
    """The process is no more."""


class DyingBetween(FailureStores):
    """Failure stores of a process that is killed after a hand-over, before the object is removed."""

    def remove(self, found: FailedObject) -> None:
        raise KilledError


@pytest.mark.parametrize("key", [BATCH.format(1), EVENT.format(1), UNDELIVERED.format(1)])
def test_killed_between_hand_over_and_removal_it_keeps_the_object_and_delivers_twice(lake: Lake, key: str) -> None:
    fill(lake)
    before = lake.names()
    with pytest.raises(KilledError):
        replay(DyingBetween(lake.s3, BUCKET, prefix=key), lake.doors(), no_progress)
    assert lake.names() == before
    lake.replay()
    assert lake.names() == []
    twice = Counter(lake.ids())
    assert set(twice) == {"event-0", "event-1", "event-7", "log-0", "log-1", "log-2"}
    assert set(twice.values()) == {1, 2}


def test_killed_while_it_hands_over_it_keeps_the_object(lake: Lake) -> None:
    fill(lake)
    before = lake.names()

    def die(_event: Any) -> None:
        raise KilledError

    lake.lambda_.functions[CDC_FUNCTION] = die
    with pytest.raises(KilledError):
        lake.replay()
    assert set(before) - set(lake.names()) <= {EVENT.format(1)}
    assert BATCH.format(1) in lake.names()


def test_more_objects_than_a_page_holds_are_all_replayed_while_they_go(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.replay.stores.PAGE_OBJECTS", 10)
    for number in range(45):
        lake.put(BATCH.format(f"{number:04}"), batch(*changes(number)))
    told: list[tuple[int, int]] = []
    replay(FailureStores(lake.s3, BUCKET), lake.doors(), lambda done, total: told.append((done, total)))
    assert len(set(lake.ids())) == 45
    assert lake.names() == []
    assert told == [(number, 45) for number in range(1, 46)]


def test_what_is_undecodable_stays_with_its_reason_and_the_others_go(lake: Lake) -> None:
    stays = lake.put(BATCH.format(1), batch(*changes(0), poison(1), *changes(2)))
    lake.put(BATCH.format(2), batch(*changes(3)))
    for _ in range(2):
        report = lake.replay()
        assert report.reasons == {("aws/lambda/<mapping>", POISON): 1}
        assert report.examples == {("aws/lambda/<mapping>", POISON): f"s3://{BUCKET}/{stays}"}
        assert lake.names() == [stays]
    assert set(lake.ids()) == {"event-0", "event-2", "event-3"}


@pytest.mark.parametrize(
    ("key", "body", "reason"),
    [
        (BATCH.format(1), "{}", "not a batch as Lambda writes it (no payload)"),
        (BATCH.format(1), "not JSON", "not a batch as Lambda writes it (not JSON)"),
        (
            BATCH.format(1),
            '{"payload": "{\\"Records\\": null}"}',
            "not a batch as Lambda writes it (of another shape: Records is no list)",
        ),
        (
            BATCH.format(1),
            '{"payload": {"Records": {"a": 1}}}',
            "not a batch as Lambda writes it (of another shape: Records is no list)",
        ),
        (BATCH.format(1), batch(5), "undecodable: dynamodb.Keys has no PK.S"),
        (EVENT.format(1), given_up(5), "not an event as Lambda writes it (of another shape"),
        (EVENT.format(1), given_up({"awslogs": {"data": "no gzip"}}), "undecodable: awslogs.data is no gzipped JSON"),
        ("aws/lambda/async/other/x", given_up(logs(1)), "other is no function that the lake invokes asynchronously"),
        ("errors/firehose/nothing_of_ours/t/x", error_lines(["e"]), "no delivery stream writes to nothing_of_ours"),
        (UNDELIVERED.format(1), error_line(b"x" * 1_024_001), "larger than a record may be: 1,024,001 bytes"),
        (UNDELIVERED.format(1), "not JSON\n", "not a record as Firehose writes it (not JSON)"),
        (UNDELIVERED.format(1), '{"rawData": 5}\n', "not a record as Firehose writes it (of another shape"),
        (UNDELIVERED.format(1), '{"errorMessage": "no date"}\n', "not a record as Firehose writes it (no rawData)"),
        (UNDELIVERED.format(1), '{"rawData": "?"}\n', "not a record as Firehose writes it (rawData is not base64)"),
    ],
)
def test_an_object_that_is_no_document_is_left_with_its_reason_and_stops_none(
    lake: Lake, key: str, body: str, reason: str
) -> None:
    lake.put(key, body)
    lake.put(BATCH.format(2), batch(*changes(0)))
    report = lake.replay()
    assert lake.names() == [key]
    assert lake.ids() == ["event-0"]
    [(_, said)] = report.reasons
    assert reason in said


def test_an_object_too_large_for_lambdas_is_not_even_read(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("operations.replay.stores.MAX_DOCUMENT_BYTES", 10)
    key = lake.put(BATCH.format(1), batch(*changes(0)))
    [(_, said)] = lake.replay().reasons
    assert said.startswith("too large for a document of Lambda's: ")
    assert lake.names() == [key]


def test_a_service_that_takes_nothing_is_left_alone_after_some_objects_and_the_others_go_on(lake: Lake) -> None:
    def throttled(_event: Any) -> None:
        raise ClientError({"Error": {"Code": "TooManyRequestsException", "Message": "Rate exceeded"}}, "Invoke")

    lake.lambda_.functions[CDC_FUNCTION] = throttled
    for number in range(10):
        lake.put(BATCH.format(number), batch(*changes(number)))
    lake.put(UNDELIVERED.format(1), error_lines(["event-7"]))
    report = lake.replay()
    assert len(lake.lambda_.events) == PATIENCE
    assert lake.ids() == ["event-7"]
    assert {reason: count for (_, reason), count in report.reasons.items()} == {
        "AWS refused Invoke: TooManyRequestsException: Rate exceeded": PATIENCE,
        f"not tried: of {PATIENCE} objects in a row its service took nothing": 10 - PATIENCE,
    }
    assert len(lake.names()) == 10


def test_poison_in_many_objects_does_not_look_like_a_service_that_is_down(lake: Lake) -> None:
    for number in range(5):
        lake.put(BATCH.format(number), batch(poison(number)))
        lake.put(EVENT.format(number), given_up({"awslogs": {"data": "no gzip"}}))
    lake.put(BATCH.format(5), batch(*changes(5)))
    lake.put(EVENT.format(5), given_up(logs(5)))
    lake.replay()
    assert sorted(lake.ids()) == ["event-5", "log-5"]
    assert len(lake.names()) == 10


def test_an_object_that_another_replay_has_removed_meanwhile_is_passed_over(lake: Lake) -> None:
    first, second = (lake.put(BATCH.format(number), batch(*changes(number))) for number in (0, 1))

    def remove_the_other(done: int, _total: int) -> None:
        lake.s3.delete_object(Bucket=BUCKET, Key=second)

    report = replay(FailureStores(lake.s3, BUCKET), lake.doors(), remove_the_other)
    assert report.before == {"aws/lambda/<mapping>": 1}
    assert first not in lake.names()


def test_what_fails_again_while_it_goes_on_is_left_to_the_next_replay(lake: Lake) -> None:
    lake.put(UNDELIVERED.format(1), error_lines(["event-7"]))
    again = UNDELIVERED.format(2)

    class Failing(FailureStores):
        """Firehose writes a new object as soon as the old one is gone."""

        def remove(self, found: FailedObject) -> None:
            super().remove(found)
            lake.put(again, error_lines(["event-7"]))

        def objects(self, until: datetime | None = None) -> Any:
            for found in super().objects(until):
                yield found
                later = FailedObject(again, 1, found.written_at + timedelta(seconds=1))
                if self._is_chosen(later, until) and again in lake.names():
                    yield later

    replay(Failing(lake.s3, BUCKET), lake.doors(), no_progress)
    assert lake.ids() == ["event-7"]
    assert lake.names() == [again]


def test_since_chooses_what_was_written_from_that_day_on(lake: Lake) -> None:
    fill(lake)
    today = datetime.now(UTC).date()
    assert not lake.replay(since=today + timedelta(days=1), is_dry=True).before
    assert lake.replay(since=today - timedelta(days=1), is_dry=True).before.total() == 6
    assert lake.replay(since=date(2025, 1, 1), is_dry=True).before.total() == 6


@pytest.mark.parametrize(
    ("prefix", "left"),
    [
        ("errors/firehose/task_changes/", 2),
        ("aws/lambda/async/", 2),
        ("aws/", 1),
        ("bronze/", 3),
    ],
)
def test_a_prefix_chooses_a_store_or_a_part_of_it(lake: Lake, prefix: str, left: int) -> None:
    fill(lake)
    lake.replay(prefix=prefix)
    assert len(lake.names()) == left


def test_what_may_not_be_read_ends_the_replay(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(lake)
    before = lake.names()

    def denied(*_: Any) -> None:
        raise ClientError({"Error": {"Code": "403", "Message": "Forbidden"}}, "HeadObject")

    monkeypatch.setattr(lake.s3, "download_fileobj", denied)
    with pytest.raises(ClientError):
        lake.replay()
    assert lake.names() == before
