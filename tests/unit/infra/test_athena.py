"""The workgroup bounds every query, and is the one that the engine and the job ask."""

from pathlib import Path

from athena_queries.analyst_file import read_analyst_files
from athena_queries.engines.athena_calls import _CONTEXT
from athena_queries.engines.athena_engine import WORKGROUP
from athena_queries.gold_table import read_gold_tables
from infra.cloudformation import Intrinsic
from local.template import Template, load_template

INFRA = Path(__file__).parents[3] / "infra"


def templates() -> Template:
    return load_template(INFRA, {"LakeBucketName": "the-lake", "LakeKeyArn": "arn:aws:kms:::key/k"})


def test_the_engine_asks_the_workgroup_that_is_deployed() -> None:
    assert templates().properties("Workgroup")["Name"] == WORKGROUP
    assert templates().properties("GoldJob")["DefaultArguments"]["--WORKGROUP"] == WORKGROUP
    assert templates().properties("GoldDatabase")["DatabaseInput"]["Name"] == _CONTEXT["Database"]


def test_no_query_chooses_its_own_place_key_or_engine() -> None:
    settings = templates().properties("Workgroup")["WorkGroupConfiguration"]
    assert settings["EnforceWorkGroupConfiguration"] is True
    assert settings["EngineVersion"] == {"SelectedEngineVersion": "Athena engine version 3"}
    assert settings["PublishCloudWatchMetricsEnabled"] is True
    assert settings["ResultConfiguration"] == {
        "OutputLocation": "s3://the-lake/athena_results/",
        "ExpectedBucketOwner": Intrinsic("Ref", "AWS::AccountId"),
        "EncryptionConfiguration": {"EncryptionOption": "SSE_KMS", "KmsKey": "arn:aws:kms:::key/k"},
    }


def test_a_query_within_its_budget_is_never_cut_off() -> None:
    cutoff = int(templates().properties("Workgroup")["WorkGroupConfiguration"]["BytesScannedCutoffPerQuery"])
    budgets = [f"{table.budget_mb} MB" for table in read_gold_tables()]
    budgets += [file.header["Budget"] for file in read_analyst_files()]
    assert max(bytes_of(budget) for budget in budgets) < cutoff


def bytes_of(budget: str) -> int:
    number, unit = budget.split()
    return int(number) * {"MB": 10**6, "GB": 10**9}[unit]
