"""The jobs' arguments: one table of them for the jobs, the template and the docs."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from awsglue.utils import GlueArgumentError, getResolvedOptions

_SILVER = ("silver_tasks", "silver_api", "silver_maintenance")
_GOLD = ("gold",)
_SWITCH = ("true", "false")


@dataclass(frozen=True)
class Argument:
    """One argument, given as ``--NAME value``: what it says, its default (None: required), and which jobs take it."""

    name: str
    meaning: str
    default: str | None
    jobs: tuple[str, ...] = (*_SILVER, *_GOLD)
    values: tuple[str, ...] = ()


# Besides these, Glue gives every run `--JOB_NAME` and `--JOB_RUN_ID`.
ARGUMENTS = (
    Argument("LAKE", "the lake's root: s3://bucket or file:///folder", None),
    Argument("REBUILD", "make the tables anew from all of Bronze", "false", _SILVER[:2], _SWITCH),
    Argument("REPLAY_QUARANTINE", "send what is in silver.quarantine through again", "false", _SILVER[:2], _SWITCH),
    Argument("FROM_DATE", "read again what the ledger says arrived from this UTC day on", "none", _SILVER[:2]),
    Argument("TO_DATE", "up to and with this one; what is new is read as well", "none", _SILVER[:2]),
    Argument("RETENTION_DAYS", "days for which former snapshots stay readable", "7", _SILVER[2:]),
    Argument("WORKGROUP", "the Athena workgroup that builds Gold, where the lake is in S3", "task-lake", _GOLD),
    Argument("ROLLBACK", "the Gold table whose former version readers shall see; nothing is built", "none", _GOLD),
    Argument("RESUME", "the Gold table that shall be built again after a rollback", "none", _GOLD),
    Argument("VERSION", "the version to roll back to; by default the one before the published", "former", _GOLD),
)


@dataclass(frozen=True)
class Arguments:
    """What one run of a job was asked to do."""

    job: str
    run_id: str
    lake: str
    rebuild: bool = False
    replay_quarantine: bool = False
    days_again: tuple[date, date] | None = None
    retention_days: int = 7
    workgroup: str = "task-lake"
    roll_back: str | None = None
    version: str | None = None
    resume: str | None = None


def parse_arguments(argv: Sequence[str], job: str) -> Arguments:
    """Return the run's arguments, defaults filled in; raise GlueArgumentError, one line, for a wrong one."""
    known = [argument for argument in ARGUMENTS if job in argument.jobs]
    given = {word.partition("=")[0].removeprefix("--") for word in argv if word.startswith("--")}
    # getResolvedOptions demands every option that it is asked for, so it is asked for those that are there.
    wanted = [argument.name for argument in known if argument.default is None or argument.name in given]
    options = getResolvedOptions(list(argv), ["JOB_NAME", *wanted])
    values = {argument.name: _checked(argument, options.get(argument.name, argument.default)) for argument in known}
    return Arguments(
        job=job,
        run_id=options["JOB_RUN_ID"] or uuid4().hex,
        lake=_lake(values["LAKE"]),
        rebuild=values.get("REBUILD") == "true",
        replay_quarantine=values.get("REPLAY_QUARANTINE") == "true",
        days_again=_days_again(values.get("FROM_DATE", "none"), values.get("TO_DATE", "none")),
        retention_days=_days(values.get("RETENTION_DAYS", "7")),
        workgroup=values.get("WORKGROUP", "task-lake"),
        roll_back=None if values.get("ROLLBACK") in {None, "none"} else values["ROLLBACK"],
        version=None if values.get("VERSION") in {None, "former"} else values["VERSION"],
        resume=None if values.get("RESUME") in {None, "none"} else values["RESUME"],
    )


def _checked(argument: Argument, value: str) -> str:
    if argument.values and value not in argument.values:
        raise GlueArgumentError(f"--{argument.name} is {' or '.join(argument.values)}, not {value!r}")
    return value


def _lake(value: str) -> str:
    if not re.match(r"(s3://|file:///)[^/]", value):
        raise GlueArgumentError(f"--LAKE is s3://bucket or file:///folder, not {value!r}")
    return value.rstrip("/")


def _days(value: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,3}", value):
        raise GlueArgumentError(f"--RETENTION_DAYS is a number of days from 1 to 9999, not {value!r}")
    return int(value)


def _days_again(first: str, last: str) -> tuple[date, date] | None:
    if first == last == "none":
        return None
    if "none" in {first, last}:
        raise GlueArgumentError("--FROM_DATE and --TO_DATE are given both or not at all")
    days = _day("FROM_DATE", first), _day("TO_DATE", last)
    if days[0] > days[1]:
        raise GlueArgumentError(f"--FROM_DATE {first} is after --TO_DATE {last}")
    return days


def _day(name: str, value: str) -> date:
    # fromisoformat takes weeks and days without hyphens as well.
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        with suppress(ValueError):
            return date.fromisoformat(value)
    raise GlueArgumentError(f"--{name} is none or a day such as 2025-10-15, not {value!r}")
