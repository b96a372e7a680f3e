"""`athena_functions.txt` is what Trino has, and what it says besides."""

from collections.abc import Iterator
from importlib.resources import files

from athena_queries.engines.trino_http import execute

_ONLY_ATHENAS = ("syntax", "athena")


def listed() -> Iterator[tuple[str, str]]:
    """Yield each function of the list with what is said of it."""
    for line in (files("athena_queries.lints") / "athena_functions.txt").read_text().splitlines():
        if not line.startswith("#"):
            name, _, said = line.partition("#")
            yield name.strip(), said.strip()


def test_the_list_holds_every_function_of_trino_and_no_other(trino: int) -> None:
    trinos = {row[0].lower() for row in execute(trino, "SHOW FUNCTIONS").rows}
    assert trinos == {name for name, said in listed() if not said.startswith(_ONLY_ATHENAS)}


def test_what_it_calls_syntax_is_parsed_without_being_shown(trino: int) -> None:
    trinos = {row[0].lower() for row in execute(trino, "SHOW FUNCTIONS").rows}
    assert not trinos & {name for name, said in listed() if said.startswith("syntax")}


def test_the_list_is_sorted_and_names_each_function_once() -> None:
    names = [name for name, _ in listed()]
    assert names == sorted(set(names))
