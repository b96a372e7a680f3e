from typing import Any

from operations.status.spend import spend
from tests.unit.operations.fake_account import FakeAccount
from tests.unit.operations.status.answers import DEV, NOW, Answers


def cost(**services: str) -> dict[str, Any]:
    groups = [{"Keys": [name], "Metrics": {"UnblendedCost": {"Amount": amount}}} for name, amount in services.items()]
    return {"Groups": groups}


def test_the_cost_is_summed_by_service_the_dearest_first_and_says_its_own_price(aws: FakeAccount) -> None:
    answer = {"ResultsByTime": [cost(Glue="1.25", Firehose="0.10"), cost(Glue="2.25"), cost()]}
    aws.fakes["ce"] = Answers(get_cost_and_usage=answer)
    lines = list(spend(aws, DEV, NOW))
    assert [line.text.split() for line in lines[:2]] == [["Glue", "$", "3.50"], ["Firehose", "$", "0.10"]]
    assert lines[2].text.split()[-1] == "3.60"
    assert lines[3].text == "Cost Explorer itself takes $0.01 for this question"
    [asked] = aws.fakes["ce"].asked
    assert asked["TimePeriod"] == {"Start": "2025-10-08", "End": "2025-10-15"}
    assert asked["Granularity"] == "MONTHLY", "by day, an answer has seven times the lines, and a page has its price"
    assert asked["Filter"]["And"][0] == {"Tags": {"Key": "Project", "Values": ["task-lake"]}}


def test_a_tag_that_is_not_activated_is_one_line(aws: FakeAccount) -> None:
    aws.fakes["ce"] = Answers(get_cost_and_usage={"ResultsByTime": [cost()]})
    [line] = spend(aws, DEV, NOW)
    assert "activate both as cost allocation tags in AWS Billing" in line.text
    assert line.is_note
