"""What an account holds: the resources of every service that the lake uses, as the services list them."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.aws.emulator import ACCOUNT, Emulator

# By service, what lists its resources' names or ids.
_LISTS: Mapping[str, Mapping[str, Callable[[Any], list[str]]]] = {
    "s3": {"buckets": lambda s3: _names(s3.list_buckets()["Buckets"], "Name")},
    "kms": {
        "keys": lambda kms: [one["KeyId"] for one in _pages(kms, "list_keys", "Keys") if _is_in_use(kms, one["KeyId"])]
    },
    "iam": {
        "roles": lambda iam: _names(_pages(iam, "list_roles", "Roles"), "RoleName"),
        "policies": lambda iam: _names(iam.list_policies(Scope="Local")["Policies"], "PolicyName"),
    },
    "lambda": {
        "functions": lambda api: _names(_pages(api, "list_functions", "Functions"), "FunctionName"),
        "mappings": lambda api: _names(_pages(api, "list_event_source_mappings", "EventSourceMappings"), "UUID"),
    },
    "firehose": {"streams": lambda firehose: list(firehose.list_delivery_streams()["DeliveryStreamNames"])},
    "dynamodb": {"tables": lambda dynamodb: list(dynamodb.list_tables()["TableNames"])},
    "sqs": {"queues": lambda sqs: list(sqs.list_queues().get("QueueUrls", []))},
    "sns": {
        "topics": lambda sns: _names(_pages(sns, "list_topics", "Topics"), "TopicArn"),
        "subscriptions": lambda sns: _names(_pages(sns, "list_subscriptions", "Subscriptions"), "SubscriptionArn"),
    },
    "logs": {"groups": lambda logs: _names(_pages(logs, "describe_log_groups", "logGroups"), "logGroupName")},
    "events": {"rules": lambda events: _names(events.list_rules()["Rules"], "Name")},
    "scheduler": {"schedules": lambda api: _names(_pages(api, "list_schedules", "Schedules"), "Name")},
    "stepfunctions": {"machines": lambda api: _names(_pages(api, "list_state_machines", "stateMachines"), "name")},
    "cloudwatch": {
        "alarms": lambda api: _names(_pages(api, "describe_alarms", "MetricAlarms"), "AlarmName"),
        "dashboards": lambda api: _names(_pages(api, "list_dashboards", "DashboardEntries"), "DashboardName"),
    },
    "glue": {
        "databases": lambda glue: _names(_pages(glue, "get_databases", "DatabaseList"), "Name"),
        "jobs": lambda glue: _names(_pages(glue, "get_jobs", "Jobs"), "Name"),
        "crawlers": lambda glue: _names(_pages(glue, "get_crawlers", "Crawlers"), "Name"),
        "security": lambda glue: _names(glue.get_security_configurations()["SecurityConfigurations"], "Name"),
    },
    "athena": {
        "workgroups": lambda athena: _names(athena.list_work_groups()["WorkGroups"], "Name"),
        "queries": lambda athena: list(athena.list_named_queries(WorkGroup="task-lake")["NamedQueryIds"]),
    },
    "budgets": {
        "budgets": lambda api: _names(api.describe_budgets(AccountId=ACCOUNT).get("Budgets", []), "BudgetName")
    },
    "cloudformation": {
        "stacks": lambda api: [
            one["StackName"]
            for one in _pages(api, "describe_stacks", "Stacks")
            if one["StackStatus"] != "DELETE_COMPLETE"
        ]
    },  # ministack goes on telling of nested stacks
}


def inventory(emulator: Emulator) -> dict[str, set[str]]:
    """Return the names of what there is, by service and kind."""
    found: dict[str, set[str]] = {}
    for service, lists in _LISTS.items():
        client = emulator.client(service)
        found |= {f"{service} {kind}": set(names(client)) for kind, names in lists.items()}
    return found


def _is_in_use(kms: Any, key: str) -> bool:
    """Whether nobody has deleted it: KMS lists it for as long as that can be taken back."""
    return bool(kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled")


def _pages(client: Any, operation: str, key: str) -> list[dict[str, Any]]:
    return [one for page in client.get_paginator(operation).paginate() for one in page[key]]


def _names(listed: list[dict[str, Any]], key: str) -> list[str]:
    return [one[key] for one in listed]
