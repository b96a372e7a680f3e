from pathlib import Path
from subprocess import CalledProcessError

import pytest

from infra.package import ROOT
from operations.deploy.artifacts import artifacts_of, missing, read_artifacts, upload
from operations.errors import OperationError
from tests.unit.operations.fake_account import REGION, FakeAccount


@pytest.fixture
def bucket(aws: FakeAccount) -> str:
    aws.client("s3").create_bucket(Bucket="artifacts", CreateBucketConfiguration={"LocationConstraint": REGION})
    return "artifacts"


def zips(folder: Path) -> tuple[Path, ...]:
    made = (folder / "cdc_lambda.zip", folder / "task_lake.zip")
    for path in made:
        path.write_bytes(path.name.encode())
    return made


def test_the_repository_deploys_its_templates_scripts_and_zips_by_their_names(tmp_path: Path) -> None:
    names = set(read_artifacts(build=lambda: zips(tmp_path)).files)
    assert {"infra/template.yaml", "glue_jobs/jobs/gold.py", "cdc_lambda.zip", "task_lake.zip"} <= names
    assert {path.name for path in (ROOT / "infra").glob("*.yaml")} == {
        name.removeprefix("infra/") for name in names if name.startswith("infra/")
    }


def test_the_version_is_made_of_names_and_bytes_alone() -> None:
    version = artifacts_of({"a": b"1", "b": b"2"}).version
    assert artifacts_of({"b": b"2", "a": b"1"}).version == version
    others = [{"a": b"2", "b": b"1"}, {"a": b"1"}, {"a": b"1", "c": b"2"}, {"a": b"1\nb"}]
    assert version not in {artifacts_of(other).version for other in others}


def test_what_is_there_is_not_uploaded_again(aws: FakeAccount, bucket: str) -> None:
    s3, artifacts, said = aws.client("s3"), artifacts_of({"infra/a.yaml": b"a", "b.zip": b"bb"}), list[str]()
    upload(s3, bucket, artifacts, said.append)
    assert said == ["b.zip", "infra/a.yaml"]
    body = s3.get_object(Bucket=bucket, Key=f"{artifacts.version}/infra/a.yaml")["Body"].read()
    assert body == b"a"
    upload(s3, bucket, artifacts, said.append)
    assert len(said) == 2


def test_what_was_cut_short_is_uploaded_again(aws: FakeAccount, bucket: str) -> None:
    s3, artifacts = aws.client("s3"), artifacts_of({"b.zip": b"bb"})
    s3.put_object(Bucket=bucket, Key=artifacts.key("b.zip"), Body=b"b")
    assert missing(s3, bucket, artifacts) == ["b.zip"]


def test_a_package_that_cannot_be_made_says_what_to_look_at() -> None:
    def build() -> tuple[Path, ...]:
        raise CalledProcessError(1, "pip")

    with pytest.raises(OperationError, match=r"pip cannot fetch the functions' library.*check the network"):
        read_artifacts(build=build)
