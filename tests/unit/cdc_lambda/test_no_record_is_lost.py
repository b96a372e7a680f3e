"""For every history and every way Firehose can fail: what was not delivered will be handed over again."""

from typing import Any

from botocore.exceptions import ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from cdc_lambda.handler import make_handler
from tests.unit.cdc_lambda.fakes import FakeContext, FakeFirehose

KINDS = st.sampled_from(["task", "task", "task", "user", "poison"])
OUTCOMES = st.sampled_from(["accept", "accept", "refuse", "time out"])


def record(position: int, kind: str) -> dict[str, Any]:
    prefix = "USER#" if kind == "user" else "TASK#"
    keys = {"PK": {"S": f"{prefix}u"}, "SK": {"S": f"{prefix}{position}"}}
    change: dict[str, Any] = {"Keys": keys, "SequenceNumber": f"{position:021}", "NewImage": keys}
    if kind != "poison":
        change["ApproximateCreationDateTime"] = 1760518800
    return {"eventID": f"e{position}", "eventName": "INSERT", "eventSourceARN": "arn", "dynamodb": change}


@given(kinds=st.lists(KINDS, max_size=12), outcomes=st.lists(OUTCOMES, min_size=1, max_size=60))
def test_every_task_change_is_delivered_or_at_or_after_the_reported_record(
    kinds: list[str], outcomes: list[str]
) -> None:
    pending_outcomes = iter(outcomes * 60)

    def refuse(_call: int, _payload: bytes) -> str | None:
        outcome = next(pending_outcomes)
        if outcome == "time out":
            raise ReadTimeoutError(endpoint_url="firehose")
        return "InternalFailure" if outcome == "refuse" else None

    firehose = FakeFirehose(refuse)
    records = [record(position, kind) for position, kind in enumerate(kinds)]
    handler = make_handler(firehose, "task-changes", now=lambda: 0.0, sleep=lambda _seconds: None)

    failures = handler({"Records": records}, FakeContext())["batchItemFailures"]

    numbers = [item["dynamodb"]["SequenceNumber"] for item in records]
    retried_from = numbers.index(failures[0]["itemIdentifier"]) if failures else len(records)
    retried = {position for position in range(retried_from, len(records)) if kinds[position] != "user"}
    delivered = {int(row["event_id"][1:]) for row in firehose.rows}
    assert delivered | retried == {position for position, kind in enumerate(kinds) if kind != "user"}
    assert all(kinds[position] == "task" for position in delivered)
