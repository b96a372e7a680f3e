"""The crawler looks at Bronze's tables, changes none of them, and what it finds or anybody changes is told."""

from typing import Any

import pytest

from local.event_pattern import matches
from tests.unit.infra.policies import actions_of, all_resources, places, statements_of

RESOURCES = all_resources()
CRAWLER = RESOURCES["BronzeCrawler"]["Properties"]
STATEMENTS = statements_of("CrawlerRole", RESOURCES)
# As AWS sends it: EventBridge User Guide, AWS Glue events.
SUCCEEDED = {
    "crawlerName": "bronze",
    "state": "Succeeded",
    "message": "Crawler Succeeded",
    "warningMessage": "N/A",
    "tablesCreated": "0",
    "tablesUpdated": "0",
    "tablesDeleted": "0",
    "partitionsCreated": "0",
    "partitionsUpdated": "0",
    "partitionsDeleted": "0",
}


def test_it_looks_at_every_table_of_bronze_in_one_target() -> None:
    [target] = CRAWLER["Targets"]["CatalogTargets"]
    tables = [
        one["Properties"]["TableInput"]["Name"] for one in RESOURCES.values() if one["Type"] == "AWS::Glue::Table"
    ]
    assert (target["DatabaseName"], target["Tables"]) == ("bronze", tables)
    assert CRAWLER["Targets"].keys() == {"CatalogTargets"}


def test_it_changes_no_table_by_its_settings_nor_by_its_rights() -> None:
    assert CRAWLER["SchemaChangePolicy"] == {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}
    assert all("Get" in action for action in actions_of(STATEMENTS, "glue"))
    assert set(actions_of(STATEMENTS, "s3")) == {"s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket"}


def test_the_state_machine_starts_it_and_no_schedule_of_its_own() -> None:
    assert CRAWLER["Name"] == "bronze"
    assert "Schedule" not in CRAWLER


def test_it_takes_from_the_queue_what_the_bucket_announces_of_its_tables() -> None:
    assert CRAWLER["RecrawlPolicy"] == {"RecrawlBehavior": "CRAWL_EVENT_MODE"}
    assert CRAWLER["Targets"]["CatalogTargets"][0]["EventQueueArn"].argument == "BronzeEventQueueArn"
    [announced] = RESOURCES["LakeBucket"]["Properties"]["NotificationConfiguration"]["QueueConfigurations"]
    assert (announced["Event"], announced["Queue"].argument) == ("s3:ObjectCreated:*", "BronzeEventQueue.Arn")
    [rule] = announced["Filter"]["S3Key"]["Rules"]
    locations = [
        one["Properties"]["TableInput"]["StorageDescriptor"]["Location"].argument
        for one in RESOURCES.values()
        if one["Type"] == "AWS::Glue::Table"
    ]
    assert all(place.removeprefix("s3://${LakeBucketName}/").startswith(rule["Value"]) for place in locations)
    assert places(STATEMENTS, "sqs:ReceiveMessage") == {"BronzeEventQueueArn"}


def test_the_queue_is_encrypted_and_takes_from_this_accounts_buckets_alone() -> None:
    assert RESOURCES["BronzeEventQueue"]["Properties"]["SqsManagedSseEnabled"] is True
    allow, deny = RESOURCES["BronzeEventQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert (allow["Principal"], allow["Action"]) == ({"Service": "s3.amazonaws.com"}, "sqs:SendMessage")
    assert allow["Condition"]["StringEquals"]["aws:SourceAccount"].argument == "AWS::AccountId"
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, False),
        ({"state": "Started"}, False),
        ({"state": "Failed"}, True),
        ({"tablesUpdated": "1"}, True),
        ({"partitionsCreated": "12"}, True),
        ({"warningMessage": "objects with another schema"}, True),
        ({"state": "Failed", "crawlerName": "somebody_elses"}, False),
    ],
)
def test_a_crawl_is_told_of_if_it_failed_warned_or_changed_anything(changed: dict[str, str], told: bool) -> None:
    event = {"source": "aws.glue", "detail-type": "Glue Crawler State Change", "detail": {**SUCCEEDED, **changed}}
    assert matches(RESOURCES["BronzeCrawlRule"]["Properties"]["EventPattern"], event) is told


@pytest.mark.parametrize(
    ("detail_type", "detail", "told"),
    [
        ("Table", {"databaseName": "bronze", "tableName": "task_changes", "typeOfChange": "UpdateTable"}, True),
        ("Database", {"databaseName": "bronze", "changedTables": ["x"], "typeOfChange": "CreateTable"}, True),
        ("Table", {"databaseName": "silver", "tableName": "tasks", "typeOfChange": "UpdateTable"}, False),
    ],
)
def test_a_change_of_bronzes_tables_is_told_of_whoever_made_it(
    detail_type: str, detail: dict[str, Any], told: bool
) -> None:
    event = {"source": "aws.glue", "detail-type": f"Glue Data Catalog {detail_type} State Change", "detail": detail}
    assert matches(RESOURCES["BronzeTableRule"]["Properties"]["EventPattern"], event) is told


def test_both_rules_tell_the_topic_of_the_alarms() -> None:
    for rule in ("BronzeTableRule", "BronzeCrawlRule"):
        [target] = RESOURCES[rule]["Properties"]["Targets"]
        assert target["Arn"].argument.endswith(":task-lake-alarms")
