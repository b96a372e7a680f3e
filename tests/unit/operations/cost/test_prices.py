import re
from dataclasses import replace

import pytest

from operations.cost.day import Volume
from operations.cost.model import Knowledge, estimate
from operations.cost.prices import SEEN, Price, read_prices
from operations.cost.settings import Settings, StorageClass
from operations.errors import OptionError

# Not of the lake, but of asking what it cost.
ASKING = {"cost_explorer_requests"}


def test_every_price_has_a_unit_a_region_a_date_and_a_source() -> None:
    for price in read_prices().values():
        assert price.usd >= 0
        assert price.per > 0
        assert price.unit
        assert price.region == "us-east-1"
        assert price.checked.year >= 2026
        assert price.seen in SEEN
        assert re.match(r"https://(docs\.)?aws\.amazon\.com/", price.source), price.name


def test_every_price_is_used_and_every_line_has_a_price_of_the_table(settings: Settings, known: Knowledge) -> None:
    classes = ("standard", "standard_ia", "glacier_ir")
    everything = replace(settings, classes=tuple(StorageClass(name, 30 * n) for n, name in enumerate(classes)))
    used = {line.price.name for line in estimate(Volume(), everything, known).lines}
    assert used | ASKING == read_prices().keys()


def test_a_price_that_nobody_has_seen_says_so() -> None:
    prices = read_prices()
    assert not prices["cloudwatch_composite_alarms"].is_sure
    assert prices["firehose_ingestion"].is_sure


def test_a_price_is_for_so_many_units_and_the_first_of_a_month_are_free() -> None:
    price = a_price(usd=0.2, per=1_000_000, free=1_000_000)
    assert price.dollars(5_000_000) == 1.0
    assert price.allowance(5_000_000) == 0.2
    assert price.allowance(500_000) == 0.1


def test_a_price_that_the_table_has_not_is_one_line_that_says_to_add_it(settings: Settings, known: Knowledge) -> None:
    with pytest.raises(OptionError, match=r"prices.yaml has no price lambda_gb_seconds_x86_64, .*: add its row"):
        estimate(Volume(), replace(settings, architecture="x86_64"), known)
    archived = replace(settings, classes=(*settings.classes, StorageClass("deep_archive", 90)))
    with pytest.raises(OptionError, match="has no price s3_deep_archive"):
        estimate(Volume(), archived, known)


def test_the_decision_records_prices_stand_in_the_table() -> None:
    prices = read_prices()
    record = {"firehose_ingestion": 0.029, "glue_job_dpu_hours": 0.44, "athena_scanned": 5.0}
    assert {name: prices[name].usd for name in record} == record


def a_price(usd: float, per: float, free: float) -> Price:
    return replace(read_prices()["lambda_requests"], usd=usd, per=per, free=free)
