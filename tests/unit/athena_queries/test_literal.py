import pytest

from athena_queries.literal import EXPECTED, literal, untyped_literal

TYPED = [
    ("varchar", "O'Brien", "'O''Brien'"),
    ("varchar", "", "''"),
    ("varchar", "17", "'17'"),
    ("date", "2025-10-15", "date '2025-10-15'"),
    ("date", "date '2025-10-15'", "date '2025-10-15'"),
    ("timestamp", "2025-10-15 23:59:59.5", "timestamp '2025-10-15 23:59:59.500000'"),
    ("timestamp", "2025-10-15", "timestamp '2025-10-15 00:00:00'"),
    ("timestamp", "2025-10-15T23:30:00-02:00", "timestamp '2025-10-16 01:30:00'"),
    ("timestamp", "2025-10-15T23:30:00Z", "timestamp '2025-10-15 23:30:00'"),
    ("bigint", "-7", "-7"),
    ("integer", "007", "7"),
    ("double", "0.5", "0.5e0"),
    ("double", "1e-3", "1e-3"),
    ("boolean", "True", "true"),
]
NONE_OF_ITS_TYPE = [
    ("date", "15.10.2025"),
    ("date", "2025-02-30"),
    ("date", "2025-10-15' or true --"),
    ("timestamp", "noon"),
    ("bigint", "1.5"),
    ("bigint", str(2**63)),
    ("integer", str(2**31)),
    ("integer", "1 or true"),
    ("double", "many"),
    ("boolean", "yes"),
]
UNTYPED = [
    ("17", "17"),
    ("-1.5e3", "-1.5e3"),
    ("ada", "'ada'"),
    ("O'Brien", "'O''Brien'"),
    ("2025-10-15", "'2025-10-15'"),
    ("date '2025-10-15'", "date '2025-10-15'"),
    ("'x''y'", "'x''y'"),
    ("'x' or 'y'", "'''x'' or ''y'''"),
    ("null", "'null'"),
]


@pytest.mark.parametrize(("kind", "value", "expected"), TYPED)
def test_a_value_is_a_literal_of_its_type(kind: str, value: str, expected: str) -> None:
    assert literal(kind, value) == expected


@pytest.mark.parametrize(("kind", "value"), NONE_OF_ITS_TYPE)
def test_a_value_of_another_type_is_refused(kind: str, value: str) -> None:
    with pytest.raises(ValueError, match=None):
        literal(kind, value)


@pytest.mark.parametrize(("word", "expected"), UNTYPED)
def test_where_no_type_is_known_numbers_and_literals_stay_and_all_else_is_quoted(word: str, expected: str) -> None:
    assert untyped_literal(word) == expected


def test_every_type_says_what_it_takes() -> None:
    assert {kind for kind, *_ in TYPED} == set(EXPECTED)
