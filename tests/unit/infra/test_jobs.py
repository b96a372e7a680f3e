"""The template starts each job with the arguments it takes, on the versions that the laptop runs on."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from glue_jobs.jobs.arguments import ARGUMENTS, Argument, parse_arguments
from local.template import load_template

ROOT = Path(__file__).parents[3]
GLUE = tomllib.loads((ROOT / "versions.toml").read_text())["glue"]
GIVEN = {"LakeBucketName": "the-lake", "ArtifactPrefix": "artifacts/v1"}
RESOURCES = load_template(ROOT / "infra", GIVEN).resources
JOBS = {one["Properties"]["Name"]: one["Properties"] for one in RESOURCES.values() if one["Type"] == "AWS::Glue::Job"}
GLUES_OWN = {"--additional-python-modules", "--custom-logGroup-prefix", "--datalake-formats", "--extra-py-files"}

each_job = pytest.mark.parametrize("job", JOBS)


def taken_by(job: str) -> list[Argument]:
    return [argument for argument in ARGUMENTS if job in argument.jobs]


def test_every_job_that_takes_arguments_is_deployed_and_no_other() -> None:
    assert set(JOBS) == {job for argument in ARGUMENTS for job in argument.jobs}


@each_job
def test_a_job_is_given_exactly_the_arguments_it_takes(job: str) -> None:
    assert JOBS[job]["DefaultArguments"].keys() - GLUES_OWN == {f"--{argument.name}" for argument in taken_by(job)}


@each_job
def test_what_the_template_gives_is_what_the_job_would_take_by_itself(job: str) -> None:
    given = {name: value for name, value in JOBS[job]["DefaultArguments"].items() if name not in GLUES_OWN}
    defaults = {f"--{argument.name}": argument.default for argument in taken_by(job) if argument.default}
    assert given == {"--LAKE": "s3://the-lake", **defaults}
    words = [word for pair in given.items() for word in pair]
    parsed = parse_arguments([job, "--JOB_NAME", job, "--JOB_RUN_ID", "jr_1", *words], job)
    assert parsed == parse_arguments([job, "--JOB_NAME", job, "--JOB_RUN_ID", "jr_1", "--LAKE", "s3://the-lake"], job)


@each_job
def test_a_job_runs_on_the_laptops_versions(job: str) -> None:
    assert JOBS[job]["GlueVersion"] == GLUE["version"]
    modules = [f"{name}=={pin}" for name, pin in GLUE["additional_python_modules"].items()]
    assert JOBS[job]["DefaultArguments"]["--additional-python-modules"] == ",".join(modules)


@each_job
def test_a_jobs_script_is_the_file_of_its_name(job: str) -> None:
    script = JOBS[job]["Command"]["ScriptLocation"].removeprefix("s3://artifacts/v1/")
    assert script == f"glue_jobs/jobs/{job}.py"
    assert (ROOT / script).exists()


@each_job
def test_a_job_runs_alone_and_in_the_lakes_security(job: str) -> None:
    assert JOBS[job]["ExecutionProperty"] == {"MaxConcurrentRuns": 1}
    assert JOBS[job]["MaxRetries"] == 0
    assert JOBS[job]["SecurityConfiguration"].argument == "JobSecurity"


def test_a_jobs_log_groups_are_those_that_its_role_may_write_to() -> None:
    prefixes = {job["DefaultArguments"]["--custom-logGroup-prefix"] for job in JOBS.values()}
    groups = [RESOURCES[name]["Properties"]["LogGroupName"] for name in ("JobOutputLogGroup", "JobErrorLogGroup")]
    assert [f"{prefix}/{end}" for prefix in prefixes for end in ("output", "error")] == groups


def test_a_job_writes_nowhere_but_to_silver_and_its_pages() -> None:
    policies = [
        *RESOURCES["SilverRole"]["Properties"]["Policies"],
        *RESOURCES["MaintenanceRole"]["Properties"].get("Policies", []),
        RESOURCES["JobPolicy"]["Properties"],
    ]
    statements = [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]
    written = {
        one["Resource"].argument.partition("${LakeBucketName}/")[2]
        for one in statements
        if {"s3:PutObject", "s3:DeleteObject"} & set(listed(one["Action"]))
    }
    assert written == {"silver/*", "data_docs/*"}


def listed(one_or_more: Any) -> list[Any]:
    return one_or_more if isinstance(one_or_more, list) else [one_or_more]
