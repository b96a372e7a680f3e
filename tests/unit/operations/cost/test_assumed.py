from operations.cost.assumed import Assumed, read_assumed


def test_every_assumption_has_a_value_a_unit_and_a_reason() -> None:
    for each in read_assumed().rows.values():
        assert each.value > 0
        assert each.unit
        assert len(each.why) > 10, each.name


def test_the_tests_lake_assumes_the_same_things(assumed: Assumed) -> None:
    assert assumed.rows.keys() == read_assumed().rows.keys()
