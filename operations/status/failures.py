"""What failed and waits for somebody: objects in failure stores, alarms."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from operations.account import Account
from operations.stack import Resource
from operations.stage import Stage
from operations.status.section import Line, ago

# Where Firehose and Lambda put what they give up: infra/delivery.yaml, infra/capture.yaml.
_STORES = ("errors/", "aws/lambda/")
_ALARMS = {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"}
_NAMES_A_CALL = 100


def failure_stores(s3: Any, bucket: str, stage: Stage) -> Iterator[Line]:
    """Yield a line a failure store; red if something lies in it."""
    for store in _STORES:
        page = s3.list_objects_v2(Bucket=bucket, Prefix=store)
        count, more = len(page.get("Contents", [])), "or more " if page.get("IsTruncated") else ""
        what = (
            "object: `make replay STAGE={0}` hands it" if count == 1 else "objects: `make replay STAGE={0}` hands them"
        )
        said = f"{count:,} {more}{what.format(stage.name)} over again" if count else "empty"
        yield Line(f"{store:<20} {said}", is_red=count > 0)


def alarms(account: Account, held: Sequence[Resource], now: datetime) -> Iterator[Line]:
    """Yield a red line for each of the stack's alarms that is on, and one that counts the others."""
    names = [one.physical_id for one in held if one.type in _ALARMS]
    states = Counter[str]()
    cloudwatch = account.client("cloudwatch")
    for start in range(0, len(names), _NAMES_A_CALL):
        chunk = names[start : start + _NAMES_A_CALL]
        said = cloudwatch.describe_alarms(AlarmNames=chunk, AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        for alarm in [*said.get("MetricAlarms", []), *said.get("CompositeAlarms", [])]:
            states[alarm["StateValue"]] += 1
            if alarm["StateValue"] == "ALARM":
                since = ago(alarm["StateUpdatedTimestamp"], now)
                yield Line(f"{alarm['AlarmName']:<40} since {since}: {alarm.get('StateReason', '')}", is_red=True)
    named = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    yield Line(f"{sum(states.values())} alarms: {named}" if states else "none deployed")
