"""What a teardown says before it asks, and when it is done."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.filesize import decimal

from operations.account import Account
from operations.errors import OperationError
from operations.stack import NESTED, Stack, resources
from operations.stage import Stage
from operations.teardown.deletion import DAYS_OF_A_DYING_KEY, job_tables
from operations.teardown.kept import Kept, is_there, layers

# What holds something that the stack takes with it.
_HOLDING = {
    "AWS::DynamoDB::Table": "table {} with its items",
    "AWS::Logs::LogGroup": "log groups {} with their lines",
    "AWS::KinesisFirehose::DeliveryStream": "what reached {} in the last minutes and is not in the bucket yet",
}


def print_losses(
    console: Console, account: Account, stage: Stage, stacks: Sequence[Stack], kept: Kept, deletes_data: bool
) -> None:
    """Print what goes and what stays, with its size by layer."""
    console.print(f"Stage {stage.name} in account {account.id}, {account.region}:", markup=False)
    for line in [*_lost(account, stacks), *_data(account.client("s3"), kept, deletes_data)]:
        console.print(line, markup=False, soft_wrap=True)


def print_rest(console: Console, s3: Any, stage: Stage, kept: Kept) -> None:
    """Print where the data is that stays, and how a later lake takes it in; raise OperationError if it is gone."""
    if gone := [name for name in kept.buckets if not is_there(s3, name)]:
        raise OperationError(f"s3://{gone[0]} went with the stack, although infra/lake.yaml keeps it: who deleted it?")
    if not kept.buckets:
        console.print(f"Stage {stage.name} is gone; it had no data.", markup=False)
        return
    places = ", ".join(f"s3://{name}" for name in kept.buckets)
    console.print(f"The data stays: {places}.", markup=False, soft_wrap=True)
    console.print(
        "A later deployment makes a new bucket. Copy claim_checks/ and then bronze/ into it, and its next run makes "
        "Silver and Gold of them: docs/runbook.md, `A lake after a teardown`.",
        markup=False,
        soft_wrap=True,
    )


def print_gone(console: Console, stage: Stage, kept: Kept) -> None:
    """Print what a teardown with the data has deleted of it, and until when its key can be taken back."""
    buckets = ", ".join(f"s3://{name} with all it held" for name in kept.buckets) or "no bucket, for none was found"
    console.print(f"Stage {stage.name} is gone, and of its data {buckets}.", markup=False, soft_wrap=True)
    for key in kept.key_ids:
        taken_back = (
            f"`aws kms cancel-key-deletion --key-id {key}`, then `aws kms enable-key --key-id {key}` take it back"
        )
        console.print(f"Its key goes in {DAYS_OF_A_DYING_KEY} days; {taken_back}.", markup=False, soft_wrap=True)


def _lost(account: Account, stacks: Sequence[Stack]) -> Iterator[str]:
    cloudformation = account.client("cloudformation")
    for stack in stacks:
        held = [one for one in resources(cloudformation, stack.id) if one.type != NESTED]
        yield f"  goes   stack {stack.name} ({stack.status}) with {len(held)} resources"
        for kind, said in _HOLDING.items():
            if names := sorted(one.physical_id for one in held if one.type == kind):
                yield f"  goes   {said.format(', '.join(names))}"
    for database, tables in job_tables(account.client("glue")).items():
        if tables:
            yield f"  goes   the catalog's entries of {database}: {', '.join(sorted(tables))}"


def _data(s3: Any, kept: Kept, deletes_data: bool) -> Iterator[str]:
    what = "GOES " if deletes_data else "stays"
    for bucket in kept.buckets:
        found, is_all = layers(s3, bucket)
        yield f"  {what}  s3://{bucket}" + ("" if is_all else ", of which only the first million objects are counted")
        for layer in found:
            things = "object " if layer.objects == 1 else "objects"
            yield f"           {layer.name:<16} {layer.objects:>9,} {things}  {decimal(layer.size_bytes):>10}"
    for key in kept.key_ids:
        until = f", in {DAYS_OF_A_DYING_KEY} days: until then it can be taken back" if deletes_data else ""
        yield f"  {what}  key {key}{until}"
