"""Takes a stage down."""

import time
from collections.abc import Callable

from operations.account import Account
from operations.errors import OperationError, OptionError
from operations.preconditions import no_stage
from operations.progress import Stages
from operations.question import ask
from operations.stack import Stack, find_stack
from operations.stage import Stage
from operations.teardown.announcement import print_gone, print_losses, print_rest
from operations.teardown.deletion import (
    delete_bucket,
    delete_job_tables,
    delete_stack,
    empty_bucket,
    schedule_key_deletion,
)
from operations.teardown.doomed import Doomed, doomed_data
from operations.teardown.kept import Kept, kept_data
from operations.terminal import console


def teardown(
    account: Account,
    stage: Stage,
    deletes_data: bool,
    is_yes: bool,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Say what goes, ask, delete the stacks; the data only if told so, and asked once more. May be typed again."""
    out, cloudformation = console(), account.client("cloudformation")
    lake = find_stack(cloudformation, stage.stack_name)
    artifacts = find_stack(cloudformation, stage.artifact_stack_name)
    artifact_bucket = artifacts.outputs.get("ArtifactBucketName", "") if artifacts else ""
    kept = kept_data(account, stage, lake, artifacts)
    found = [stack for stack in (lake, artifacts) if stack]
    _check(account, stage, found, kept, deletes_data)
    doomed = doomed_data(account, kept, deletes_data, is_yes)
    _check_unasked(stage, found, kept, doomed)
    print_losses(out, account, stage, found, kept, doomed)
    ask(out, f"Take stage {stage.name} down?", stage.name, is_yes)
    if deletes_data:
        for bucket in doomed.buckets:
            ask(out, f"Delete s3://{bucket} and all data in it, for ever?", bucket, is_yes)
    with Stages(console(stderr=True)) as bars:
        if lake:
            with bars.stage("Catalog") as bar:
                delete_job_tables(account.client("glue"), bar.step)
            with bars.stage("Stack") as bar:
                delete_stack(cloudformation, stage, lake, bar, sleep)
        if deletes_data:
            _delete_data(account, doomed, bars)
        if artifacts:
            _delete_artifacts(account, stage, artifacts, artifact_bucket, bars, sleep)
    if deletes_data:
        print_gone(out, stage, kept, doomed)
    else:
        print_rest(out, account.client("s3"), stage, kept)


def _check(account: Account, stage: Stage, found: list[Stack], kept: Kept, deletes_data: bool) -> None:
    if not found and not (deletes_data and (kept.buckets or kept.key_ids)):
        raise OptionError(f"{no_stage(account, stage)}{_left(stage, kept)}")
    for stack in found:
        if stack.is_busy:
            raise OperationError(f"{stack.name} is being changed ({stack.status}): wait, then type the same again")


def _check_unasked(stage: Stage, found: list[Stack], kept: Kept, doomed: Doomed) -> None:
    """Raise OptionError where a teardown would take nothing."""
    if found or doomed.buckets or doomed.key_ids:
        return
    places = ", ".join([*(f"s3://{name}" for name in kept.buckets), *(f"key {key}" for key in kept.key_ids)])
    why = "; ".join(sorted(set(doomed.spared.values())))
    raise OptionError(f"no stack of stage {stage.name} is there, and {places} stays: {why}")


def _left(stage: Stage, kept: Kept) -> str:
    if not kept.buckets:
        return ""
    places = ", ".join(f"s3://{bucket}" for bucket in kept.buckets)
    return f"; its data is left in {places}: `make teardown STAGE={stage.name} DELETE_DATA=1` deletes it"


def _delete_data(account: Account, doomed: Doomed, bars: Stages) -> None:
    s3, kms = account.client("s3"), account.client("kms")
    for bucket in doomed.buckets:
        with bars.stage(f"Bucket {bucket}") as bar:
            delete_bucket(s3, bucket, bar.step)
    for key in doomed.key_ids:
        with bars.stage(f"Key {key}"):
            schedule_key_deletion(kms, key)


def _delete_artifacts(
    account: Account, stage: Stage, stack: Stack, bucket: str, bars: Stages, sleep: Callable[[float], None]
) -> None:
    with bars.stage("Artifacts") as bar:
        if bucket:
            empty_bucket(account.client("s3"), bucket, bar.step)
        delete_stack(account.client("cloudformation"), stage, stack, bar, sleep)
