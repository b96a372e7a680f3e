"""What Athena does not have, and what another engine, or the next run, would answer differently."""

from collections.abc import Iterator
from importlib.resources import files

from sqlglot import exp
from sqlglot.dialects.trino import Trino
from sqlglot.tokenizer_core import TokenType

from athena_queries.lints.sql_file import Finding, Kind, Lake, SqlFile
from athena_queries.sql import tokens_of

_CLOCKS = {"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "now"}
_CHANCES = {"rand", "random", "uuid", "shuffle", "arbitrary", "any_value"}
_ORDERLESS = (exp.ArraySize, exp.ArraySort)
_OWN_GRAMMAR = Trino.parser_class.FUNCTION_PARSERS
# What hands a number on as it is: a DECIMAL in it is one in the quotient.
_KEEPS_TYPE = (exp.Paren, exp.Neg, exp.Mul, exp.Add, exp.Sub, exp.Div, exp.Nullif, exp.Coalesce)


def athena_functions() -> frozenset[str]:
    """Return the functions that Athena's engine version 3 surely has: those whose line has no doubt behind ``#``."""
    lines = (files("athena_queries.lints") / "athena_functions.txt").read_text(encoding="utf-8").splitlines()
    named = [line.partition("#") for line in lines]
    return frozenset(name.strip() for name, _, note in named if not note.strip().startswith(("not athena", "unsure")))


def functions(file: SqlFile, lake: Lake) -> Iterator[Finding]:
    """Return each call of a function that Athena lacks, or of which nobody knows that it has it."""
    for name, line in _calls(file):
        if name not in lake.functions:
            message = f"{name} is none of the functions that Athena surely has (athena_functions.txt): use one of those"
            yield file.finding(line, "function", message)


def approximations(file: SqlFile, lake: Lake) -> Iterator[Finding]:
    """Return each approximate function: each engine approximates in its own way."""
    for name, line in _calls(file):
        if name.startswith("approx_"):
            message = f"{name} differs between engines: count, or take the row of that rank (row_number() over …)"
            yield file.finding(line, "approximate", message)


def chances(file: SqlFile, lake: Lake) -> Iterator[Finding]:
    """Return what makes two runs over the same rows differ: the engine's clock, chance, or the order of rows."""
    instead = "a parameter" if file.kind is Kind.ANALYST else "the newest change in the lake, as max(last_changed_at)"
    for name, line in [*_calls(file), *_bare_clocks(file)]:
        if name in _CLOCKS:
            yield file.finding(line, "non-deterministic", f"{name} is another one at the next run: take {instead}")
        if name in _CHANCES:
            message = f"{name} may answer the same rows differently: take the min or max"
            yield file.finding(line, "non-deterministic", message)
    for query in file.queries:
        for collected in query.find_all(exp.ArrayAgg):
            if not isinstance(collected.this, exp.Order) and not isinstance(collected.parent, _ORDERLESS):
                message = "array_agg without an order has the engine's: write array_agg(… order by …)"
                yield file.finding(collected, "non-deterministic", message)


def decimals(file: SqlFile, lake: Lake) -> Iterator[Finding]:
    """Return each division of a literal such as 100.0: it is a DECIMAL, whose quotient has another scale elsewhere."""
    for query in file.queries:
        for division in query.find_all(exp.Div):
            for number in [*_decimals(division.this), *_decimals(division.expression)]:
                message = f"{number.name} is a DECIMAL, and engines round its quotients differently"
                yield file.finding(number, "decimal", f"{message}: write {number.name}e0")


def _decimals(node: exp.Expr) -> Iterator[exp.Literal]:
    if isinstance(node, exp.Literal) and not node.is_string and "." in node.name and "e" not in node.name.lower():
        yield node
    if isinstance(node, _KEEPS_TYPE) and not isinstance(node, exp.Div):
        for part in node.iter_expressions():
            yield from _decimals(part)


def _calls(file: SqlFile) -> Iterator[tuple[str, int]]:
    """Return each called function, by the name the text has for it, and its line."""
    for query in file.queries:
        for call in query.find_all(exp.Func):
            if "start" in call.meta:
                yield file.text[call.meta["start"] : call.meta["end"] + 1].lower(), call.meta["line"]
    # Those with a grammar of their own, such as cast: the tree does not know what the text calls them.
    yield from ((name, line) for name, line, is_call in _words(file) if is_call and name.upper() in _OWN_GRAMMAR)


def _bare_clocks(file: SqlFile) -> Iterator[tuple[str, int]]:
    yield from ((name, line) for name, line, is_call in _words(file) if name in _CLOCKS and not is_call)


def _words(file: SqlFile) -> Iterator[tuple[str, int, bool]]:
    """Return each unquoted word of the text, its line, and whether a parenthesis follows."""
    tokens = tokens_of(file.text)
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token.token_type not in {TokenType.STRING, TokenType.IDENTIFIER}:
            yield token.text.lower(), token.line, following is not None and following.token_type == TokenType.L_PAREN
