"""The engines that can be asked, by the names that ENGINE has for them; each is imported only where it is wanted."""

import os
from collections.abc import Callable
from pathlib import Path

from athena_queries.engines.engine import Engine
from local.lake import queried_lake
from local.stream.stream_file import InputError
from operations.terminal import console


def engine_of(name: str, lake: Path, workgroup: str = "") -> Engine:
    """Return the engine of this name, ready to be asked; raise InputError where it lacks something."""
    return ENGINES[name](lake, workgroup)


def _duckdb(lake: Path, _workgroup: str) -> Engine:
    from athena_queries.engines.duckdb_engine import DuckDbEngine  # noqa: PLC0415

    return DuckDbEngine(queried_lake(lake))


def _trino(lake: Path, _workgroup: str) -> Engine:
    from athena_queries.engines.trino_engine import TrinoEngine  # noqa: PLC0415
    from local.trino import running_trino  # noqa: PLC0415

    lake = queried_lake(lake)
    return TrinoEngine(lake, running_trino(lake, console(stderr=True).print))


def _athena(_lake: Path, workgroup: str) -> Engine:
    """Return Athena, whose lake is in S3: this machine's is not asked."""
    import boto3  # noqa: PLC0415

    from athena_queries.engines.athena_engine import connect  # noqa: PLC0415

    session = boto3.Session(region_name=os.environ.get("AWS_REGION"))
    if not session.region_name:
        raise InputError("ENGINE=athena needs to know where: say AWS_REGION=<the stack's region>")
    if not session.get_credentials():
        raise InputError("ENGINE=athena needs AWS credentials: `aws configure`, or say AWS_PROFILE=<profile>")
    return connect(workgroup)


ENGINES: dict[str, Callable[[Path, str], Engine]] = {"duckdb": _duckdb, "trino": _trino, "athena": _athena}
