"""What a deployment uploads, below one prefix made of its content: the same commit is the same prefix."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

from infra.package import ROOT, build_all
from operations.errors import OperationError

# Read where they are: nothing in them is rewritten. docs/adr/0017
_AS_THEY_ARE = ("infra/*.yaml", "crawlers/*.yaml", "glue_jobs/jobs/*.py")
ROOT_TEMPLATE = "infra/template.yaml"


@dataclass(frozen=True)
class Artifacts:
    """Files by their names in the repository, and the version that their names and bytes make."""

    files: Mapping[str, bytes]
    version: str

    def key(self, name: str) -> str:
        """Return where the file lies in the artifact bucket."""
        return f"{self.version}/{name}"


def artifacts_of(files: Mapping[str, bytes]) -> Artifacts:
    """Return the files with their version."""
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return Artifacts(files, digest.hexdigest()[:20])


def read_artifacts(root: Path = ROOT, build: Callable[[], tuple[Path, ...]] = build_all) -> Artifacts:
    """Return what the repository deploys, its zips made anew; raise OperationError if they cannot be made."""
    try:
        zips = build()
    except CalledProcessError as error:
        said = "pip cannot fetch the functions' library (its lines are above): check the network and PIP_INDEX_URL"
        raise OperationError(said) from error
    paths = [path for pattern in _AS_THEY_ARE for path in root.glob(pattern)]
    return artifacts_of(
        {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}
        | {path.name: path.read_bytes() for path in zips}
    )


def missing(s3: Any, bucket: str, artifacts: Artifacts) -> list[str]:
    """Return the names of the files that the bucket has not, or has cut short."""
    there = dict(_sizes(s3, bucket, f"{artifacts.version}/"))
    return sorted(name for name, content in artifacts.files.items() if there.get(artifacts.key(name)) != len(content))


def upload(s3: Any, bucket: str, artifacts: Artifacts, step: Callable[[str], None]) -> None:
    """Put into the bucket what it has not."""
    for name in missing(s3, bucket, artifacts):
        s3.put_object(Bucket=bucket, Key=artifacts.key(name), Body=artifacts.files[name])
        step(name)


def _sizes(s3: Any, bucket: str, prefix: str) -> Iterator[tuple[str, int]]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for stored in page.get("Contents", []):
            yield stored["Key"], stored["Size"]
