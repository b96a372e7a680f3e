import re
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from infra.package import ROOT, SOURCES, TARGET, build_package
from local.template import load_template

SOURCE_NAMES = sorted(f"cdc_lambda/{path.name}" for path in SOURCES.glob("*.py"))


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    path = tmp_path / "fast-1.0-cp311-cp311-manylinux2014_aarch64.whl"
    with ZipFile(path, "w") as archive:
        archive.mkdir("fast")
        archive.writestr("fast/__init__.py", "")
        archive.writestr("fast/fast.so", b"\x7fELF")
        archive.writestr("fast-1.0.dist-info/METADATA", "Name: fast")
    return path


def test_the_same_sources_make_the_same_bytes(tmp_path: Path, wheel: Path) -> None:
    copied = shutil.copytree(SOURCES, tmp_path / "elsewhere" / "cdc_lambda")
    for path in copied.rglob("*.py"):
        path.chmod(0o600)
        path.touch()
    first = build_package([wheel], SOURCES, tmp_path / "first.zip").read_bytes()
    assert build_package([wheel], copied, tmp_path / "second.zip").read_bytes() == first


def test_the_package_holds_the_sources_and_the_wheels_and_nothing_else(tmp_path: Path, wheel: Path) -> None:
    with ZipFile(build_package([wheel], package=tmp_path / "lambda.zip")) as archive:
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
    package = build_package([], package=tmp_path / "lambda.zip")
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


def test_what_the_zip_holds_is_what_the_laptop_runs() -> None:
    packed, installed = ((ROOT / "requirements" / name).read_text() for name in ("lambda.txt", "run.txt"))
    pins = re.findall(r"^(\S+==\S+)", packed, re.MULTILINE)
    assert [pin.split("==")[0] for pin in pins] == ["orjson"]
    assert set(pins) <= set(re.findall(r"^(\S+==\S+)", installed, re.MULTILINE))
