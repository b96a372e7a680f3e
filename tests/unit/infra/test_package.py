import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

from infra.package import SOURCES, build_package


def test_the_same_sources_make_the_same_bytes(tmp_path: Path) -> None:
    copied = shutil.copytree(SOURCES, tmp_path / "elsewhere" / "cdc_lambda")
    for path in copied.rglob("*.py"):
        path.chmod(0o600)
        path.touch()
    first = build_package(SOURCES, tmp_path / "first.zip").read_bytes()
    assert build_package(copied, tmp_path / "second.zip").read_bytes() == first


def test_the_package_holds_the_sources_under_their_folder_and_nothing_else(tmp_path: Path) -> None:
    with ZipFile(build_package(package=tmp_path / "lambda.zip")) as archive:
        assert archive.namelist() == [
            "cdc_lambda/__init__.py",
            "cdc_lambda/delivery.py",
            "cdc_lambda/envelope.py",
            "cdc_lambda/handler.py",
        ]
        assert {entry.external_attr >> 16 & 0o777 for entry in archive.infolist()} == {0o644}


def test_the_handler_imports_from_the_package_alone(tmp_path: Path) -> None:
    package = build_package(package=tmp_path / "lambda.zip")
    script = (
        f"import sys; sys.path.insert(0, {str(package)!r});"
        "from cdc_lambda.handler import lambda_handler; print(lambda_handler.__code__.co_filename)"
    )
    # -I keeps this repository off the path; boto3 is found where Lambda has it too: beside the function.
    run = subprocess.run([sys.executable, "-I", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == f"{package}/cdc_lambda/handler.py"
