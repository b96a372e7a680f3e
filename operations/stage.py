"""A lake on AWS: its stage names its stacks and its tags."""

import re
from dataclasses import dataclass

from operations.errors import OptionError

PROJECT = "task-lake"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,19}")


@dataclass(frozen=True)
class Stage:
    """One stage, such as ``dev``; an account has one a region: docs/adr/0018."""

    name: str

    @property
    def stack_name(self) -> str:
        """Return the name of the lake's stack."""
        return f"{PROJECT}-{self.name}"

    @property
    def artifact_stack_name(self) -> str:
        """Return the name of the stack whose bucket holds templates and code."""
        return f"{self.stack_name}-artifacts"

    @property
    def tags(self) -> dict[str, str]:
        """Return the tags of both stacks, which CloudFormation hands on to all they hold."""
        return {"Project": PROJECT, "Stage": self.name}


def stage_named(name: str) -> Stage:
    """Return the stage; raise OptionError if it cannot name a stack, or would name another stage's artifacts."""
    if not name:
        raise OptionError("say which stage: STAGE=<name>, such as STAGE=dev")
    if not _NAME.fullmatch(name) or name.endswith("-artifacts"):
        raise OptionError(f"STAGE={name} is no stage's name: up to 20 of a-z, 0-9 and -, a letter first")
    return Stage(name)
