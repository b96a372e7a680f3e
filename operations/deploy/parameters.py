"""The lake's parameters: what was typed, else what was deployed, else the template's own."""

from collections.abc import Mapping, Sequence
from typing import Any

from operations.errors import OptionError
from operations.stack import Stack

# What a Makefile variable is called in infra/template.yaml. `none` empties one that was given before.
_PARAMETERS = {
    "SOURCE_STREAM": "TaskStreamArn",
    "USER_BUCKETS": "UserBuckets",
    "FORWARDER_CONCURRENCY": "ForwarderConcurrency",
    "BRONZE_YEARS": "BronzeYears",
    "ALARM_EMAIL": "AlarmEmail",
    "MONTHLY_BUDGET": "MonthlyBudget",
    "BYTES_SCANNED_CUTOFF": "BytesScannedCutoff",
    "RUN_SCHEDULE": "RunSchedule",
    "MAINTENANCE_SCHEDULE": "MaintenanceSchedule",
}
_LOG_GROUPS = dict.fromkeys(("AccessLogGroupName", "AppLogGroupName"), "LOG_GROUPS")
_OPTIONS = {parameter: name for name, parameter in _PARAMETERS.items()} | _LOG_GROUPS
_NONE = "none"


def typed_parameters(options: Mapping[str, str]) -> dict[str, str]:
    """Return the values of the options that were typed, by the template's names; raise OptionError."""
    typed = {_PARAMETERS[name]: _value(text) for name, text in options.items() if text and name in _PARAMETERS}
    if groups := options.get("LOG_GROUPS", ""):
        access, *app = [_value(name.strip()) for name in groups.split(",")]
        if len(app) > 1:
            raise OptionError(f"LOG_GROUPS={groups} names {len(app) + 1} groups: say <access log>[,<app log>], or none")
        if access and access in app:
            raise OptionError(f"LOG_GROUPS={groups} names a group twice: each of its lines would come twice")
        typed |= {"AccessLogGroupName": access, "AppLogGroupName": next(iter(app), "")}
    return typed


def as_typed(parameter: str, value: str) -> str:
    """Return a value of the template's as the option that was typed, such as ``USER_BUCKETS=64``."""
    return f"{_OPTIONS[parameter]}={value or _NONE}"


def stack_parameters(typed: Mapping[str, str], deployed: Stack | None, template: Sequence[str]) -> list[dict[str, Any]]:
    """Return the parameters of the change set; those not typed keep what is deployed, new ones their default."""
    if unknown := set(typed) - set(template):
        raise OptionError(f"infra/template.yaml has no parameter {', '.join(sorted(unknown))}")
    kept = set(deployed.parameters if deployed else ()) & set(template) - set(typed)
    return [
        *({"ParameterKey": name, "ParameterValue": value} for name, value in sorted(typed.items())),
        *({"ParameterKey": name, "UsePreviousValue": True} for name in sorted(kept)),
    ]


def is_as_deployed(typed: Mapping[str, str], tags: Mapping[str, str], deployed: Stack, template: Sequence[str]) -> bool:
    """Whether a deployment would change nothing: the templates are in the version, and that is a parameter."""
    same = all(deployed.parameters.get(name) == value for name, value in typed.items())
    return same and set(deployed.parameters) == set(template) and deployed.tags == tags


def _value(text: str) -> str:
    return "" if text == _NONE else text
