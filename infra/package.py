"""``build/cdc_lambda.zip``, the deployment package of both functions: ``python -m infra.package``."""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "cdc_lambda"
REQUIREMENTS = ROOT / "requirements" / "lambda.txt"
PACKAGE = ROOT / "build" / "cdc_lambda.zip"

# The functions' architecture and runtime, whatever machine packs: tests/unit/infra/test_package.py.
TARGET = ("--platform", "manylinux2014_aarch64", "--implementation", "cp", "--python-version", "3.11")

# A zip stores times and modes: fixed ones make the same sources the same bytes, so a deployment without a
# change uploads nothing. 1980 is the oldest year that zip knows; Lambda must be able to read the files.
STORED_AT = (1980, 1, 1, 0, 0, 0)
READABLE_BY_ALL = 0o100644 << 16


def fetch_wheels(folder: Path) -> list[Path]:
    """Return the wheels of ``requirements/lambda.txt`` for Lambda, fetched into ``folder``, their hashes checked."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    options = ["--only-binary", ":all:", *TARGET, "--dest", str(folder), "--requirement", str(REQUIREMENTS)]
    subprocess.run(command + options, check=True)
    return sorted(folder.glob("*.whl"))


def build_package(wheels: Iterable[Path], sources: Path = SOURCES, package: Path = PACKAGE) -> Path:
    """Return the zip of what the wheels hold and of the folder ``sources``, which stands in its root by its name."""
    package.parent.mkdir(parents=True, exist_ok=True)
    files = {path.relative_to(sources.parent).as_posix(): path.read_bytes() for path in sources.rglob("*.py")}
    for wheel in wheels:
        files |= dict(_unpacked(wheel))
    with ZipFile(package, "w") as archive:
        for name, content in sorted(files.items()):
            entry = ZipInfo(name, date_time=STORED_AT)
            entry.create_system = 3  # Unix: the mode is ignored otherwise, and a Windows build differs
            entry.external_attr = READABLE_BY_ALL
            entry.compress_type = ZIP_DEFLATED
            archive.writestr(entry, content, compresslevel=9)
    return package


def _unpacked(wheel: Path) -> Iterator[tuple[str, bytes]]:
    with ZipFile(wheel) as archive:
        for name in archive.namelist():
            if not name.endswith("/"):
                yield name, archive.read(name)


if __name__ == "__main__":
    with TemporaryDirectory() as fetched:
        sys.stdout.write(f"{build_package(fetch_wheels(Path(fetched))).relative_to(ROOT)}\n")
