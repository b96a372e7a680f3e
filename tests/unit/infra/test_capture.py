import json
import re
from importlib import import_module
from pathlib import Path

import pytest

from infra import cloudformation
from infra.package import FUNCTIONS_PACKAGE
from local.template import Template, load_template
from tests.unit.infra.policies import statements_of

INFRA = Path(__file__).parents[3] / "infra"


@pytest.fixture(scope="module")
def template() -> Template:
    return load_template(INFRA)


def test_a_poison_record_can_neither_block_its_shard_nor_vanish(template: Template) -> None:
    mapping = template.properties("TaskStreamMapping")
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert (mapping["BisectBatchOnFunctionError"], mapping["MaximumRetryAttempts"]) == (True, 3)
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"]
    assert (mapping["StartingPosition"], mapping["BatchSize"]) == ("TRIM_HORIZON", 100)


def test_the_filter_asks_for_the_prefix_of_both_keys(template: Template) -> None:
    (pattern,) = template.mapping_settings().filters
    task = [{"prefix": "TASK#"}]
    assert pattern == {"dynamodb": {"Keys": {"PK": {"S": task}, "SK": {"S": task}}}}


@pytest.mark.parametrize(
    ("logical_id", "entry_point", "stream"),
    [
        ("CdcFunction", "cdc_lambda.handler.lambda_handler", "TaskChangesDeliveryStream"),
        ("LogForwarderFunction", "cdc_lambda.log_forwarder.lambda_handler", "ApiLogsDeliveryStream"),
    ],
)
def test_a_function_is_the_packaged_entry_point_with_its_stream(
    template: Template, logical_id: str, entry_point: str, stream: str
) -> None:
    function = template.properties(logical_id)
    assert function["Handler"] == entry_point
    assert function["Code"]["S3Key"].argument == f"${{ArtifactVersion}}/{FUNCTIONS_PACKAGE.name}"
    variables = function["Environment"]["Variables"]
    assert variables["DELIVERY_STREAM"] == template.properties(stream)["DeliveryStreamName"]
    assert variables["LAKE_BUCKET"].argument == "LakeBucketName"


def test_a_payload_that_fails_is_tried_again_and_then_kept(template: Template) -> None:
    config = template.properties("LogForwarderInvokeConfig")
    assert config["FunctionName"].argument == "LogForwarderFunction"
    assert (config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"]) == (2, 21600)
    assert config["DestinationConfig"]["OnFailure"]["Destination"]


def test_the_forwarder_can_never_be_subscribed_to_a_log_group_of_the_lake(template: Template) -> None:
    groups = {
        name: resource["Properties"]["LogGroupName"]
        for name, resource in template.resources.items()
        if resource["Type"] == "AWS::Logs::LogGroup"
    }
    assert template.properties("LogForwarderFunction")["LoggingConfig"]["LogGroup"].argument in groups
    demo = [groups.pop(name) for name in ("DemoAccessLogGroup", "DemoAppLogGroup")]
    assert all(name.startswith("/task-lake/") for name in groups.values())

    raw = (INFRA / "capture.yaml").read_text(encoding="utf-8")
    subscribed = re.findall(r"Type: AWS::Logs::SubscriptionFilter\n(?:    .*\n)*?      LogGroupName: (.*)\n", raw)
    assert subscribed == ["!Ref AccessLogGroupName", "!Ref AppLogGroupName"]
    root = cloudformation.parse((INFRA / "template.yaml").read_text(encoding="utf-8"))
    for parameters in (cloudformation.parse(raw)["Parameters"], root["Parameters"]):
        for reference in subscribed:
            allowed = re.compile(parameters[reference.removeprefix("!Ref ")]["AllowedPattern"])
            assert not [name for name in groups.values() if allowed.match(name)]
            assert all(allowed.match(name) for name in ("", "/aws/lambda/todo-api", "API-Gateway-Logs_a1/prod", *demo))


def test_only_a_group_that_is_subscribed_may_invoke_the_forwarder() -> None:
    named = load_template(INFRA, {"AccessLogGroupName": "/api/access", "AppLogGroupName": "/api/app"})
    permissions = [
        resource["Properties"]["SourceArn"].argument
        for resource in named.resources.values()
        if resource["Type"] == "AWS::Lambda::Permission"
    ]
    prefix = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:"
    assert permissions == [f"{prefix}${{AccessLogGroupName}}:*", f"{prefix}${{AppLogGroupName}}:*"]


def test_a_group_cannot_be_subscribed_twice() -> None:
    raw = (INFRA / "capture.yaml").read_text(encoding="utf-8")
    rule = cloudformation.parse(raw)["Rules"]["EachGroupOnce"]
    [assertion] = rule["Assertions"]
    [equals] = assertion["Assert"].argument
    assert [reference.argument for reference in equals.argument] == ["AccessLogGroupName", "AppLogGroupName"]


def test_the_access_logs_format_is_documented_beside_its_subscription() -> None:
    raw = (INFRA / "capture.yaml").read_text(encoding="utf-8")
    comment = "".join(line.strip("# ") for line in raw.splitlines() if line.startswith("  #   "))
    line = re.sub(r"\$context\.[A-Za-z.]+", "0", comment)
    assert list(json.loads(line)) == [
        "log",
        "request_id",
        "user_id",
        "requested_at_ms",
        "method",
        "route",
        "status_code",
        "latency_ms",
        "integration_error",
    ]


def test_each_function_writes_objects_only_under_its_own_prefixes_of_this_accounts_bucket(template: Template) -> None:
    for role, prefixes in (
        ("CdcRole", ["claim_checks/task_changes", "aws/lambda"]),
        ("LogForwarderRole", ["claim_checks/api_logs", "aws/lambda/async"]),
    ):
        [statement] = [
            statement
            for policy in template.properties(role)["Policies"]
            for statement in policy["PolicyDocument"]["Statement"]
            if statement["Action"] == "s3:PutObject"
        ]
        bucket = "arn:${AWS::Partition}:s3:::${LakeBucketName}"
        assert [arn.argument for arn in statement["Resource"]] == [f"{bucket}/{prefix}/*" for prefix in prefixes]
        assert statement["Condition"]["StringEquals"]["s3:ResourceAccount"].argument == "AWS::AccountId"


def test_a_table_with_a_key_of_its_own_is_read_and_nothing_else_of_that_key(template: Template) -> None:
    [statement] = [one for one in statements_of("CdcRole", template.resources) if one["Action"] == "kms:Decrypt"]
    condition = statement["Condition"]["StringEquals"]
    assert condition["kms:ViaService"].argument == "dynamodb.${AWS::Region}.amazonaws.com"
    assert condition["kms:EncryptionContext:aws:dynamodb:tableName"].argument == "TaskTableName"


def test_every_log_group_forgets(template: Template) -> None:
    groups = [r["Properties"] for r in template.resources.values() if r["Type"] == "AWS::Logs::LogGroup"]
    assert len(groups) >= 7
    assert all(0 < group["RetentionInDays"] <= 30 for group in groups)


def test_a_batch_waits_no_longer_than_a_minute(template: Template) -> None:
    assert 0 < template.mapping_settings().window_seconds <= 60


def test_log_lines_can_be_kept_from_taking_the_apis_concurrency(template: Template) -> None:
    bounded = template.properties("LogForwarderFunction")["ReservedConcurrentExecutions"]
    condition, given, none = bounded.argument
    assert (condition, given) == ("BoundsForwarder", "0")
    assert none.argument == "AWS::NoValue", "a new account's quota leaves nothing to reserve"
    assert "ReservedConcurrentExecutions" not in template.properties("CdcFunction")


def test_every_handler_that_is_named_exists(template: Template) -> None:
    functions = [one["Properties"] for one in template.resources.values() if one["Type"] == "AWS::Lambda::Function"]
    assert len(functions) == 2
    for function in functions:
        module, _, name = function["Handler"].rpartition(".")
        assert callable(getattr(import_module(module), name))
