"""The template starts each job with the arguments it takes, on the versions that the laptop runs on."""

import tomllib
from pathlib import Path

import pytest

from glue_jobs.jobs import silver_api, silver_tasks
from glue_jobs.jobs.arguments import ARGUMENTS, Argument, parse_arguments
from infra.cloudformation import Intrinsic
from local.template import load_template
from tests.unit.infra.policies import listed, places, statements_of

ROOT = Path(__file__).parents[3]
GLUE = tomllib.loads((ROOT / "versions.toml").read_text())["glue"]
GIVEN = {"LakeBucketName": "the-lake", "ArtifactBucketName": "artifacts", "ArtifactVersion": "v1"}
RESOURCES = load_template(ROOT / "infra", GIVEN).resources
JOBS = {one["Properties"]["Name"]: one["Properties"] for one in RESOURCES.values() if one["Type"] == "AWS::Glue::Job"}
# What reads the SQL and the descriptions of Gold: no other job waits for its installation.
GOLDS_OWN = {"sqlglot", "pyyaml"}
GLUES_OWN = {
    "--additional-python-modules",
    "--custom-logGroup-prefix",
    "--datalake-formats",
    "--enable-auto-scaling",
    "--extra-py-files",
}

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
    pins = GLUE["additional_python_modules"].items()
    modules = [f"{name}=={pin}" for name, pin in pins if job == "gold" or name not in GOLDS_OWN]
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


@each_job
def test_a_job_has_no_more_workers_than_it_needs(job: str) -> None:
    scales = JOBS[job]["DefaultArguments"].get("--enable-auto-scaling") == "true"
    assert (JOBS[job]["WorkerType"], scales) == ("G.1X", job != "gold")
    assert JOBS[job]["NumberOfWorkers"] == (10 if scales else 2), "two are the least: without scaling all are paid"
    assert 0 < JOBS[job]["Timeout"] <= 120


def test_a_jobs_log_groups_are_those_that_its_role_may_write_to() -> None:
    prefixes = {job["DefaultArguments"]["--custom-logGroup-prefix"] for job in JOBS.values()}
    groups = [RESOURCES[name]["Properties"]["LogGroupName"] for name in ("JobOutputLogGroup", "JobErrorLogGroup")]
    assert [f"{prefix}/{end}" for prefix in prefixes for end in ("output", "error")] == groups


ROLES = {
    "silver_tasks": "SilverRole",
    "silver_api": "SilverApiRole",
    "silver_maintenance": "MaintenanceRole",
    "gold": "GoldRole",
}
TABLES = {
    "SilverRole": {table.name for table in silver_tasks.TABLES},
    "SilverApiRole": {table.name for table in silver_api.TABLES},
    "MaintenanceRole": {"*"},
}
WRITES = {
    "SilverRole": {"data_docs/silver_tasks/*", *(f"silver/{table}/*" for table in TABLES["SilverRole"])},
    "SilverApiRole": {"data_docs/silver_api/*", *(f"silver/{table}/*" for table in TABLES["SilverApiRole"])},
    "MaintenanceRole": {"silver/*"},
    "GoldRole": {"gold/*", "data_docs/gold/*", "athena_results/*"},
}


@each_job
def test_a_job_finds_and_reads_what_was_uploaded_and_nothing_else_of_it(job: str) -> None:
    uploaded = {
        one["Resource"].argument.rpartition(":")[2]: listed(one["Action"])
        for one in statements_of(ROLES[job], RESOURCES)
        if isinstance(one["Resource"], Intrinsic) and "{ArtifactBucketName}" in str(one["Resource"].argument)
    }
    assert uploaded == {
        "${ArtifactBucketName}/${ArtifactVersion}/*": ["s3:GetObject"],
        "${ArtifactBucketName}": ["s3:GetBucketLocation", "s3:ListBucket"],
    }


@pytest.mark.parametrize("role", WRITES)
def test_a_job_writes_nowhere_but_to_its_layer_and_its_pages(role: str) -> None:
    assert places(statements_of(role, RESOURCES), "s3:PutObject", "s3:DeleteObject") == WRITES[role]


@pytest.mark.parametrize("role", TABLES)
def test_a_job_of_silver_changes_no_tables_but_its_own(role: str) -> None:
    changed = places(statements_of(role, RESOURCES), "glue:CreateTable", "glue:UpdateTable", "glue:DeleteTable")
    assert changed == {"catalog", "database/silver", *(f"table/silver/{table}" for table in TABLES[role])}


@pytest.mark.parametrize(("role", "table"), [("SilverRole", "task_changes"), ("SilverApiRole", "api_logs")])
def test_a_job_of_silver_reads_its_table_of_bronze_and_the_ledger(role: str, table: str) -> None:
    read = places(statements_of(role, RESOURCES), "s3:GetObject") - WRITES[role]
    bronze = {place for place in read if not place.startswith("$")}
    assert bronze == {f"bronze/{table}/*", "bronze_ledger/*", f"claim_checks/{table}/*"}


def test_gold_reads_silver_and_changes_no_tables_but_its_own() -> None:
    statements = statements_of("GoldRole", RESOURCES)
    assert places(statements, "s3:GetObject") >= {"silver/*"}
    changed = places(statements, "glue:CreateTable", "glue:UpdateTable", "glue:DeleteTable")
    assert changed == {"catalog", "database/gold", "table/gold/*"}
    assert places(statements, "s3:DeleteObject") == {"gold/*"}


def test_gold_asks_athena_in_its_own_workgroup_alone() -> None:
    asked = [
        one
        for one in statements_of("GoldRole", RESOURCES)
        if any("athena:" in action for action in listed(one["Action"]))
    ]
    assert {arn for one in asked for arn in places([one], *listed(one["Action"]))} == {"workgroup/task-lake"}


@pytest.mark.parametrize("role", WRITES)
def test_what_a_job_writes_is_in_the_accounts_own_bucket(role: str) -> None:
    for statement in statements_of(role, RESOURCES):
        if {"s3:PutObject", "s3:DeleteObject"} & set(listed(statement["Action"])):
            assert "s3:ResourceAccount" in statement["Condition"]["StringEquals"]


@each_job
def test_a_job_runs_as_a_role_of_its_own(job: str) -> None:
    assert JOBS[job]["Role"] == Intrinsic("GetAtt", f"{ROLES[job]}.Arn")
