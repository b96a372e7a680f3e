"""``infra/named_queries.yaml``, every SQL file as a saved query of Athena's: ``python -m infra.named_queries``."""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

import yaml

from athena_queries.analyst_file import ANALYST, read_analyst_file, read_analyst_files
from athena_queries.gold_table import GOLD
from infra.cloudformation import parse

TEMPLATE = Path(__file__).parent / "named_queries.yaml"
# What Athena takes: docs/aws-semantics.md#athena-queries-8.
MOST_DESCRIPTION = 1_024
MOST_BYTES = 262_144
_HEAD = """\
# Generated from athena_queries/: make named-queries. A query changes there, never here.
AWSTemplateFormatVersion: "2010-09-09"
Description: The SQL files as Athena's saved queries, byte for byte. Nothing in them is substituted.

Parameters:
  DatabaseName:
    Type: String
  WorkgroupName:
    Type: String

Resources:
"""


class NamedQueryError(Exception):
    """A file cannot be a saved query as it is; the message is one line that names it."""


@dataclass(frozen=True)
class NamedQuery:
    """One saved query: its name in Athena's console, what it answers, and the file's text."""

    name: str
    description: str
    sql: str

    @property
    def logical_id(self) -> str:
        """Return the resource's name in the template."""
        return "".join(word.capitalize() for word in re.split(r"[^a-z0-9]+", self.name)) + "Query"


def named_queries(analyst: Traversable = ANALYST, gold: Traversable = GOLD) -> list[NamedQuery]:
    """Return every analyst's file as ``<name>``, and the SELECT of every Gold table as ``gold/<table>_v<n>``."""
    files = [
        NamedQuery(file.name, _description(file.header, "Question", "Answers"), file.sql)
        for file in read_analyst_files(analyst)
    ]
    return files + list(_gold_queries(gold))


def to_template(queries: list[NamedQuery]) -> str:
    """Return the template; raise NamedQueryError where it would not give Athena a file's very text."""
    template = _HEAD + "\n".join(_resource(query) for query in queries)
    for query in queries:
        if _read_back(_resource(query)) != query.sql:
            raise NamedQueryError(
                f"{query.name}: its text is not the same in YAML: see its first and last line, and tabs"
            )
    return template


def _read_back(resource: str) -> object:
    try:
        (found,) = parse(resource).values()
    except yaml.YAMLError:
        return None
    return found["Properties"]["QueryString"]


def _gold_queries(gold: Traversable) -> Iterator[NamedQuery]:
    for folder in sorted(gold.iterdir(), key=lambda each: each.name):
        if folder.is_dir() and not folder.name.startswith(("_", ".")):
            sql = (folder / "query.sql").read_text(encoding="utf-8")
            header = read_analyst_file(folder.name, sql).header
            yield NamedQuery(f"gold/{folder.name}", _description(header, "Answers"), sql)


def _description(header: dict[str, str], *fields: str) -> str:
    text = " ".join(" ".join(header[field] for field in fields if field in header).split())
    return text if len(text) <= MOST_DESCRIPTION else f"{text[: MOST_DESCRIPTION - 1]}…"


def _resource(query: NamedQuery) -> str:
    if "{{resolve:" in query.sql:
        raise NamedQueryError(f"{query.name}: CloudFormation would replace {{{{resolve:…}}}}")
    if len(query.sql.encode()) > MOST_BYTES:
        raise NamedQueryError(f"{query.name}: longer than the {MOST_BYTES:,} bytes that Athena takes")
    # No !Sub: without it CloudFormation leaves ${…} alone.
    keep = "" if query.sql.endswith("\n") else "-"
    text = "".join(f"          {line}" if line.strip("\n") else line for line in query.sql.splitlines(keepends=True))
    return f"""\
  {query.logical_id}:
    Type: AWS::Athena::NamedQuery
    Properties:
      Name: {json.dumps(query.name)}
      Description: {json.dumps(query.description, ensure_ascii=False)}
      Database: !Ref DatabaseName
      WorkGroup: !Ref WorkgroupName
      QueryString: |{keep}
{text.rstrip(chr(10))}
"""


if __name__ == "__main__":
    made = named_queries()
    TEMPLATE.write_text(to_template(made), encoding="utf-8")
    sys.stdout.write(f"{len(made)} queries in {TEMPLATE.parent.name}/{TEMPLATE.name}\n")
