import json

import pytest

from cdc_lambda.claim_check import MAX_RECORD_BYTES
from cdc_lambda.envelope import UndecodableRecordError, to_envelope
from local.faults.plan import FaultPlan
from local.faults.profiles import FaultProfile
from local.faults.records import disturbed, with_bad_records
from tests.unit.local.stream_records import batch_of


def test_every_record_comes_at_least_once_however_disturbed() -> None:
    plan = FaultPlan(FaultProfile(duplicated_records=0.5, reordered_records=7), 1)
    came = list(disturbed(range(100), plan, "t"))
    assert set(came) == set(range(100))
    assert 100 < len(came) < 200
    assert came != sorted(came)
    assert plan.met["repeated records"] == len(came) - 100
    assert plan.met["records out of order"] > 50


def test_a_poison_record_is_one_more_that_no_envelope_can_be_made_of() -> None:
    records = batch_of(3)
    made = list(with_bad_records(records, FaultPlan(FaultProfile(poison_records=1.0), 1), "t"))
    assert made[::2] == records
    for poison in made[1::2]:
        assert json.loads(poison.text) == poison.body
        with pytest.raises(UndecodableRecordError):
            to_envelope(poison.body, "")


def test_an_oversize_record_is_the_same_change_and_too_large_for_firehose() -> None:
    [record] = batch_of(1)
    [oversize] = with_bad_records([record], FaultPlan(FaultProfile(oversize_records=1.0), 1), "t")
    row = to_envelope(oversize.body, "")
    assert row is not None
    assert len(json.dumps(row)) > MAX_RECORD_BYTES
    assert json.loads(oversize.text) == oversize.body
    padded = oversize.body["dynamodb"]["NewImage"]
    assert {name: padded[name] for name in padded if name != "padding"} == record.body["dynamodb"]["NewImage"]
