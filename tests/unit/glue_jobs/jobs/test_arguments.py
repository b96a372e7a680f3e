import sys
from datetime import date

import pytest
from awsglue.utils import GlueArgumentError

from glue_jobs.jobs.arguments import ARGUMENTS, Arguments, parse_arguments

# What Glue itself gives every run of a job, besides the job's own arguments.
OF_GLUE = [
    "--JOB_NAME",
    "job",
    "--JOB_RUN_ID",
    "jr_1",
    "--JOB_ID",
    "j_1",
    "--TempDir",
    "s3://temp/",
    "--enable-metrics",
]
LAKE = ["--LAKE", "s3://bucket"]


def parsed(*given: str, job: str = "silver_tasks") -> Arguments:
    return parse_arguments(["job.py", *OF_GLUE, *given], job)


def test_arguments_that_are_not_given_have_their_defaults() -> None:
    assert parsed(*LAKE) == Arguments("silver_tasks", "jr_1", "s3://bucket", False, False, None, 7)
    assert parsed(*LAKE, job="silver_maintenance").retention_days == 7


def test_each_argument_is_heard() -> None:
    asked = parsed(*LAKE, "--REBUILD", "true", "--REPLAY_QUARANTINE=true")
    assert (asked.rebuild, asked.replay_quarantine) == (True, True)
    assert not parsed(*LAKE, "--REBUILD", "false").rebuild
    assert parsed(*LAKE, "--RETENTION_DAYS", "30", job="silver_maintenance").retention_days == 30


@pytest.mark.parametrize("job", ["silver_tasks", "silver_api"])
def test_days_to_read_again_are_heard(job: str) -> None:
    days = parsed(*LAKE, "--FROM_DATE", "2025-10-15", "--TO_DATE", "2025-10-16", job=job).days_again
    assert days == (date(2025, 10, 15), date(2025, 10, 16))
    assert parsed(*LAKE, "--FROM_DATE", "none", "--TO_DATE", "none", job=job).days_again is None


def test_gold_is_told_its_workgroup_and_what_to_roll_back() -> None:
    told = parsed(*LAKE, "--WORKGROUP", "team", "--ROLLBACK", "user_productivity", "--VERSION", "v1_a", job="gold")
    assert (told.workgroup, told.roll_back, told.version) == ("team", "user_productivity", "v1_a")
    assert parsed(*LAKE, "--RESUME", "user_productivity", job="gold").resume == "user_productivity"
    usual = parsed(*LAKE, "--ROLLBACK", "none", "--VERSION", "former", "--RESUME", "none", job="gold")
    assert (usual.workgroup, usual.roll_back, usual.version, usual.resume) == ("task-lake", None, None, None)


def test_a_run_outside_glue_has_an_id_of_its_own() -> None:
    first, second = (parse_arguments(["job.py", "--JOB_NAME", "job", *LAKE], "silver_tasks") for _ in range(2))
    assert first.run_id
    assert first.run_id != second.run_id


@pytest.mark.parametrize(
    ("given", "lake"),
    [("s3://bucket/", "s3://bucket"), ("s3://bucket/a/b/", "s3://bucket/a/b"), ("file:///a lake", "file:///a lake")],
)
def test_the_lakes_root_ends_without_a_slash(given: str, lake: str) -> None:
    assert parsed("--LAKE", given).lake == lake


WRONG = [
    ([], "silver_tasks", "--LAKE"),
    (["--LAKE"], "silver_tasks", "--LAKE"),
    (["--LAKE", "bucket"], "silver_tasks", "--LAKE is s3://bucket or file:///folder, not 'bucket'"),
    (["--LAKE", "file://folder"], "silver_tasks", "--LAKE is s3://bucket or file:///folder"),
    (["--LAKE", "s3://"], "silver_tasks", "--LAKE is s3://bucket or file:///folder"),
    (["--LAKE", "file:///"], "silver_tasks", "--LAKE is s3://bucket or file:///folder"),
    ([*LAKE, "--REBUILD", "yes"], "silver_tasks", "--REBUILD is true or false, not 'yes'"),
    ([*LAKE, "--REPLAY_QUARANTINE", "True"], "silver_api", "--REPLAY_QUARANTINE is true or false, not 'True'"),
    ([*LAKE, "--REBUILD"], "silver_tasks", "--REBUILD"),
    *(
        ([*LAKE, "--FROM_DATE", *days], "silver_api", said)
        for days, said in (
            (["2025-10-15"], "--FROM_DATE and --TO_DATE are given both or not at all"),
            (["none", "--TO_DATE", "2025-10-15"], "--FROM_DATE and --TO_DATE are given both or not at all"),
            (["2025-10-16", "--TO_DATE", "2025-10-15"], "--FROM_DATE 2025-10-16 is after --TO_DATE 2025-10-15"),
            (
                ["2025-02-30", "--TO_DATE", "2025-10-15"],
                "--FROM_DATE is none or a day such as 2025-10-15, not '2025-02",
            ),
            (["2025-10-15", "--TO_DATE", "20251016"], "--TO_DATE is none or a day .* not '20251016'"),
            (["yesterday", "--TO_DATE", "2025-10-15"], "--FROM_DATE is none or a day .* not 'yesterday'"),
        )
    ),
    *(
        ([*LAKE, "--RETENTION_DAYS", days], "silver_maintenance", f"--RETENTION_DAYS is a number of days.*{days}")
        for days in ("0", "-1", "week", "1.5", "", "٣", "1000000")
    ),
]


@pytest.mark.parametrize(("given", "job", "said"), WRONG, ids=[" ".join(given) or "nothing" for given, _, _ in WRONG])
def test_a_wrong_argument_is_told_in_one_line(given: list[str], job: str, said: str) -> None:
    with pytest.raises(GlueArgumentError, match=said) as stopped:
        parsed(*given, job=job)
    assert "\n" not in str(stopped.value)


def test_an_argument_of_another_job_changes_nothing() -> None:
    assert parsed(*LAKE, "--RETENTION_DAYS", "never") == parsed(*LAKE)
    assert parsed(*LAKE, "--REBUILD", "yes", job="silver_maintenance") == parsed(*LAKE, job="silver_maintenance")


def test_no_argument_has_a_name_that_glue_keeps_for_itself() -> None:
    for argument in ARGUMENTS:
        for job in argument.jobs:
            parsed(*LAKE, f"--{argument.name}", argument.default or "s3://bucket", job=job)
    assert not {argument.name for argument in ARGUMENTS} & {"JOB_NAME", "JOB_ID", "JOB_RUN_ID", "TempDir"}
    assert all(argument.default in argument.values for argument in ARGUMENTS if argument.values)


def test_the_processs_own_arguments_are_left_as_they_are() -> None:
    before = list(sys.argv)
    parsed(*LAKE)
    assert sys.argv == before
