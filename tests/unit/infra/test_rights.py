"""What each role may do is named: where a statement says everything, a reason stands beside it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.infra.policies import FOLDERS, all_resources, listed, statements_of

RESOURCES = all_resources()
ROLES = [name for name, one in RESOURCES.items() if one["Type"] == "AWS::IAM::Role"]
# Two times to start one state machine.
SHARED = {"ScheduleRole": ["DailySchedule", "WeeklyMaintenanceSchedule"]}
# A key that is not said is equal to nothing: the service could not assume the role. docs/aws-semantics.md#trust-1
SAID_BY = {
    "events.amazonaws.com": {"aws:SourceAccount"},
    "firehose.amazonaws.com": {"sts:ExternalId"},
    "glue.amazonaws.com": set(),
    "lambda.amazonaws.com": set(),
    "scheduler.amazonaws.com": {"aws:SourceAccount"},
    "states.amazonaws.com": {"aws:SourceAccount"},
    "a principal of the account": {"aws:PrincipalTag/task-lake"},
}
each_role = pytest.mark.parametrize("role", ROLES)
EVERYTHING = re.compile(
    r"""(?:Action|Resource|Principal):\s*["']?(?:\*|[a-z0-9-]+:\*)["']?(?=\s|$)|- (?:["']\*["']|[a-z]+:\*)$"""
)


def statements_without_a_reason(template: str) -> Iterator[str]:
    """Return the statements that say ``*`` for an action, a resource or a principal, and no reason in a comment."""
    lines = template.splitlines()
    for number, line in enumerate(lines):
        if EVERYTHING.search(line.partition(" #")[0]):
            first = next(above for above in range(number, -1, -1) if re.match(r"\s+- (Sid|Effect):", lines[above]))
            last = next(
                (below for below in range(number + 1, len(lines)) if indent(lines[below]) <= indent(lines[first])),
                len(lines),
            )
            statement = lines[max(first - 1, 0) : last]
            if not any("# " in one for one in statement):
                yield "\n".join(statement[1:])


def indent(line: str) -> int:
    return len(line) - len(line.lstrip())


@pytest.mark.parametrize("path", [path for folder in FOLDERS for path in sorted(folder.glob("*.yaml"))], ids=str)
def test_what_allows_or_denies_everything_says_why(path: Path) -> None:
    assert list(statements_without_a_reason(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("everything", ['Resource: "*"', "Action: s3:*", "Action:\n      - kms:*"])
def test_a_statement_without_a_reason_is_found(everything: str) -> None:
    statement = f"  Statement:\n    - Effect: Allow\n      {everything}\n"
    assert list(statements_without_a_reason(statement))
    assert not list(statements_without_a_reason(statement.replace("Allow", "Allow # It must reach all of it.")))
    assert not list(statements_without_a_reason(statement.replace(":*", ":Put").replace("*", "arn:x/*")))


@each_role
def test_a_role_names_its_actions(role: str) -> None:
    assert not [action for one in statements_of(role, RESOURCES) for action in listed(one["Action"]) if "*" in action]


@each_role
def test_a_role_uses_a_key_only_through_the_service_that_keeps_the_data(role: str) -> None:
    for statement in statements_of(role, RESOURCES):
        if any(action.startswith("kms:") for action in listed(statement["Action"])):
            assert statement["Condition"]["StringEquals"]["kms:ViaService"]


@each_role
def test_a_role_is_assumed_by_one_kind_of_principal(role: str) -> None:
    trust = RESOURCES[role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    principals = [one["Principal"] for one in trust]
    assert len(principals) == 1
    assert principals[0].keys() <= {"Service", "AWS"}
    assert not isinstance(principals[0].get("Service"), list)
    if "AWS" in principals[0]:
        assert trust[0]["Condition"]


@each_role
def test_a_trust_asks_a_service_for_no_more_than_it_is_documented_to_say(role: str) -> None:
    [trust] = RESOURCES[role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    asked = {key for keys in trust.get("Condition", {}).values() for key in keys}
    assert asked <= SAID_BY[trust["Principal"].get("Service", "a principal of the account")]


def test_a_role_serves_one_component() -> None:
    users: dict[str, list[str]] = {}
    for name, resource in RESOURCES.items():
        for role in roles_in(resource.get("Properties", {})):
            users.setdefault(role, []).append(name)
    assert {"CdcRole", "CrawlerRole", "GoldRole", "LedgerDeliveryRole", "SilverRole"} <= users.keys()
    shared = {role: names for role, names in users.items() if len(names) > 1}
    assert all(SHARED.get(role) == names for role, names in shared.items()), shared


def roles_in(value: Any) -> set[str]:
    """Return the roles whose ARN stands in a property called Role, RoleARN or RoleArn, at any depth."""
    if isinstance(value, list):
        return {role for member in value for role in roles_in(member)}
    if not isinstance(value, dict):
        return set()
    found = {role for member in value.values() for role in roles_in(member)}
    for key in ("Role", "RoleARN", "RoleArn"):
        name = str(getattr(value.get(key), "argument", "")).removesuffix(".Arn")
        found |= {name} & set(ROLES)
    return found
