"""What a teardown says before it asks, and when it is done."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from rich.console import Console
from rich.filesize import decimal

from operations.account import Account
from operations.errors import OperationError
from operations.replay.stores import PREFIXES, FailureStores
from operations.stack import NESTED, Stack, resources
from operations.stage import Stage
from operations.teardown.deletion import DAYS_OF_A_DYING_KEY, job_tables
from operations.teardown.doomed import Doomed
from operations.teardown.kept import Kept, is_there, layers

# So many objects of a failure store are counted.
FAILED_COUNTED = 1000
# What holds something that the stack takes with it.
_HOLDING = {
    "AWS::DynamoDB::Table": "table {} with its items",
    "AWS::Logs::LogGroup": "log groups {} with their lines",
    "AWS::KinesisFirehose::DeliveryStream": "what reached {} in the last minutes and is not in the bucket yet",
}


def print_losses(
    console: Console, account: Account, stage: Stage, stacks: Sequence[Stack], kept: Kept, doomed: Doomed
) -> None:
    """Print what goes and what stays, with its size by layer."""
    console.print(f"Stage {stage.name} in account {account.id}, {account.region}:", markup=False)
    for line in [*_lost(account, stacks), *_data(account.client("s3"), kept, doomed)]:
        console.print(line, markup=False, soft_wrap=True)
    for bucket in set(kept.buckets) & kept.present - set(doomed.buckets):
        for line in _not_replayed(account.client("s3"), bucket, stage):
            console.print(line, style="yellow", markup=False, soft_wrap=True)


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


def print_gone(console: Console, stage: Stage, kept: Kept, doomed: Doomed) -> None:
    """Print what a teardown with the data has deleted of it, what stays, and until when its key can be taken back."""
    none = "no bucket" if kept.buckets else "no bucket, for none was found"
    buckets = ", ".join(f"s3://{name} with all it held" for name in doomed.buckets) or none
    console.print(f"Stage {stage.name} is gone, and of its data {buckets}.", markup=False, soft_wrap=True)
    for key in doomed.key_ids:
        taken_back = (
            f"`aws kms cancel-key-deletion --key-id {key}`, then `aws kms enable-key --key-id {key}` take it back"
        )
        console.print(f"Its key goes in {DAYS_OF_A_DYING_KEY} days; {taken_back}.", markup=False, soft_wrap=True)
    for name, why in doomed.spared.items():
        thing = f"s3://{name}" if name in kept.buckets else f"Key {name}"
        console.print(f"{thing} stays, {why}.", markup=False, soft_wrap=True)


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


def _data(s3: Any, kept: Kept, doomed: Doomed) -> Iterator[str]:
    for bucket in kept.buckets:
        found, is_all = layers(s3, bucket)
        yield _fate(bucket, f"s3://{bucket}", doomed) + (
            "" if is_all else ", of which only the first million objects are counted"
        )
        for layer in found:
            things = "object " if layer.objects == 1 else "objects"
            yield f"           {layer.name:<16} {layer.objects:>9,} {things}  {decimal(layer.size_bytes):>10}"
    for key in kept.key_ids:
        until = f", in {DAYS_OF_A_DYING_KEY} days: until then it can be taken back"
        yield _fate(key, f"key {key}", doomed) + (until if key in doomed.key_ids else "")


def _not_replayed(s3: Any, bucket: str, stage: Stage) -> Iterator[str]:
    for store in PREFIXES:
        count = sum(1 for _ in islice(FailureStores(s3, bucket, prefix=store).objects(), FAILED_COUNTED + 1))
        if count:
            held = f"more than {FAILED_COUNTED:,}" if count > FAILED_COUNTED else f"{count:,}"
            things, them = ("object", "it") if count == 1 else ("objects", "them")
            first = f"`make replay STAGE={stage.name}` first, no other lake replays {them}"
            yield f"  {store} holds {held} {things}: {first}"


def _fate(name: str, said: str, doomed: Doomed) -> str:
    goes = name in doomed.buckets or name in doomed.key_ids
    why = f" ({doomed.spared[name]})" if name in doomed.spared else ""
    return f"  {'GOES ' if goes else 'stays'}  {said}{why}"
