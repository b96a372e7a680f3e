"""Deletes: catalog entries, stacks, buckets with all they hold, keys in thirty days."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from operations.aws_errors import error_code
from operations.errors import OperationError, StillRunningError
from operations.progress import Bar
from operations.stack import Stack, resources
from operations.stack_events import StackEvents
from operations.stage import Stage
from operations.teardown.kept import versions
from operations.waiting import cause, follow, is_well

DATABASES_OF_JOBS = ("silver", "gold")
# The longest there is: until then `aws kms cancel-key-deletion` takes it back, disabled, and it costs nothing.
DAYS_OF_A_DYING_KEY = 30


def job_tables(glue: Any) -> dict[str, list[str]]:
    """Return the tables and views that jobs made, by database: no stack knows them."""
    found: dict[str, list[str]] = {}
    for database in DATABASES_OF_JOBS:
        try:
            pages = list(glue.get_paginator("get_tables").paginate(DatabaseName=database))
        except ClientError as error:
            if error_code(error) != "EntityNotFoundException":
                raise
            continue
        found[database] = [table["Name"] for page in pages for table in page["TableList"]]
    return found


def delete_job_tables(glue: Any, step: Callable[[str], None]) -> None:
    """Delete the jobs' catalog entries, no file of theirs.

    They would go with their database, but later, "at the discretion of the service", perhaps when a new lake has made
    a database of the same name: docs/aws-semantics.md#cloudformation-2.
    """
    for database, names in job_tables(glue).items():
        for name in names:
            glue.delete_table(DatabaseName=database, Name=name)
            step(f"{database}.{name}")


def delete_stack(
    cloudformation: Any, stage: Stage, stack: Stack, bar: Bar, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Return when the stack is gone; raise OperationError with the cause if something of it cannot be deleted."""
    events = StackEvents(cloudformation, stack.id).skip_former()
    held = {resource.logical_id for resource in resources(cloudformation, stack.id)}
    bar.reach(0, len(held))
    cloudformation.delete_stack(StackName=stack.id)
    try:
        after = follow(events, bar, held, sleep)
    except KeyboardInterrupt as error:
        again = f"`make teardown STAGE={stage.name}` does what is left"
        raise StillRunningError(f"the deletion goes on in AWS, only the waiting has ended: {again}") from error
    if not is_well(after):
        again = f"then `make teardown STAGE={stage.name}` again"
        raise OperationError(f"{stack.name} is {after.status}: {cause(events)}; {again}")


def empty_bucket(s3: Any, bucket: str, step: Callable[[str], None]) -> None:
    """Delete every version of every object; raise OperationError on the first that cannot be."""
    for page in versions(s3, bucket):
        if not page:
            continue
        refused = s3.delete_objects(Bucket=bucket, Delete={"Objects": page, "Quiet": True}).get("Errors", [])
        if refused:
            one = refused[0]
            raise OperationError(
                f"s3://{bucket}/{one['Key']} cannot be deleted: {one['Code']}: {one.get('Message', '')}; "
                "mend that, then type the same command again"
            )
        step(f"{len(page)} versions")


def delete_bucket(s3: Any, bucket: str, step: Callable[[str], None]) -> None:
    """Delete the bucket with all it holds."""
    empty_bucket(s3, bucket, step)
    s3.delete_bucket(Bucket=bucket)


def schedule_key_deletion(kms: Any, key_id: str) -> datetime:
    """Return when the key will be gone."""
    said = kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=DAYS_OF_A_DYING_KEY)
    when: datetime = said["DeletionDate"]
    return when
