"""A Gold table as its folder describes it: ``gold/<table>_v<n>/`` with ``query.sql`` and ``metadata.yaml``."""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

GOLD = Path(__file__).parent / "gold"


@dataclass(frozen=True)
class GoldTable:
    """One Gold table: the SELECT that makes it, and what its metadata says of it."""

    name: str
    version: int
    sql: str
    key: tuple[str, ...]
    columns: dict[str, str]

    @property
    def full_name(self) -> str:
        """Return ``gold.<name>``: the view that analysts read, whatever the version behind it."""
        return f"gold.{self.name}"


def read_gold_tables(folder: Path = GOLD) -> list[GoldTable]:
    """Return the newest version of every Gold table, by name."""
    newest: dict[str, GoldTable] = {}
    for query in sorted(folder.glob("*/query.sql")):
        table = _read(query.parent)
        if table.name not in newest or newest[table.name].version < table.version:
            newest[table.name] = table
    return [newest[name] for name in sorted(newest)]


def _read(folder: Path) -> GoldTable:
    named = re.fullmatch(r"(?P<name>[a-z0-9_]+)_v(?P<version>\d+)", folder.name)
    if not named:
        raise ValueError(f"{folder}: a Gold table's folder is called <table>_v<number>")
    metadata = yaml.safe_load((folder / "metadata.yaml").read_text())
    return GoldTable(
        name=named["name"],
        version=int(named["version"]),
        sql=(folder / "query.sql").read_text(),
        key=tuple(metadata["key"]),
        columns=metadata["columns"],
    )
