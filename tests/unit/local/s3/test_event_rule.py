import json
from typing import Any

from local.ingestion import INFRA
from local.s3.event_rule import EventRule, transform
from local.settings import RuleSettings
from local.template import load_template


def _object_created(key: str) -> dict[str, Any]:
    return {
        "source": "aws.s3",
        "detail-type": "Object Created",
        "time": "2025-10-15T12:00:00Z",
        "detail": {"bucket": {"name": "b"}, "object": {"key": key, "size": 7}},
    }


def test_a_bronze_object_becomes_a_ledger_record() -> None:
    sent: list[bytes] = []
    EventRule(load_template(INFRA).rule_settings(), sent.append)(_object_created('bronze/a%2B"b'))
    assert [json.loads(record) for record in sent] == [
        {"object_key": 'bronze/a%2B"b', "size_bytes": 7, "created_at": "2025-10-15T12:00:00Z"}
    ]


def test_an_object_elsewhere_is_not_in_the_ledger() -> None:
    sent: list[bytes] = []
    EventRule(load_template(INFRA).rule_settings(), sent.append)(_object_created("errors/x"))
    assert sent == []


def test_a_text_gets_quotes_whether_the_template_has_them_or_not() -> None:
    settings = RuleSettings({}, {"key": "$.detail.object.key"}, '{"bare": <key>, "quoted": "<key>"}')
    assert json.loads(transform(settings, _object_created("k"))) == {"bare": "k", "quoted": "k"}
