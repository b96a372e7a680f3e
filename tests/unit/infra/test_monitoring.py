"""Which events are counted and told, who may tell the topic, and what the account may spend."""

from typing import Any

import pytest

from infra.cloudformation import Intrinsic
from local.event_pattern import matches
from tests.unit.infra.emitted import JOBS, RESOURCES, of_type
from tests.unit.infra.policies import listed


def created(key: str) -> dict[str, Any]:
    detail = {"bucket": {"name": "the-lake"}, "object": {"key": key}}
    return {"source": "aws.s3", "detail-type": "Object Created", "detail": detail}


@pytest.mark.parametrize(
    ("key", "rule"),
    [
        ("aws/lambda/uuid/shard/2025/10/15/x", "OnFailureObjectRule"),
        ("aws/lambda/async/task-lake-log-forwarder/2025/10/15/x", "OnFailureObjectRule"),
        ("errors/firehose/task_changes/format-conversion-failed/2025/10/15/x", "DeliveryErrorRule"),
        ("bronze/task_changes/2025/10/15/ada/x.parquet", "BronzeObjectRule"),
    ],
)
def test_an_object_is_counted_by_the_rule_of_its_place(key: str, rule: str) -> None:
    rules = of_type("AWS::Events::Rule")
    of_objects = {name: one for name, one in rules.items() if "Object Created" in str(one["EventPattern"])}
    assert [name for name, one in of_objects.items() if matches(one["EventPattern"], created(key))] == [rule]


def test_every_job_that_fails_is_told_whoever_started_it() -> None:
    pattern = RESOURCES["JobFailureRule"]["Properties"]["EventPattern"]
    assert set(pattern["detail"]["jobName"]) == JOBS
    event = {"source": "aws.glue", "detail-type": "Glue Job State Change"}
    for state, is_told in (("FAILED", True), ("TIMEOUT", True), ("SUCCEEDED", False), ("STOPPED", False)):
        assert matches(pattern, {**event, "detail": {"jobName": "gold", "state": state}}) == is_told


PUBLISHERS = {"cloudwatch.amazonaws.com", "events.amazonaws.com", "budgets.amazonaws.com"}


def allowed(resource: str, policy: str) -> dict[str, dict[str, Any]]:
    """Return the statement that lets each service do something."""
    statements = RESOURCES[resource]["Properties"][policy]["Statement"]
    services = {one["Sid"]: listed(one["Principal"]["Service"]) for one in statements if "Service" in one["Principal"]}
    return {service: one for one in statements for service in services.get(one.get("Sid"), [])}


def test_what_publishes_may_use_the_topic_and_its_key_and_nothing_else_may() -> None:
    assert allowed("AlarmTopicPolicy", "PolicyDocument").keys() == PUBLISHERS
    assert allowed("AlarmKey", "KeyPolicy").keys() == PUBLISHERS


def test_a_service_publishes_for_this_lake_alone() -> None:
    for statement in allowed("AlarmTopicPolicy", "PolicyDocument").values():
        assert "123456789012" in statement["Condition"]["ArnLike"]["aws:SourceArn"]
    rules = [
        one
        for one in of_type("AWS::Events::Rule").values()
        if "task-lake-alarms" in str(one) or "AlarmTopic" in str(one)
    ]
    assert rules
    assert all(one["Name"].startswith("task-lake-") for one in rules)
    assert all(alarm["AlarmName"].startswith("task-lake-") for alarm in of_type("AWS::CloudWatch::Alarm").values())


def test_the_topic_is_encrypted_by_a_key_that_its_publishers_may_use() -> None:
    """Not by alias/aws/sns, under which no alarm arrives: docs/aws-semantics.md#sns-topics-1."""
    assert RESOURCES["AlarmTopic"]["Properties"]["KmsMasterKeyId"] == Intrinsic("GetAtt", "AlarmKey.Arn")
    for statement in allowed("AlarmKey", "KeyPolicy").values():
        assert set(statement["Action"]) == {"kms:Decrypt", "kms:GenerateDataKey*"}


def test_the_spend_is_told_before_the_budget_is_spent() -> None:
    told = RESOURCES["MonthlyBudgetAlarm"]["Properties"]["NotificationsWithSubscribers"]
    assert {(one["Notification"]["NotificationType"], one["Notification"]["Threshold"]) for one in told} == {
        ("ACTUAL", 80),
        ("FORECASTED", 100),
    }
    assert all(one["Subscribers"][0]["Address"] == Intrinsic("Ref", "AlarmTopic") for one in told)
