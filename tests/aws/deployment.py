"""The lake's templates, deployed to the emulator as `make deploy` does it, with the functions' zip for this machine."""

import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import distribution
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from infra.package import FUNCTIONS, FUNCTIONS_PACKAGE, JOBS, JOBS_PACKAGE, build_package
from operations.account import open_account
from operations.deploy import deploy as operations
from operations.deploy.artifacts import Artifacts, read_artifacts
from operations.stack import find_stack, resources
from operations.stage import Stage
from tests.aws.emulator import Emulator

STAGE = Stage("test")


@dataclass(frozen=True)
class Deployment:
    """The lake on an emulator: its stack's parameters and outputs, and its resources' ids by their logical ones."""

    emulator: Emulator = field(repr=False)
    outputs: Mapping[str, str] = field(repr=False)
    resources: Mapping[str, str] = field(repr=False)

    @property
    def bucket(self) -> str:
        """The lake's bucket."""
        return self.outputs["LakeBucketName"]

    def client(self, service: str, role: str | None = None) -> Any:
        """Return boto3's client, of the administrator or under the role of that logical id, e.g. SilverRole."""
        return self.emulator.client(service, role and self.resources[role])

    def assume(self, role: str) -> dict[str, str]:
        """Return the environment of a process that runs under the role of that logical id."""
        return self.emulator.assume(self.resources[role])


def deploy(emulator: Emulator) -> Deployment:
    """Return the lake on the emulator, its demo source included."""
    with emulator.signed_in():
        account = open_account()
        operations.deploy(account, STAGE, {}, is_yes=True, read=_artifacts, sleep=lambda _: time.sleep(0.1))
        cloudformation = account.client("cloudformation")
        stack = find_stack(cloudformation, STAGE.stack_name)
        assert stack, f"there is no stack {STAGE.stack_name}"
        found = {resource.logical_id: resource.physical_id for resource in resources(cloudformation, stack.id)}
    return Deployment(emulator, {**stack.parameters, **stack.outputs}, found)


def _artifacts() -> Artifacts:
    return read_artifacts(build=_packages)


def _packages() -> tuple[Path, ...]:
    """Return both zips, that of the functions for this machine's processor: the deployable one is for ARM."""
    folder = Path(tempfile.mkdtemp(prefix="task-lake-packages-"))
    functions = build_package(folder / FUNCTIONS_PACKAGE.name, FUNCTIONS, [_installed("orjson", folder)])
    return functions, build_package(folder / JOBS_PACKAGE.name, JOBS)


def _installed(name: str, folder: Path) -> Path:
    """Return what is installed here as a wheel."""
    wheel, found = folder / f"{name}.whl", distribution(name)
    with ZipFile(wheel, "w") as archive:
        for file in found.files or []:
            archive.write(Path(str(found.locate_file(file))), str(file))
    return wheel
