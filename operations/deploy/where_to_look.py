"""What a deployment prints at its end: where to look, and how to begin."""

from collections.abc import Iterator

from rich.console import Console

from operations.account import Account
from operations.stack import Stack
from operations.stage import Stage

_CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
_TASK = (
    '{"PK":{"S":"TASK#ada"},"SK":{"S":"TASK#1"},"title":{"S":"Try the lake"},"status":{"S":"pending"},'
    '"created_at":{"N":"\'$(date +%s)\'"},"updated_at":{"N":"\'$(date +%s)\'"}}'
)


def print_where_to_look(console: Console, account: Account, stage: Stage, stack: Stack, is_new: bool) -> None:
    """Print the places of the lake, and for a new one what its operator does first."""
    for line in _places(account, stage, stack):
        console.print(line, markup=False, soft_wrap=True)
    if is_new:
        for line in _first_steps(account, stage, stack):
            console.print(line, markup=False, soft_wrap=True)


def _places(account: Account, stage: Stage, stack: Stack) -> Iterator[str]:
    region = account.region
    host = f"https://{region}.{_CONSOLES.get(account.partition, _CONSOLES['aws'])}"
    machine = f"arn:{account.partition}:states:{region}:{account.id}:stateMachine:task-lake"
    yield f"Dashboard      {host}/cloudwatch/home?region={region}#dashboards:name=task-lake"
    yield f"State machine  {host}/states/home?region={region}#/statemachines/view/{machine}"
    yield f"Bucket         s3://{stack.outputs.get('LakeBucketName', '')}"
    yield f"How it does    make status STAGE={stage.name}"


def _first_steps(account: Account, stage: Stage, stack: Stack) -> Iterator[str]:
    yield ""
    if not stack.parameters.get("TaskStreamArn"):
        yield "Put a first task into the demo table; two minutes later it lies in bronze/ of the bucket:"
        yield f"  aws dynamodb put-item --region {account.region} --table-name todo-app-data --item '{_TASK}'"
    when = stack.parameters.get("RunSchedule", "")
    yield f"Silver and Gold are made by the schedule {when} (UTC), or at once: make start STAGE={stage.name}"
    if email := stack.parameters.get("AlarmEmail"):
        yield f"Confirm the subscription in the mail to {email}: before that nobody is told of alarms."
    yield "Activate the cost allocation tags Project and Stage in AWS Billing: `make status` finds the cost by them."
