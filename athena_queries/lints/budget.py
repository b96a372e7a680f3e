"""What a file may scan: measured on a lake, extrapolated to what ``growth.yaml`` expects, held against its budget.

A query needs rows and reads row groups. The rows it needs grow with the table; what its row groups hold besides does
not. So there are two bounds, none too low on a lake of up to a year, and the lower one counts:

- grown: the bytes measured, times the growth of that table of the query that grows most. It is near the truth where all
  of a table is read, and far too high for one day of a small lake, most of which is other days.
- needed: for each table the rows that pass the filters on its partition columns, grown, at the bytes that the table has
  for a row in all its columns, and a row group at either end. Without such a filter it is all of the table.

Never less than was measured: footers and manifests are in it. A longer history than a year makes both too low.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files

import yaml
from sqlglot import exp

from athena_queries.analyst_file import AnalystFile, read_analyst_files
from athena_queries.engines.engine import Engine
from athena_queries.gold_table import GoldTable, read_gold_tables
from athena_queries.lake_tables import SILVER, LakeTable, lake_tables
from athena_queries.sql import name_of, parse, table_nodes, with_parameters

MB = 1_000_000
_UNITS = {"MB": MB, "GB": 1_000 * MB}
_ROW_GROUP_BYTES = {table.full_name: table.row_group_bytes for table in SILVER}


@dataclass(frozen=True)
class TableSize:
    """What a table holds now: its rows, and the bytes of its data files."""

    rows: int
    bytes: int


@dataclass(frozen=True)
class Scan:
    """What one file scans, in bytes: now, after a year, and at most; ``remark`` says why there is no figure."""

    file: str
    budget: int
    measured: int | None = None
    expected: int | None = None
    remark: str = ""

    @property
    def is_over(self) -> bool:
        """Return whether the file will scan more than it may; what was not measured is not over."""
        return self.expected is not None and self.expected > self.budget

    def __str__(self) -> str:
        figures = [_mb(self.measured), "now,", _mb(self.expected), "after a year, budget", _mb(self.budget)]
        return (
            f"{self.file:<42} {' '.join(figures)}{'  OVER' if self.is_over else ''}{self.remark and f'  {self.remark}'}"
        )


def measured_budgets(
    engine: Engine,
    lake: Mapping[str, TableSize],
    growth: Mapping[str, int] | None = None,
    gold: Iterable[GoldTable] | None = None,
    analyst: Iterable[AnalystFile] | None = None,
) -> list[Scan]:
    """Return what each of Gold's builds, and each analyst's file with its examples, scans now and after a year.

    ``lake`` has the size of each table that they read.
    """
    gold = tuple(read_gold_tables() if gold is None else gold)
    analyst = read_analyst_files() if analyst is None else analyst
    growing = _Growth(lake, expected_rows() if growth is None else growth, gold)
    builds = [(f"gold/{table.name}_v{table.version}", table.sql, table.budget_mb * MB) for table in gold]
    questions = [
        (f"analyst/{file.name}.sql", with_parameters(file.sql, file.literals(())), budget_bytes(file.header["Budget"]))
        for file in analyst
    ]
    return [_scan(engine, growing, *each) for each in [*builds, *questions]]


def expected_rows() -> dict[str, int]:
    """Return the rows that each table is expected to hold after a year."""
    rows: dict[str, int] = yaml.safe_load((files("athena_queries.lints") / "growth.yaml").read_text(encoding="utf-8"))
    return rows


def budget_bytes(text: str) -> int:
    """Return the bytes of a header's ``10 MB`` or ``2 GB``."""
    size, unit = text.split()
    return int(size) * _UNITS[unit]


@dataclass(frozen=True)
class _Growth:
    """How many times what it holds now each table will hold."""

    lake: Mapping[str, TableSize]
    expected: Mapping[str, int]
    gold: tuple[GoldTable, ...]

    @cached_property
    def tables(self) -> Mapping[str, LakeTable]:
        return lake_tables(self.gold)

    def of(self, name: str) -> float:
        """Return a table's growth, at least 1: a lake that is larger than expected does not shrink."""
        if name in self.expected:
            return max(1.0, self.expected[name] / max(self.lake[name].rows, 1))
        made_of = next(table.reads for table in self.gold if table.full_name == name)
        return max(self.of(source) for source in made_of)


def _scan(engine: Engine, growth: _Growth, file: str, sql: str, budget: int) -> Scan:
    measured = engine.run(sql).bytes_scanned
    if measured is None:
        return Scan(file, budget, remark="not known: this engine does not say what it scans")
    read = [(name_of(table), _windowed_rows(engine, growth, table)) for table in table_nodes(parse(sql))]
    empty = sorted({name for name, _ in read if growth.lake[name].rows == 0})
    read = [(name, rows) for name, rows in read if name not in empty]
    if missed := sorted({name for name, rows in read if rows == 0}) or (empty if not read else []):
        return Scan(file, budget, measured, remark=f"not known: it finds no rows in {', '.join(missed)}")
    grown = measured * max(growth.of(name) for name, _ in read)
    needed = sum(_needed(growth, name, rows) for name, rows in read)
    remark = f"without {', '.join(empty)}, empty yet" if empty else ""
    return Scan(file, budget, measured, max(measured, round(min(grown, needed))), remark)


def _needed(growth: _Growth, name: str, rows: int) -> float:
    size = growth.lake[name]
    bytes_of_rows = rows * growth.of(name) * size.bytes / size.rows
    return bytes_of_rows + (2 * _ROW_GROUP_BYTES.get(name, 2 * MB) if rows < size.rows else 0)


def _windowed_rows(engine: Engine, growth: _Growth, table: exp.Table) -> int:
    """Return how many of the table's rows pass the filters on its partition columns; all where there is none."""
    filters = list(_window(table, growth.tables[name_of(table)].partition_columns))
    if not filters:
        return growth.lake[name_of(table)].rows
    counted = exp.select("count(*) as counted_rows").from_(table.copy()).where(*filters)
    return int(engine.run(counted.sql(dialect="athena")).rows["counted_rows"][0].as_py())


def _window(table: exp.Table, columns: tuple[str, ...]) -> Iterator[exp.Expr]:
    """Return those of the conditions, all of which must hold, that name nothing but the table's partition columns."""
    select = table.find_ancestor(exp.Select)
    where = select.args.get("where") if select else None
    if not where:
        return
    for condition in where.this.flatten() if isinstance(where.this, exp.And) else [where.this]:
        named = list(condition.find_all(exp.Column))
        is_own = all(each.name in columns and each.table in {"", table.alias_or_name} for each in named)
        if named and is_own and not condition.find(exp.Query):
            yield condition.copy()


def _mb(size: int | None) -> str:
    return "      ? MB" if size is None else f"{size / MB:>7,.1f} MB"
