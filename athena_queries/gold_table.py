"""A Gold table as its folder ``gold/<table>_v<n>/`` describes it: ``query.sql``, ``metadata.yaml``, ``checks.sql``."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml

from athena_queries.sql import parse, tables_of

# On Glue the folder is inside the archive of --extra-py-files: not a path, but a resource.
GOLD = files("athena_queries") / "gold"
_FIELDS = {"grain", "owner", "key", "refresh", "partitioning", "budget_mb", "columns"}
_REQUIRED = _FIELDS - {"refresh", "partitioning"}
_CHECK = re.compile(r"^-- (fail|warn): (.+)$", re.MULTILINE)


class GoldTableError(Exception):
    """A Gold table's folder does not describe a table; the message is one line that names the file."""


@dataclass(frozen=True)
class Column:
    """One column of a Gold table: its type as Athena writes it, and what it holds."""

    type: str
    description: str


@dataclass(frozen=True)
class Refresh:
    """How a table is rebuilt in part: its DATE column, and for each source the date that a changed row touches.

    The date is an expression in Spark's SQL over the source's columns.
    """

    column: str
    changed_by: Mapping[str, str]


@dataclass(frozen=True)
class Check:
    """A SELECT of the rows that must not be there: ``fail`` stops the publish, ``warn`` is reported."""

    severity: str
    sentence: str
    sql: str


@dataclass(frozen=True)
class GoldTable:
    """One Gold table: the SELECT that makes it, what must hold of it, and what its metadata says of it."""

    name: str
    version: int
    sql: str
    checks: tuple[Check, ...]
    grain: str
    owner: str
    key: tuple[str, ...]
    columns: Mapping[str, Column]
    budget_mb: int
    refresh: Refresh | None = None
    partitioning: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """Return ``gold.<name>``: the view that analysts read, whatever the version behind it."""
        return f"gold.{self.name}"

    @cached_property
    def reads(self) -> frozenset[str]:
        """Return the tables that the SELECT reads; raise QueryError where it is none."""
        return frozenset(tables_of(parse(self.sql)))


def read_gold_tables(folder: Traversable = GOLD) -> list[GoldTable]:
    """Return the newest version of every Gold table, by name; raise GoldTableError for a folder that is none."""
    newest: dict[str, GoldTable] = {}
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if not entry.is_dir() or entry.name.startswith(("_", ".")):
            continue
        table = _read(entry)
        if table.name not in newest or newest[table.name].version < table.version:
            newest[table.name] = table
    return [newest[name] for name in sorted(newest)]


def _read(folder: Traversable) -> GoldTable:
    named = re.fullmatch(r"(?P<name>[a-z][a-z0-9_]*)_v(?P<version>\d+)", folder.name)
    if not named:
        raise GoldTableError(f"{folder}: a Gold table's folder is called <table>_v<number>")
    metadata = _metadata(folder)
    refresh = metadata.get("refresh")
    return GoldTable(
        name=named["name"],
        version=int(named["version"]),
        sql=_text(folder, "query.sql"),
        checks=tuple(_checks(folder, _text(folder, "checks.sql"))),
        grain=metadata["grain"],
        owner=metadata["owner"],
        key=tuple(metadata["key"]),
        columns={name: Column(**column) for name, column in metadata["columns"].items()},
        budget_mb=metadata["budget_mb"],
        refresh=Refresh(refresh["column"], refresh["changed_by"]) if refresh else None,
        partitioning=tuple(metadata.get("partitioning", ())),
    )


def _metadata(folder: Traversable) -> dict[str, Any]:
    text = _text(folder, "metadata.yaml")
    try:
        metadata = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise GoldTableError(f"{folder / 'metadata.yaml'}: {' '.join(str(error).split())}") from error
    given = set(metadata) if isinstance(metadata, dict) else set()
    if missing := _REQUIRED - given:
        raise GoldTableError(f"{folder / 'metadata.yaml'}: {', '.join(sorted(missing))} missing")
    if unknown := given - _FIELDS:
        raise GoldTableError(f"{folder / 'metadata.yaml'}: no field is called {', '.join(sorted(unknown))}")
    for name, column in metadata["columns"].items():
        if not isinstance(column, dict) or set(column) != {"type", "description"}:
            raise GoldTableError(f"{folder / 'metadata.yaml'}: column {name} has a type and a description, no more")
    return dict(metadata)


def _checks(folder: Traversable, text: str) -> Iterator[Check]:
    """Return the checks: each begins with a line ``-- fail: <sentence>`` or ``-- warn: <sentence>``."""
    parts = _CHECK.split(text)
    if len(parts) == 1:
        raise GoldTableError(f"{folder / 'checks.sql'}: no line begins with '-- fail: ' or '-- warn: '")
    for severity, sentence, sql in zip(*[iter(parts[1:])] * 3, strict=True):
        yield Check(severity, sentence.strip(), sql.strip().removesuffix(";"))


def _text(folder: Traversable, name: str) -> str:
    try:
        return (folder / name).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise GoldTableError(f"{folder / name} is missing") from error
