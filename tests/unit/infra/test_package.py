import re
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from athena_queries.gold_table import read_gold_tables
from infra.package import FUNCTIONS, JOBS, JOBS_PACKAGE, ROOT, TARGET, build_package, fetch_wheels
from local.template import load_template

SOURCE_NAMES = sorted(f"cdc_lambda/{path.name}" for path in FUNCTIONS[0].glob("*.py"))
CHECKS = {table.full_name: len(table.checks) for table in read_gold_tables()}

# What the laptop has and Glue has not; and what only the job gold asks Glue for: infra/jobs.yaml.
NOT_ON_GLUE = {"duckdb", "filelock", "local", "pyiceberg", "rich", "sqlalchemy", "typer"}
NOT_IN_SILVERS_JOBS = NOT_ON_GLUE | {"sqlglot", "yaml"}

# As Glue starts a job: its code is in the archive alone, and some of the laptop's libraries do not exist.
AS_ON_GLUE = """
import importlib, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent!r}:
            raise ModuleNotFoundError(f"Glue has no {{name}}", name=name)

sys.meta_path.insert(0, Absent())
sys.path.insert(0, {package!r})
for name in {modules!r}:
    assert importlib.import_module(name).__file__.startswith({package!r}), name
{then}
"""


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    path = tmp_path / "fast-1.0-cp311-cp311-manylinux2014_aarch64.whl"
    with ZipFile(path, "w") as archive:
        archive.mkdir("fast")
        archive.writestr("fast/__init__.py", "")
        archive.writestr("fast/fast.so", b"\x7fELF")
        archive.writestr("fast-1.0.dist-info/METADATA", "Name: fast")
    return path


@pytest.mark.parametrize("sources", [FUNCTIONS, JOBS])
def test_the_same_sources_make_the_same_bytes(tmp_path: Path, wheel: Path, sources: tuple[Path, ...]) -> None:
    copied = [shutil.copytree(folder, tmp_path / "elsewhere" / folder.name) for folder in reversed(sources)]
    for path in (tmp_path / "elsewhere").rglob("*.*"):
        path.chmod(0o600)
        path.touch()
    first = build_package(tmp_path / "first.zip", sources, [wheel]).read_bytes()
    assert build_package(tmp_path / "second.zip", copied, [wheel]).read_bytes() == first


def test_the_package_holds_the_sources_and_the_wheels_and_nothing_else(tmp_path: Path, wheel: Path) -> None:
    with ZipFile(build_package(tmp_path / "lambda.zip", FUNCTIONS, [wheel])) as archive:
        assert archive.namelist() == [
            *SOURCE_NAMES,
            "fast-1.0.dist-info/METADATA",
            "fast/__init__.py",
            "fast/fast.so",
        ]
        assert archive.read("fast/fast.so") == b"\x7fELF"
        assert {entry.external_attr >> 16 & 0o777 for entry in archive.infolist()} == {0o644}


@pytest.mark.parametrize("module", ["handler", "log_forwarder"])
def test_the_functions_import_from_the_package_alone(tmp_path: Path, module: str) -> None:
    package = build_package(tmp_path / "lambda.zip", FUNCTIONS)
    script = (
        f"import sys; sys.path.insert(0, {str(package)!r});"
        f"from cdc_lambda.{module} import lambda_handler; print(lambda_handler.__code__.co_filename)"
    )
    # -I keeps this repository off the path; boto3 and orjson are found where Lambda has them too: beside the function.
    run = subprocess.run([sys.executable, "-I", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == f"{package}/cdc_lambda/{module}.py"


def test_the_wheels_are_for_the_functions_architecture_and_runtime() -> None:
    template = load_template(ROOT / "infra")
    for logical_id in ("CdcFunction", "LogForwarderFunction"):
        function = template.properties(logical_id)
        assert function["Architectures"] == ["arm64"]
        assert f"python{TARGET[-1]}" == function["Runtime"]
    assert "manylinux2014_aarch64" in TARGET


def test_where_pip_fetches_nothing_its_lines_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(subprocess.CalledProcessError):
        fetch_wheels(tmp_path)
    assert "No matching distribution found for orjson" in capsys.readouterr().err


def test_what_the_zip_holds_is_what_the_laptop_runs() -> None:
    packed, installed = ((ROOT / "requirements" / name).read_text() for name in ("lambda.txt", "run.txt"))
    pins = re.findall(r"^(\S+==\S+)", packed, re.MULTILINE)
    assert [pin.split("==")[0] for pin in pins] == ["orjson"]
    assert set(pins) <= set(re.findall(r"^(\S+==\S+)", installed, re.MULTILINE))


def as_on_glue(tmp_path: Path, modules: list[str], absent: set[str], then: str = "") -> str:
    """Return what a fresh Python prints that imports these modules from the jobs' archive and does ``then``."""
    package = str(build_package(tmp_path / JOBS_PACKAGE.name, JOBS))
    script = AS_ON_GLUE.format(package=package, modules=modules, absent=absent, then=then)
    # -I keeps this repository off the path.
    command = [sys.executable, "-I", "-c", script]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_the_archive_holds_every_file_of_the_jobs_packages_but_compiled_ones(tmp_path: Path) -> None:
    files = [path for folder in JOBS for path in folder.rglob("[!.]*") if path.is_file() and path.suffix != ".pyc"]
    with ZipFile(build_package(tmp_path / "jobs.zip", JOBS)) as archive:
        assert archive.namelist() == sorted(path.relative_to(ROOT).as_posix() for path in files)


def test_the_job_gold_has_its_tables_and_their_suites_from_the_archive_alone(tmp_path: Path) -> None:
    suites = [f"data_quality.suites.{name.removeprefix('gold.')}" for name in CHECKS]
    then = (
        "from athena_queries.gold_table import read_gold_tables\n"
        "print({table.full_name: len(table.checks) for table in read_gold_tables()})"
    )
    modules = ["glue_jobs.jobs.gold", "athena_queries.engines.athena_engine", *suites]
    assert as_on_glue(tmp_path, modules, NOT_ON_GLUE, then).strip() == str(CHECKS)
    assert min(CHECKS.values()) > 0


def test_silvers_jobs_import_from_the_archive_alone_and_without_what_reads_gold(tmp_path: Path) -> None:
    modules = [f"glue_jobs.jobs.{job}" for job in ("silver_api", "silver_maintenance", "silver_tasks")]
    as_on_glue(tmp_path, modules, NOT_IN_SILVERS_JOBS)


def test_the_jobs_are_given_the_archive_that_is_made() -> None:
    template = load_template(ROOT / "infra", {"ArtifactBucketName": "artifacts", "ArtifactVersion": "v1"})
    jobs = [one["Properties"] for one in template.resources.values() if one["Type"] == "AWS::Glue::Job"]
    given = {job["DefaultArguments"]["--extra-py-files"] for job in jobs}
    assert given == {f"s3://artifacts/v1/{JOBS_PACKAGE.name}"}
