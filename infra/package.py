"""What AWS runs, as zips: ``python -m infra.package`` makes ``build/cdc_lambda.zip`` and ``build/task_lake.zip``.

The first is the deployment package of both functions, the second the jobs' ``--extra-py-files``: infra/jobs.yaml.
"""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

ROOT = Path(__file__).resolve().parent.parent
FUNCTIONS = (ROOT / "cdc_lambda",)
JOBS = (ROOT / "athena_queries", ROOT / "data_quality", ROOT / "glue_jobs")
REQUIREMENTS = ROOT / "requirements" / "lambda.txt"
FUNCTIONS_PACKAGE = ROOT / "build" / "cdc_lambda.zip"
JOBS_PACKAGE = ROOT / "build" / "task_lake.zip"

# The kinds of the files that the code is and reads: what Python or an editor leaves beside them is none of these.
KINDS = {".py", ".sql", ".txt", ".yaml"}

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
    # Kept back, because Ctrl-C would have pip print where it was.
    done = subprocess.run(command + options, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stderr)
        done.check_returncode()
    return sorted(folder.glob("*.whl"))


def build_package(package: Path, sources: Iterable[Path], wheels: Iterable[Path] = ()) -> Path:
    """Return the zip of the folders ``sources``, each in its root by its name, and of what the wheels hold."""
    files = {name: content for folder in sources for name, content in _sources(folder)}
    for wheel in wheels:
        files |= dict(_unpacked(wheel))
    package.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(package, "w") as archive:
        for name, content in sorted(files.items()):
            entry = ZipInfo(name, date_time=STORED_AT)
            entry.create_system = 3  # Unix: the mode is ignored otherwise, and a Windows build differs
            entry.external_attr = READABLE_BY_ALL
            entry.compress_type = ZIP_DEFLATED
            archive.writestr(entry, content, compresslevel=9)
    return package


def _sources(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in folder.rglob("*"):
        if path.suffix in KINDS:
            yield path.relative_to(folder.parent).as_posix(), path.read_bytes()


def _unpacked(wheel: Path) -> Iterator[tuple[str, bytes]]:
    with ZipFile(wheel) as archive:
        for name in archive.namelist():
            if not name.endswith("/"):
                yield name, archive.read(name)


def build_all() -> tuple[Path, Path]:
    """Return the functions' zip and the jobs', made anew."""
    with TemporaryDirectory() as fetched:
        functions = build_package(FUNCTIONS_PACKAGE, FUNCTIONS, fetch_wheels(Path(fetched)))
    return functions, build_package(JOBS_PACKAGE, JOBS)


if __name__ == "__main__":
    for made in build_all():
        sys.stdout.write(f"{made.relative_to(ROOT)}\n")
