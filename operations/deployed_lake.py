"""The lake that a stage has deployed."""

from dataclasses import dataclass

from operations.account import Account, open_account
from operations.errors import OptionError
from operations.stack import find_stack
from operations.stage import Stage, stage_named

_BUCKET = "LakeBucketName"


@dataclass(frozen=True)
class DeployedLake:
    """A stage's lake: the account that it lies in, and its bucket."""

    account: Account
    stage: Stage
    bucket: str

    @property
    def root(self) -> str:
        """Return the lake's root, as the jobs take it."""
        return f"s3://{self.bucket}"

    @property
    def option(self) -> str:
        """Return what a make command needs to be told to use this lake."""
        return f" STAGE={self.stage.name}"


def open_deployed(name: str) -> DeployedLake:
    """Return the lake of the stage of this name; raise OperationError where there is none."""
    stage, account = stage_named(name), open_account()
    stack = find_stack(account.client("cloudformation"), stage.stack_name)
    if stack is None or _BUCKET not in stack.outputs:
        raise OptionError(
            f"{stage.stack_name} is not deployed in {account.region} of account {account.id}: "
            f"`make deploy STAGE={stage.name}`, or set AWS_REGION or AWS_PROFILE to where it is"
        )
    return DeployedLake(account, stage, stack.outputs[_BUCKET])
