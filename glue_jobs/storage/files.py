"""The lake's objects, in a bucket or in a folder, without Spark."""

import pyarrow.fs


def open_filesystem(lake: str) -> tuple[pyarrow.fs.FileSystem, str]:
    """Return the file system of the lake's root, ``s3://bucket`` or ``file:///folder``, and the root's path in it."""
    if lake.startswith("file://"):
        return pyarrow.fs.LocalFileSystem(), lake.removeprefix("file://")
    filesystem, root = pyarrow.fs.FileSystem.from_uri(lake)
    return filesystem, root.rstrip("/")
