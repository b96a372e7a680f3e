"""Brings a stage's lake to what the repository says."""

import time
from collections.abc import Callable, Mapping

from operations.account import Account
from operations.deploy.artifact_bucket import ensure_artifact_bucket
from operations.deploy.artifacts import Artifacts, missing, read_artifacts, upload
from operations.deploy.lake_stack import discard, execute, foresee, plan
from operations.deploy.parameters import typed_parameters
from operations.deploy.preflight import deployable
from operations.deploy.show_changes import print_changes
from operations.deploy.values import check_values
from operations.deploy.where_to_look import print_where_to_look
from operations.errors import OperationError
from operations.progress import Stages
from operations.question import ask
from operations.stage import Stage
from operations.terminal import console

_ARTIFACT_TEMPLATE = "infra/artifacts.yaml"


def deploy(
    account: Account,
    stage: Stage,
    options: Mapping[str, str],
    is_yes: bool,
    read: Callable[[], Artifacts] = read_artifacts,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Upload what is new, show what would change, ask, change it, and print where to look."""
    out, cloudformation, typed = console(), account.client("cloudformation"), typed_parameters(options)
    check_values(typed)
    deployed = deployable(account, cloudformation, stage, typed)
    with _stages() as stages:
        with stages.stage("Package"):
            artifacts = read()
        with stages.stage("Artifact bucket") as bar:
            template = artifacts.files[_ARTIFACT_TEMPLATE].decode()
            bucket = ensure_artifact_bucket(cloudformation, stage, template, bar, sleep)
        s3 = account.client("s3")
        with stages.stage("Upload", len(missing(s3, bucket, artifacts))) as bar:
            upload(s3, bucket, artifacts, bar.step)
        wanted = plan(account, stage, (bucket, artifacts), typed, deployed)
        if wanted:
            with stages.stage("Change set"):
                change_set = foresee(cloudformation, wanted, sleep)
    if not wanted or not change_set.id:
        out.print(f"Nothing to change: {stage.stack_name} is what this commit says.")
        return
    print_changes(out, change_set)
    try:
        ask(out, f"Deploy stage {stage.name} to account {account.id}, {account.region}?", "yes", is_yes)
    except (OperationError, KeyboardInterrupt) as error:
        discard(cloudformation, wanted, change_set)
        said = _declined(stage, bucket, is_new=deployed is None)
        if isinstance(error, OperationError):
            raise OperationError(said) from error
        out.print(said, markup=False, soft_wrap=True)
        raise
    with _stages() as stages, stages.stage("Stack", len(change_set.changes)) as bar:
        stack = execute(cloudformation, stage, change_set, bar, sleep)
    print_where_to_look(out, account, stage, stack, is_new=deployed is None)


def _declined(stage: Stage, bucket: str, is_new: bool) -> str:
    holds = f"s3://{bucket} holds what was uploaded"
    if is_new:
        return f"the lake was not deployed; {holds}: deploy again, or `make teardown STAGE={stage.name}` deletes it"
    return f"the lake was not changed; {holds}"


def _stages() -> Stages:
    return Stages(console(stderr=True))
