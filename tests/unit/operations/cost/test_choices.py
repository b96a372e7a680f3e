from dataclasses import replace

import pytest

from operations.cost.choices import Effect, effects
from operations.cost.day import Volume
from operations.cost.model import Knowledge, estimate, read_knowledge
from operations.cost.settings import Settings

VOLUME = Volume(changes=1_000_000, users=5_000, log_lines=5_000_000)


@pytest.fixture(scope="module")
def everything() -> Knowledge:
    return read_knowledge()


def found(settings: Settings, known: Knowledge, volume: Volume = VOLUME) -> dict[tuple[str, str], Effect]:
    return {(each.choice.name, each.choice.then): each for each in effects(volume, settings, known)}


@pytest.mark.parametrize(
    "saves",
    [
        ("changes a record", "3"),
        ("buffer", "300 s"),
        ("buffer", "900 s"),
        ("USER_BUCKETS", "32"),
        ("crawls", "weekly"),
        ("crawls", "none"),
        ("log subscriptions", "none"),
    ],
)
def test_it_saves(settings: Settings, everything: Knowledge, saves: tuple[str, str]) -> None:
    assert found(settings, everything)[saves].difference < 0


@pytest.mark.parametrize("costs", [("bucket key", "off"), ("runs", "hourly"), ("Silver's workers", "10, always")])
def test_it_costs(settings: Settings, everything: Knowledge, costs: tuple[str, str]) -> None:
    assert found(settings, everything, Volume())[costs].difference > 0


def test_two_choices_together_save_more_than_each(settings: Settings, everything: Knowledge) -> None:
    effect = found(settings, everything)
    both = effect["both", "32, 900 s"].then
    assert both < min(effect["buffer", "900 s"].then, effect["USER_BUCKETS", "32"].then)


def test_a_choice_that_is_made_is_not_offered(settings: Settings, everything: Knowledge) -> None:
    made = replace(settings, user_buckets=32, has_bucket_key=False)
    names = [name for name, _ in found(made, everything)]
    assert not {"USER_BUCKETS", "bucket key"} & set(names)
    assert "log subscriptions" not in [name for name, _ in found(settings, everything, Volume(log_lines=0))]


def test_every_choice_says_what_it_takes_and_starts_from_the_same_total(
    settings: Settings, everything: Knowledge
) -> None:
    now = estimate(VOLUME, settings, everything).total
    for effect in effects(VOLUME, settings, everything):
        assert effect.now == now
        assert effect.choice.takes
