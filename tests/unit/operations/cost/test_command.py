import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from operations.cli import app
from operations.cost import command
from operations.cost.day import Volume
from operations.cost.settings import Settings
from operations.cost.templates import Templates

runner = CliRunner()


@pytest.fixture(autouse=True)
def templates(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[None]:
    """Read the tests' settings instead of the repository's: their figures do not change with a template."""
    monkeypatch.setattr(command, "read_templates", lambda **_: Templates({}))
    monkeypatch.setattr(command, "read_settings", lambda _: settings)
    for name in (
        "CHANGES_PER_DAY",
        "USERS",
        "LOG_LINES",
        "QUERIES",
        "MONTHS",
        "DAYS",
        "STAGE",
        "USER_BUCKETS",
        "FORMAT",
    ):
        monkeypatch.delenv(name, raising=False)
    return iter([None])


def cost(**typed: str) -> tuple[int, str, str]:
    done = runner.invoke(app, ["cost"], env=typed)
    return done.exit_code, done.stdout, done.stderr


def test_without_a_word_it_says_what_a_small_lake_costs() -> None:
    code, said, _ = cost()
    assert code == 0
    assert said.startswith("3,000 changes a day of 200 users, 20,000 log lines, 20 questions, after 12 months")
    for part in ("What drives it", "What each choice changes", "Beside the decision record", "What it rests on"):
        assert part in said
    assert "partitioned objects" in said
    assert "seconds_to_start_a_job" in said
    assert "price cloudwatch_composite_alarms, $0.5: memory: check it before you rely on it" in said


def test_one_of_a_thing_is_not_many() -> None:
    said = cost(CHANGES_PER_DAY="1", USERS="1", LOG_LINES="1", QUERIES="1", MONTHS="1")[1]
    assert said.startswith("1 change a day of 1 user, 1 log line, 1 question, after 1 month;")


def test_a_price_that_nobody_read_is_told_only_where_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr(command, "read_settings", lambda _: replace(settings, composite_alarms=0))
    assert "memory: check it" not in cost()[1]


def test_the_volume_is_what_was_typed() -> None:
    _, said, _ = cost(CHANGES_PER_DAY="1_000_000", USERS="5,000", LOG_LINES="0")
    assert said.startswith("1,000,000 changes a day of 5,000 users, 0 log lines")
    assert "log subscriptions" not in said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"CHANGES_PER_DAY": "-5"}, "CHANGES_PER_DAY=-5 is no whole number from 0 to 1,000,000,000,000"),
        ({"CHANGES_PER_DAY": "many"}, "CHANGES_PER_DAY=many is no whole number from 0 to 1,000,000,000,000"),
        ({"LOG_LINES": "1.5"}, "LOG_LINES=1.5 is no whole number from 0 to 1,000,000,000,000"),
        ({"LOG_LINES": "٣"}, "LOG_LINES=٣ is no whole number from 0 to 1,000,000,000,000"),
        ({"CHANGES_PER_DAY": "9" * 5000}, f"CHANGES_PER_DAY={'9' * 40} is no whole number from 0 to 1,000,000,000,000"),
        ({"STAGE": "dev", "DAYS": "x"}, "DAYS=x is no whole number from 1 to 365"),
        ({"USERS": "0"}, "USERS=0 is no whole number from 1 to 1,000,000,000,000"),
        ({"MONTHS": "0"}, "MONTHS=0 is no whole number from 1 to 1,200"),
        ({"USER_BUCKETS": "x"}, "USER_BUCKETS=x is no whole number from 0 to 1,000,000,000,000"),
        ({"FORMAT": "xml"}, "FORMAT=xml is unknown: choose one of table, csv, json"),
        ({"STAGE": "dev", "DAYS": "0"}, "DAYS=0 is no whole number from 1 to 365"),
        ({"STAGE": "dev", "DAYS": "400"}, "DAYS=400 is no whole number from 1 to 365"),
        ({"STAGE": "D!"}, "STAGE=D! is no stage's name: up to 20 of a-z, 0-9 and -, a letter first"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_2(typed: dict[str, str], said: str) -> None:
    code, out, err = cost(**typed)
    assert (code, out, err) == (2, "", f"{said}\n")


def test_csv_is_a_row_a_line_and_nothing_else() -> None:
    _, said, _ = cost(FORMAT="csv")
    rows = list(csv.DictReader(io.StringIO(said)))
    assert rows[0]["line"] == "stream reads"
    assert {"part", "line", "quantity", "unit", "usd_per_unit", "usd_a_month", "basis", "note"} == rows[0].keys()


def test_json_holds_the_whole_report() -> None:
    document = json.loads(cost(FORMAT="json")[1])
    assert document["usd_a_month"] == pytest.approx(sum(line["usd_a_month"] for line in document["lines"]))
    assert document["volume"]["changes"] == 3000
    assert {"choices", "assumed", "unsure_prices", "warnings", "always_free_usd"} <= document.keys()


def test_buckets_may_be_tried_before_they_are_deployed(settings: Settings) -> None:
    plain, bucketed = (json.loads(cost(FORMAT="json", USER_BUCKETS=each)[1])["usd_a_month"] for each in ("0", "8"))
    assert bucketed < plain
    assert replace(settings, user_buckets=8) != settings


def test_a_volume_of_nothing_typed_is_the_default() -> None:
    assert command.to_volume({"CHANGES_PER_DAY": "", "USERS": ""}) == Volume()


def test_help_names_the_variables() -> None:
    said = runner.invoke(app, ["cost", "--help"]).stdout
    assert all(name in said for name in ("CHANGES_PER_DAY", "USERS", "LOG_LINES", "STAGE", "FORMAT"))
