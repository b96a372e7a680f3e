import json
from typing import Any

from operations.status.freshness import bronze, silver
from tests.unit.operations.fake_account import FakeAccount
from tests.unit.operations.fake_cloudformation import START
from tests.unit.operations.status.answers import NOW, Answers, deployed


def metrics(values: dict[tuple[str, str], list[float]]) -> Answers:
    def data(given: dict[str, Any]) -> dict[str, Any]:
        metric = given["MetricDataQueries"][0]["MetricStat"]["Metric"]
        found = values.get((metric["MetricName"], metric["Dimensions"][0]["Value"]), [])
        return {"MetricDataResults": [{"Values": found}]}

    return Answers(get_metric_data=data)


def test_bronze_says_what_came_in_a_day_and_how_long_the_oldest_waited(aws: FakeAccount) -> None:
    aws.fakes["cloudwatch"] = metrics(
        {
            ("DeliveryToS3.Records", "task-changes"): [1000, 234],
            ("DeliveryToS3.DataFreshness", "task-changes"): [75, 900],
        }
    )
    changes, logs = (" ".join(line.text.split()) for line in bronze(aws, NOW))
    assert changes == "bronze.task_changes 1,234 records in a day; the oldest not delivered was 1 min 15 s old"
    assert logs == "bronze.api_logs 0 records in a day"


def test_silver_says_how_far_behind_it_was_and_how_many_rows_readers_see(aws: FakeAccount) -> None:
    deployed(aws)
    aws.fakes["cloudwatch"] = metrics({("Lag", "silver_tasks"): [660]})
    snapshots = [
        {"snapshot-id": number, "timestamp-ms": START.timestamp() * 1000, "summary": {"total-records": str(number)}}
        for number in (7, 1234567)
    ]
    metadata = {"current-snapshot-id": 1234567, "snapshots": snapshots}
    empty = {"current-snapshot-id": -1, "snapshots": []}
    glue = aws.client("glue")
    for table, content in (("tasks", metadata), ("api_requests", empty)):
        aws.client("s3").put_object(Bucket="lake", Key=f"silver/{table}/m.json", Body=json.dumps(content))
        place = f"s3://lake/silver/{table}/m.json"
        made = {"Name": table, "Parameters": {"metadata_location": place}}
        glue.create_table(DatabaseName="silver", TableInput=made)
    glue.create_table(DatabaseName="silver", TableInput={"Name": "by_hand"})
    assert [" ".join(line.text.split()) for line in silver(aws, NOW)] == [
        "silver.tasks was 11 min behind",
        "silver.api_requests no run in 3 days",
        "silver.tasks 1,234,567 rows, changed 3 h ago",
    ]
