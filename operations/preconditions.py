"""What a command says that works on a stage, where there is none."""

from operations.account import Account
from operations.stack import stages
from operations.stage import Stage


def no_stage(account: Account, stage: Stage) -> str:
    """Return that there is no such stage, and which there are."""
    there = ", ".join(sorted(stages(account.client("cloudformation")))) or "none"
    return f"there is no stage {stage.name} in account {account.id}, {account.region}; stages there: {there}"
