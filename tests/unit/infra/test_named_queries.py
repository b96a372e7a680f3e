"""Every SQL file is a saved query of Athena's, byte for byte."""

from pathlib import Path

import pytest

from infra.cloudformation import parse
from infra.named_queries import TEMPLATE, NamedQuery, NamedQueryError, named_queries, to_template

ROOT = Path(__file__).parents[3]
QUERIES = ROOT / "athena_queries"


def deployed(template: str) -> dict[str, dict[str, str]]:
    """Return the properties of each saved query of a template, by its name."""
    resources = parse(template)["Resources"].values()
    assert {resource["Type"] for resource in resources} == {"AWS::Athena::NamedQuery"}
    return {resource["Properties"]["Name"]: resource["Properties"] for resource in resources}


def test_the_template_is_what_the_files_make_it() -> None:
    assert TEMPLATE.read_text(encoding="utf-8") == to_template(named_queries()), "make named-queries"


def test_every_file_is_a_saved_query_byte_for_byte() -> None:
    files = {path.stem: path for path in (QUERIES / "analyst").glob("*.sql")}
    files |= {f"gold/{path.parent.name}": path for path in (QUERIES / "gold").glob("[a-z]*/query.sql")}
    queries = deployed(TEMPLATE.read_text(encoding="utf-8"))
    assert {name: query["QueryString"].encode() for name, query in queries.items()} == {
        name: path.read_bytes() for name, path in files.items()
    }


def test_a_saved_query_says_what_it_answers() -> None:
    assert all(20 < len(query.description) <= 1_024 for query in named_queries())
    (query,) = (query for query in named_queries() if query.name == "busiest_days")
    assert query.description.startswith("on our busiest days, did we finish as much as came in")


@pytest.mark.parametrize(
    "sql",
    [
        '-- Question: what? it\'s "quoted": yes # and no comment\nselect 1 as n\n',
        "select 1 as n",
        "select '${AWS::AccountId} !Ref x {{x}} %' as n\n",
        "select 'né 日本 …' as n\n  \n\nfrom t  \n",
        "select\n\t1 as n\n",
    ],
)
def test_any_text_survives(sql: str) -> None:
    assert deployed(to_template([NamedQuery("a_query", 'a "description": né', sql)])) == {
        "a_query": {
            "Name": "a_query",
            "Description": 'a "description": né',
            "Database": parse("x: !Ref DatabaseName")["x"],
            "WorkGroup": parse("x: !Ref WorkgroupName")["x"],
            "QueryString": sql,
        }
    }


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("select 1 as n\n\n\n", "is not the same"),
        ("select 1 as n\r\n", "is not the same"),
        ("  select 1 as n\nfrom t\n", "is not the same"),
        ("select '{{resolve:ssm:x}}' as n", "would replace"),
        (f"select '{'é' * 140_000}' as n", "262,144 bytes"),
    ],
)
def test_a_text_that_would_not_arrive_as_it_is_is_refused(sql: str, told: str) -> None:
    with pytest.raises(NamedQueryError, match=f"^a_query: .*{told}"):
        to_template([NamedQuery("a_query", "what?", sql)])


def test_a_description_too_long_for_athena_is_cut(tmp_path: Path) -> None:
    (tmp_path / "long.sql").write_text(f"-- Question: {'why? ' * 400}\n-- Answers: so.\nselect 1 as n\n")
    (query,) = named_queries(tmp_path, tmp_path)
    assert len(query.description) == 1_024
    assert query.description.endswith("…")


def test_a_scaffolds_own_folder_is_no_query(tmp_path: Path) -> None:
    for name in ("_template", "days_v1", "days_v2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "query.sql").write_text("-- gold.days: one row per day.\n-- Answers: what?\nselect 1 as n\n")
    assert [query.name for query in named_queries(tmp_path, tmp_path)] == ["gold/days_v1", "gold/days_v2"]
