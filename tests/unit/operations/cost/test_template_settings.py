from pathlib import Path

import pytest

from infra.package import ROOT
from operations.cost.day import Volume
from operations.cost.model import estimate, read_knowledge
from operations.cost.settings import MIB, Job, StorageClass
from operations.cost.template_settings import read_settings
from operations.cost.templates import read_templates
from operations.errors import OptionError

INFRA = """
Parameters:
  UserBuckets: {Type: Number, Default: 0}
  RunSchedule: {Type: String, Default: cron(15 2 * * ? *)}
Resources:
  TaskStreamMapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {BatchSize: 100, MaximumBatchingWindowInSeconds: 10}
  CdcFunction:
    Type: AWS::Lambda::Function
    Properties: {FunctionName: task-lake-cdc, MemorySize: 256, Architectures: [arm64]}
  LakeBucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketEncryption:
        ServerSideEncryptionConfiguration: [{BucketKeyEnabled: true}]
      NotificationConfiguration:
        EventBridgeConfiguration: {EventBridgeEnabled: true}
        QueueConfigurations: [{Event: "s3:ObjectCreated:*"}]
      LifecycleConfiguration:
        Rules:
          - {Status: Enabled, Prefix: athena_results/, ExpirationInDays: 7}
          - Status: Enabled
            Prefix: bronze/
            ObjectSizeGreaterThan: "262144"
            Transitions: [{StorageClass: GLACIER_IR, TransitionInDays: 90}]
          - {Status: Enabled, Prefix: bronze/, ExpirationInDays: 365}
          - {Status: Disabled, Prefix: bronze/, ExpirationInDays: 9999}
  LakeKey: {Type: "AWS::KMS::Key", Properties: {EnableKeyRotation: true}}
  OtherKey: {Type: "AWS::KMS::Key", Properties: {}}
  Crawler:
    Type: AWS::Glue::Crawler
    Properties: {Name: bronze, RecrawlPolicy: {RecrawlBehavior: CRAWL_EVENT_MODE}}
  Logs: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: /task-lake/cdc, RetentionInDays: 30}}
  Demo: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: /task-lake-demo/app, RetentionInDays: 7}}
  SilverTasks:
    Type: AWS::Glue::Job
    Properties:
      Name: silver_tasks
      WorkerType: G.2X
      NumberOfWorkers: 10
      Timeout: 60
      DefaultArguments: {--enable-auto-scaling: "true"}
  Maintenance:
    Type: AWS::Glue::Job
    Properties: {Name: silver_maintenance, WorkerType: G.1X, NumberOfWorkers: 2, Timeout: 120}
  Daily:
    Type: AWS::Scheduler::Schedule
    Properties: {Name: task-lake-daily, ScheduleExpression: !Ref RunSchedule}
  Weekly:
    Type: AWS::Scheduler::Schedule
    Properties: {Name: task-lake-weekly-maintenance, ScheduleExpression: rate(7 days)}
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      Definition:
        States:
          First: {Type: Pass}
          Both: {Type: Parallel, Branches: [{States: {Inner: {Type: Task}}}]}
  One: {Type: "AWS::CloudWatch::Alarm", Properties: {MetricName: Errors}}
  Ratio:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Metrics: [{Id: a, MetricStat: {}}, {Id: b, MetricStat: {}}, {Id: c, Expression: a / b}]
  Board: {Type: "AWS::CloudWatch::Dashboard", Properties: {}}
"""
STREAM = """
  {id}:
    Type: AWS::KinesisFirehose::DeliveryStream
    Properties:
      DeliveryStreamName: {name}
      ExtendedS3DestinationConfiguration:
        BufferingHints: {{IntervalInSeconds: {seconds}, SizeInMBs: 64}}
        ProcessingConfiguration:
          Processors:
            - Parameters:
                - ParameterName: MetadataExtractionQuery
                  ParameterValue: !Sub "if ${{UserBuckets}} > 0 then a else b"
"""


def checkout(folder: Path, text: str = INFRA) -> Path:
    streams = {"task-changes": 60, "api-logs": 300, "bronze-ledger": 300}
    made = [STREAM.format(id=f"S{n}", name=name, seconds=seconds) for n, (name, seconds) in enumerate(streams.items())]
    (folder / "infra").mkdir()
    (folder / "infra/template.yaml").write_text(text + "".join(made))
    return folder


def test_the_settings_are_those_of_the_templates(tmp_path: Path) -> None:
    settings = read_settings(read_templates(checkout(tmp_path)))
    assert (settings.batch_size, settings.batch_seconds, settings.memory_gb) == (100, 10, 0.25)
    assert settings.streams["api-logs"].buffer_seconds == 300
    assert settings.streams["api-logs"].buffer_bytes == 64 * MIB
    assert settings.jobs["silver_tasks"] == Job(10, 2, 60, settings.runs, auto_scales=True)
    assert settings.runs == pytest.approx(34.76, abs=0.01)
    assert settings.jobs["silver_maintenance"].runs == pytest.approx(4.35, abs=0.01)
    assert (settings.keys, settings.rotated_keys, settings.has_bucket_key) == (2, 1, True)
    assert (settings.crawlers, settings.crawls_news, settings.notices) == (1, True, True)
    assert settings.classes == (StorageClass("standard", 0), StorageClass("glacier_ir", 90))
    assert (settings.least_moved, settings.bronze_days) == (262144, 365)
    assert (settings.states, settings.alarm_metrics, settings.dashboards, settings.log_days) == (3, 3, 1, 30)
    assert (settings.functions, settings.crawler_names) == (("task-lake-cdc",), ("bronze",))
    assert settings.log_groups == ("/task-lake/cdc",)
    assert settings.announces_objects


def test_an_edited_template_and_a_deployed_parameter_change_them(tmp_path: Path) -> None:
    edited = INFRA.replace("MaximumBatchingWindowInSeconds: 10", "MaximumBatchingWindowInSeconds: 60")
    given = {"UserBuckets": "32", "RunSchedule": "rate(1 hour)"}
    settings = read_settings(read_templates(checkout(tmp_path, edited), given))
    assert (settings.batch_seconds, settings.user_buckets) == (60, 32)
    assert settings.jobs["silver_tasks"].runs == pytest.approx(730 + 4.35, abs=0.01)


@pytest.mark.parametrize(
    ("without", "said"),
    [
        ("AWS::Scheduler::Schedule", "no template of infra/ has a schedule"),
        ("TaskStreamMapping", "has the resource TaskStreamMapping"),
    ],
)
def test_what_the_cost_depends_on_must_be_there(tmp_path: Path, without: str, said: str) -> None:
    with pytest.raises(OptionError, match=said):
        read_settings(read_templates(checkout(tmp_path, INFRA.replace(without, "AWS::Other::Thing"))))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("rate(7 days)", "cron(0 0 1 1 ? *)", "Weekly: cron.* does not come up every month"),
        ("G.2X", "Z.9X", "silver_tasks: nobody here knows the DPU of a worker Z.9X"),
    ],
)
def test_what_has_no_price_is_refused_in_one_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(OptionError, match=said):
        read_settings(read_templates(checkout(tmp_path, INFRA.replace(old, new))))


def test_a_lake_without_one_of_its_streams_is_refused(tmp_path: Path) -> None:
    root = checkout(tmp_path)
    text = (root / "infra/template.yaml").read_text().replace("bronze-ledger", "another")
    (root / "infra/template.yaml").write_text(text)
    with pytest.raises(OptionError, match="no template of infra/ has the delivery stream bronze-ledger"):
        read_settings(read_templates(root))


def test_a_small_lake_as_deployed_stays_below_the_budget_that_is_deployed_with_it() -> None:
    templates = read_templates(ROOT)
    budget = next(budget for _, budget in templates.of_type("AWS::Budgets::Budget"))
    estimated = estimate(Volume(), read_settings(templates), read_knowledge())
    assert not estimated.warnings
    assert 5 < estimated.total < float(budget["Budget"]["BudgetLimit"]["Amount"])


def test_this_repositorys_templates_say_all_that_the_cost_depends_on() -> None:
    settings = read_settings(read_templates(ROOT))
    assert set(settings.jobs) == {"silver_tasks", "silver_api", "silver_maintenance", "gold"}
    assert settings.runs > 4
    assert settings.streams["task-changes"].query
    assert settings.has_bucket_key
    assert settings.announces_objects
    assert len(settings.functions) == 2
    assert settings.states > 4
