"""Says how a stage does."""

from collections.abc import Iterator
from datetime import UTC, datetime

from rich.console import Console

from operations.account import Account
from operations.errors import OperationError, OptionError
from operations.preconditions import no_stage
from operations.stack import EMPTY, Stack, find_stack, resources
from operations.stage import Stage
from operations.status.capture import capture
from operations.status.failures import alarms, failure_stores
from operations.status.freshness import bronze, silver
from operations.status.runs import executions, job_runs
from operations.status.section import Line, Section, ago, section
from operations.status.spend import spend
from operations.terminal import console
from operations.waiting import is_well

_BUCKET = "LakeBucket"


class UnwellError(OperationError):
    """Something is red."""


def status(account: Account, stage: Stage, now: datetime | None = None) -> None:
    """Print a section a question; raise UnwellError if something in them is red."""
    out, now = console(), now or datetime.now(UTC)
    stack = find_stack(account.client("cloudformation"), stage.stack_name)
    if stack is None or stack.status == EMPTY:
        where = "set AWS_REGION or AWS_PROFILE to where there is one"
        raise OptionError(f"{no_stage(account, stage)}: `make deploy STAGE={stage.name}` makes it, or {where}")
    red = 0
    for one in _sections(account, stage, stack, now):
        _print(out, one)
        red += sum(line.is_red for line in one.lines)
    if red:
        raise UnwellError(f"{red} {'line is' if red == 1 else 'lines are'} red: docs/runbook.md says what to do")


def _sections(account: Account, stage: Stage, stack: Stack, now: datetime) -> Iterator[Section]:
    yield section("Stack", lambda: [_state(stack, now)])
    held = list(resources(account.client("cloudformation"), stack.id))
    yield section("Capture", lambda: capture(account, now))
    yield section("Bronze", lambda: bronze(account, now))
    yield section("Silver", lambda: silver(account, now))
    yield section("Executions", lambda: executions(account, now))
    yield section("Jobs, their last runs", lambda: job_runs(account, now))
    bucket = next((one.physical_id for one in held if one.logical_id == _BUCKET), "")
    if bucket:
        yield section("Failure stores", lambda: failure_stores(account.client("s3"), bucket, stage))
    yield section("Alarms", lambda: alarms(account, held, now))
    yield section("Cost of the last 7 days", lambda: spend(account, stage, now))


def _state(stack: Stack, now: datetime) -> Line:
    version = stack.parameters.get("ArtifactVersion", "none")
    said = f"{stack.name} {stack.status} {ago(stack.changed_at, now)}, version {version}"
    return Line(said, is_red=not (is_well(stack) or stack.is_busy))


def _print(out: Console, one: Section) -> None:
    out.print(one.title, style="bold")
    for line in one.lines:
        out.print(
            f"  {line.text}",
            style="red" if line.is_red else "dim" if line.is_note else "",
            markup=False,
            soft_wrap=True,
        )
