"""The analyst's role reads Gold, what the analysts' files read of Silver, and nothing else."""

from athena_queries.analyst_file import read_analyst_files
from athena_queries.sql import parse, tables_of
from tests.unit.infra.policies import actions_of, all_resources, places, statements_of

RESOURCES = all_resources()
ROLE = RESOURCES["AnalystRole"]["Properties"]
STATEMENTS = statements_of("AnalystRole", RESOURCES)
READ = {table for file in read_analyst_files() for table in tables_of(parse(file.sql))}
SILVER = {table.removeprefix("silver.") for table in READ if table.startswith("silver.")}


def test_it_reads_the_tables_that_the_files_read_and_no_others() -> None:
    assert {table.partition(".")[0] for table in READ} == {"gold", "silver"}
    assert places(STATEMENTS, "s3:GetObject") == {"gold/*", "athena_results/*", *(f"silver/{one}/*" for one in SILVER)}
    tables = {place for place in places(STATEMENTS, "glue:GetTable") if place.startswith("table/")}
    assert tables == {"table/gold/*", *(f"table/silver/{one}" for one in SILVER)}


def test_it_lists_only_what_it_reads() -> None:
    [listing] = [one for one in STATEMENTS if one["Action"] == "s3:ListBucket"]
    assert set(listing["Condition"]["StringLike"]["s3:prefix"]) == places(STATEMENTS, "s3:GetObject")


def test_it_writes_answers_and_nothing_else() -> None:
    assert places(STATEMENTS, "s3:PutObject") == {"athena_results/*"}
    assert not places(STATEMENTS, "s3:DeleteObject")
    assert all(action.split(":")[1].startswith("Get") for action in actions_of(STATEMENTS, "glue"))


def test_it_asks_in_the_lakes_workgroup_alone() -> None:
    assert places(STATEMENTS, "athena:StartQueryExecution") == {"workgroup/task-lake"}
    changing = ("Create", "Delete", "Update", "Put", "Import", "Export", "Cancel", "Terminate")
    assert not [one for one in actions_of(STATEMENTS, "athena") if one.split(":")[1].startswith(changing)]
    named = [one for one in STATEMENTS if "*" in str(one["Resource"]) and one["Resource"] == "*"]
    assert [one["Action"] for one in named] == [["athena:ListDataCatalogs", "athena:ListWorkGroups"]]


def test_only_who_is_tagged_an_analyst_may_assume_it() -> None:
    [statement] = ROLE["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"]["AWS"].argument == "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalTag/task-lake": "analyst"}}
    assert ROLE["RoleName"].argument == "task-lake-analyst-${AWS::Region}", "a role is the account's, not the region's"
