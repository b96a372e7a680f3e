"""``build/cdc_lambda.zip``, the Lambda's deployment package: ``python -m infra.package``."""

import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "cdc_lambda"
PACKAGE = ROOT / "build" / "cdc_lambda.zip"

# A zip stores times and modes: fixed ones make the same sources the same bytes, so a deployment without a
# change uploads nothing. 1980 is the oldest year that zip knows; Lambda must be able to read the files.
STORED_AT = (1980, 1, 1, 0, 0, 0)
READABLE_BY_ALL = 0o100644 << 16


def build_package(sources: Path = SOURCES, package: Path = PACKAGE) -> Path:
    """Return the zip of the folder ``sources``, which stands in its root by its name."""
    package.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(package, "w") as archive:
        for path in sorted(sources.rglob("*.py")):
            entry = ZipInfo(path.relative_to(sources.parent).as_posix(), date_time=STORED_AT)
            entry.create_system = 3  # Unix: the mode is ignored otherwise, and a Windows build differs
            entry.external_attr = READABLE_BY_ALL
            entry.compress_type = ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes(), compresslevel=9)
    return package


if __name__ == "__main__":
    sys.stdout.write(f"{build_package().relative_to(ROOT)}\n")
