"""The lake's templates, deployed to the emulator as `make deploy` does it, with the functions' zip for this machine."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from infra.package import FUNCTIONS, JOBS, build_package
from local.java import ROOT
from tests.aws.emulator import Emulator

STAGE = "test"
STACK = f"task-lake-{STAGE}"


@dataclass(frozen=True)
class Deployment:
    """The lake on an emulator: what its stacks give, and its resources' physical ids by their logical ones."""

    emulator: Emulator
    outputs: Mapping[str, str]
    resources: Mapping[str, str]

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
    cloudformation = emulator.client("cloudformation")
    bucket = _create(cloudformation, f"{STACK}-artifacts", _text("infra/artifacts.yaml"), {})["ArtifactBucketName"]
    version = "test-version"
    _upload(emulator.client("s3"), bucket, version)
    parameters = {"Stage": STAGE, "ArtifactBucketName": bucket, "ArtifactVersion": version}
    outputs = _create(cloudformation, STACK, _text("infra/template.yaml"), parameters)
    return Deployment(emulator, outputs, dict(_resources(cloudformation, STACK)))


def _text(path: str) -> str:
    return (ROOT / path).read_text()


def _upload(s3: Any, bucket: str, version: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        functions = build_package(Path(folder, "cdc_lambda.zip"), FUNCTIONS, [_installed("orjson", Path(folder))])
        jobs = build_package(Path(folder, "task_lake.zip"), JOBS)
        for package in (functions, jobs):
            s3.upload_file(str(package), bucket, f"{version}/{package.name}")
    for path in (*ROOT.glob("infra/*.yaml"), *ROOT.glob("crawlers/*.yaml"), *ROOT.glob("glue_jobs/jobs/*.py")):
        s3.upload_file(str(path), bucket, f"{version}/{path.relative_to(ROOT).as_posix()}")


def _installed(name: str, folder: Path) -> Path:
    """Return what is installed here as a wheel: the deployable zip is for another processor than most machines have."""
    wheel, found = folder / f"{name}.whl", distribution(name)
    with ZipFile(wheel, "w") as archive:
        for file in found.files or []:
            archive.write(Path(str(found.locate_file(file))), str(file))
    return wheel


def _create(cloudformation: Any, stack: str, template: str, parameters: Mapping[str, str]) -> dict[str, str]:
    cloudformation.create_stack(
        StackName=stack,
        TemplateBody=template,
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Tags=[{"Key": "Project", "Value": "task-lake"}, {"Key": "Stage", "Value": STAGE}],
    )
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 120})
    [made] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in made["Outputs"]}


def _resources(cloudformation: Any, stack: str) -> Any:
    """Yield the logical and the physical id of each resource of the stack and of those nested in it."""
    for resource in cloudformation.describe_stack_resources(StackName=stack)["StackResources"]:
        if resource["ResourceType"] == "AWS::CloudFormation::Stack":
            yield from _resources(cloudformation, resource["PhysicalResourceId"].split("/")[1])
        else:
            yield resource["LogicalResourceId"], resource["PhysicalResourceId"]
