"""The comment lines on top of a file: which fields there are, and whether they say what the SQL does."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from sqlglot.tokenizer_core import TokenType

from athena_queries.analyst_file import FIELDS, REQUIRED
from athena_queries.lake_tables import SILVER
from athena_queries.lints.sql_file import Finding, Kind, Lake, SqlFile
from athena_queries.literal import literal
from athena_queries.sql import tables_of, tokens_of

RULE = "header"
BUDGET = re.compile(r"(?P<size>\d+) (?P<unit>MB|GB)")
# A field begins its line; Gold's Scans may stand behind Reads.
_FIELD = re.compile(r"(?:^-- ?|\s{2,}(?=Scans:))([A-Z][a-z]+):")
_TABLE = re.compile(r"\b(?:bronze|silver|gold)\.[a-z0-9_]+")
_ALL_OF = re.compile(r"\ball of ((?:(?:, | and )?(?:Silver\b|it\b|both\b|[a-z]+\.[a-z0-9_]+))+)")
_FIELDS_OF = {
    Kind.GOLD: (("Answers", "Reads"), ("Answers", "Reads", "Scans", "Caveat")),
    Kind.CHECKS: ((), ("Scans",)),
    Kind.ANALYST: (REQUIRED, FIELDS),
}


class Field(NamedTuple):
    """One field of a header: its name, its text with all its lines, and the line it begins on."""

    name: str
    text: str
    line: int


def header(text: str) -> list[Field]:
    """Return the fields of the comments on top; lines in front of the first field are none."""
    fields: list[Field] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.startswith("--"):
            break
        first, *rest = _FIELD.split(line)
        if fields and (said := first.removeprefix("--").strip()):
            fields[-1] = fields[-1]._replace(text=f"{fields[-1].text} {said}")
        fields += [Field(name, said.strip(), number) for name, said in zip(rest[::2], rest[1::2], strict=True)]
    return fields


def scanned_whole(text: str) -> set[str]:
    """Return the tables of which ``Scans`` says ``all of <table>``; ``all of it`` or ``both`` means its ``Reads``."""
    fields = {field.name: field.text for field in header(text)}
    tables: set[str] = set()
    for named in _ALL_OF.findall(fields.get("Scans", "")):
        tables |= _tables(fields.get("Reads", "") if re.search(r"\b(it|both)\b", named) else named)
    return tables


def _tables(text: str) -> set[str]:
    """Return the tables that a text names; ``all of Silver`` names each that there is."""
    silver = {table.full_name for table in SILVER} if re.search(r"\bSilver\b", text) else set()
    return silver | set(_TABLE.findall(text))


def findings(file: SqlFile, lake: Lake) -> Iterator[Finding]:
    """Return what is missing in a header, unknown, or not what the SQL does."""
    fields = header(file.text)
    required, known = _FIELDS_OF[file.kind]
    # An analyst's header is what the runner reads of it, and there each field has a line of its own.
    said = file.question.header if file.question else {field.name: field.text for field in fields}
    for name in required:
        if not said.get(name):
            yield file.finding(1, RULE, f"the header does not say '-- {name}: …': write it")
    for field in fields:
        if field.name not in known and file.kind is not Kind.CHECKS:
            yield file.finding(field.line, RULE, f"no field is called {field.name}: use one of {', '.join(known)}")
        if field.name == "Reads":
            yield from _reads(file, field)
        if field.name == "Budget" and not BUDGET.fullmatch(field.text):
            yield file.finding(field.line, RULE, f"a budget is written '10 MB' or '2 GB', not {field.text!r}")
    if file.kind is Kind.GOLD:
        yield from _first_line(file)
    if file.kind is Kind.ANALYST:
        yield from _parameters(file)


def _reads(file: SqlFile, field: Field) -> Iterator[Finding]:
    said, read = _tables(field.text), set().union(*map(tables_of, file.queries))
    if missing := sorted(read - said):
        yield file.finding(field.line, RULE, f"Reads does not name {', '.join(missing)}, which the SQL reads: add it")
    if surplus := sorted(said - read):
        yield file.finding(field.line, RULE, f"the SQL does not read {', '.join(surplus)}: take it out of Reads")


def _first_line(file: SqlFile) -> Iterator[Finding]:
    assert file.table, "a Gold table's SELECT belongs to one"
    if not re.match(rf"-- {re.escape(file.table.full_name)}: one row per \S.*\.", file.text):
        yield file.finding(1, RULE, f"the first line is not '-- {file.table.full_name}: one row per <key>.': write it")


def _parameters(file: SqlFile) -> Iterator[Finding]:
    assert file.question, "an analyst's file is one"
    parameters = file.question.parameters
    places = [token.line for token in tokens_of(file.text) if token.token_type == TokenType.PLACEHOLDER]
    if len(places) != len(parameters):
        line = max([parameter.line for parameter in parameters] + places[len(parameters) :][:1] + [1])
        message = f"the SQL has {len(places)} ?, the header {len(parameters)} lines '-- Parameter: …': one each"
        yield file.finding(line, RULE, message)
    for at, parameter in enumerate(parameters):
        if parameter.name in [other.name for other in parameters[:at]]:
            yield file.finding(parameter.line, RULE, f"two parameters are called {parameter.name}: rename one")
        if not _is_literal(parameter.type, parameter.example):
            message = f"the example of {parameter.name} is no {parameter.type}: {parameter.example}"
            yield file.finding(parameter.line, RULE, f"{message}; write it as Athena takes it")


def _is_literal(kind: str, example: str) -> bool:
    if kind == "varchar":
        return re.fullmatch(r"'([^']|'')*'", example) is not None
    try:
        return literal(kind, example) == example
    except ValueError:
        return False
