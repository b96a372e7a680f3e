"""The settings as the templates have them, so that the estimate changes when a template does."""

import json
from collections.abc import Iterator
from typing import Any

from operations.cost.schedule import ScheduleError, runs_a_month
from operations.cost.settings import DPU_OF_A_WORKER, MIB, STREAMS, Job, Settings, StorageClass, Stream
from operations.cost.templates import Templates
from operations.errors import OptionError


def read_settings(templates: Templates) -> Settings:
    """Return the settings as deployed by default; raise OptionError for a template that nobody can put a price on."""
    mapping = templates.properties("TaskStreamMapping")
    function = templates.properties("CdcFunction")
    bucket = templates.properties("LakeBucket")
    schedules = dict(_schedules(templates))
    runs, maintenance = sum(schedules.values()), schedules.get("task-lake-weekly-maintenance", 0.0)
    rules = [rule for rule in _rules(bucket) if str(rule.get("Prefix", "")).rstrip("/") == "bronze"]
    keys = [properties for _, properties in templates.of_type("AWS::KMS::Key")]
    crawlers = _names(templates, "AWS::Glue::Crawler", "Name")
    return Settings(
        batch_size=int(mapping["BatchSize"]),
        batch_seconds=int(mapping.get("MaximumBatchingWindowInSeconds", 0)),
        memory_gb=int(function.get("MemorySize", 128)) / 1024,
        architecture=function.get("Architectures", ["x86_64"])[0],
        streams=_streams(templates),
        user_buckets=_user_buckets(templates),
        jobs=_jobs(templates, runs, maintenance),
        runs=runs,
        states=_states(templates),
        crawlers=len(crawlers),
        crawls=len(crawlers) * runs,
        crawls_news=all(
            each.get("RecrawlPolicy", {}).get("RecrawlBehavior", "CRAWL_EVERYTHING") != "CRAWL_EVERYTHING"
            for _, each in templates.of_type("AWS::Glue::Crawler")
        ),
        notices=bool(bucket.get("NotificationConfiguration", {}).get("QueueConfigurations")),
        classes=_classes(rules),
        least_moved=max([128 * 1024, *(int(rule.get("ObjectSizeGreaterThan", 0)) for rule in rules)]),
        bronze_days=max([0, *(int(rule.get("ExpirationInDays", 0)) for rule in rules)]),
        announces_objects="EventBridgeConfiguration" in bucket.get("NotificationConfiguration", {}),
        keys=len(keys),
        rotated_keys=sum(bool(key.get("EnableKeyRotation")) for key in keys),
        has_bucket_key='"BucketKeyEnabled": true' in json.dumps(bucket),
        log_days=max(
            (int(group["RetentionInDays"]) for _, group in templates.of_type("AWS::Logs::LogGroup")), default=0
        ),
        alarm_metrics=sum(_alarm_metrics(alarm) for _, alarm in templates.of_type("AWS::CloudWatch::Alarm")),
        composite_alarms=len(list(templates.of_type("AWS::CloudWatch::CompositeAlarm"))),
        dashboards=len(list(templates.of_type("AWS::CloudWatch::Dashboard"))),
        functions=_names(templates, "AWS::Lambda::Function", "FunctionName"),
        crawler_names=crawlers,
        log_groups=tuple(
            name for name in _names(templates, "AWS::Logs::LogGroup", "LogGroupName") if name.startswith("/task-lake/")
        ),
    )


def _names(templates: Templates, type_: str, property_: str) -> tuple[str, ...]:
    return tuple(str(properties[property_]) for _, properties in templates.of_type(type_))


def _schedules(templates: Templates) -> Iterator[tuple[str, float]]:
    """Yield each schedule's name and its runs a month."""
    found = list(templates.of_type("AWS::Scheduler::Schedule"))
    if not found:
        raise OptionError("no template of infra/ has a schedule, so nobody can say how often the jobs run")
    for logical_id, schedule in found:
        try:
            yield str(schedule["Name"]), runs_a_month(str(schedule["ScheduleExpression"]))
        except ScheduleError as error:
            raise OptionError(f"{logical_id}: {error}") from error


def _streams(templates: Templates) -> dict[str, Stream]:
    streams = {}
    for _, properties in templates.of_type("AWS::KinesisFirehose::DeliveryStream"):
        s3 = properties["ExtendedS3DestinationConfiguration"]
        hints = s3["BufferingHints"]
        streams[properties["DeliveryStreamName"]] = Stream(
            int(hints["IntervalInSeconds"]), int(hints["SizeInMBs"]) * MIB, _query(s3)
        )
    if missing := set(STREAMS) - streams.keys():
        raise OptionError(f"no template of infra/ has the delivery stream {min(missing)}")
    return streams


def _query(s3: dict[str, Any]) -> str:
    for processor in s3.get("ProcessingConfiguration", {}).get("Processors", []):
        for parameter in processor["Parameters"]:
            if parameter["ParameterName"] == "MetadataExtractionQuery":
                return str(parameter["ParameterValue"])
    return ""


def _user_buckets(templates: Templates) -> int:
    """Return the default of UserBuckets, as it stands in the query: ``if 0 > 0 then``."""
    words = _streams(templates)["task-changes"].query.split(" > 0 then")[0].split()
    return int(words[-1]) if words and words[-1].isdecimal() else 0


def _jobs(templates: Templates, runs: float, maintenance: float) -> dict[str, Job]:
    jobs = {}
    for _, properties in templates.of_type("AWS::Glue::Job"):
        worker = properties["WorkerType"]
        if worker not in DPU_OF_A_WORKER:
            raise OptionError(f"{properties['Name']}: nobody here knows the DPU of a worker {worker}")
        jobs[properties["Name"]] = Job(
            workers=int(properties["NumberOfWorkers"]),
            dpu=DPU_OF_A_WORKER[worker],
            timeout_minutes=int(properties["Timeout"]),
            runs=maintenance if properties["Name"] == "silver_maintenance" else runs,
            auto_scales=properties.get("DefaultArguments", {}).get("--enable-auto-scaling") == "true",
        )
    return jobs


def _rules(bucket: Any) -> list[dict[str, Any]]:
    rules = bucket.get("LifecycleConfiguration", {}).get("Rules", [])
    return [rule for rule in rules if rule.get("Status") == "Enabled"]


def _classes(rules: list[dict[str, Any]]) -> tuple[StorageClass, ...]:
    """Return the classes that Bronze passes through, youngest first."""
    moves = [move for rule in rules for move in rule.get("Transitions", [])]
    later = [StorageClass(move["StorageClass"].lower(), int(move["TransitionInDays"])) for move in moves]
    return (StorageClass("standard", 0), *sorted(later, key=lambda each: each.from_day))


def _states(templates: Templates) -> int:
    """Return the states of the state machine, which is about what one run passes through."""
    return sum(_count_states(machine) for _, machine in templates.of_type("AWS::StepFunctions::StateMachine"))


def _count_states(node: Any) -> int:
    if isinstance(node, list):
        return sum(map(_count_states, node))
    if not isinstance(node, dict):
        return 0
    states = node.get("States")
    return (len(states) if isinstance(states, dict) else 0) + sum(map(_count_states, node.values()))


def _alarm_metrics(alarm: Any) -> int:
    """Return how many metrics an alarm looks at: an alarm on an expression is billed for each."""
    queries = [query for query in alarm.get("Metrics", []) if "MetricStat" in query]
    return max(len(queries), 1)
