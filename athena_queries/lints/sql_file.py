"""One file of SQL as the lints read it, and what they find in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from sqlglot import exp

from athena_queries.analyst_file import AnalystFile
from athena_queries.gold_table import GoldTable
from athena_queries.lake_tables import LakeTable
from athena_queries.lints.lineage import line_of


class Finding(NamedTuple):
    """One fault: where it stands, the rule it breaks, what is wrong and what to do."""

    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


class Kind(Enum):
    """What a file is: a Gold table's SELECT, its checks, or an analyst's question."""

    GOLD = "query.sql"
    CHECKS = "checks.sql"
    ANALYST = "analyst"


@dataclass(frozen=True)
class SqlFile:
    """One file that could be parsed: its path as findings show it, its text, its SELECTs, and what it is part of."""

    path: str
    text: str
    kind: Kind
    queries: tuple[exp.Query, ...]
    table: GoldTable | None = None
    question: AnalystFile | None = None

    def finding(self, at: int | exp.Expr, rule: str, message: str) -> Finding:
        """Return a finding at a line, or at the line of a part of the SQL."""
        return Finding(self.path, at if isinstance(at, int) else line_of(at), rule, message)


@dataclass(frozen=True)
class Lake:
    """What the SQL may name: the lake's tables, and the functions that Athena has."""

    tables: Mapping[str, LakeTable]
    functions: frozenset[str]
