"""Typed values against the root template's parameters, before anything is made."""

import pytest

from operations.deploy.parameters import typed_parameters
from operations.deploy.values import check_values
from operations.errors import OptionError


def check(**options: str) -> None:
    check_values(typed_parameters(options))


@pytest.mark.parametrize(
    ("option", "text", "said"),
    [
        ("USER_BUCKETS", "abc", "USER_BUCKETS=abc is not a number: write digits, such as 0"),
        ("USER_BUCKETS", "nan", "USER_BUCKETS=nan is not a number"),
        ("USER_BUCKETS", "none", "USER_BUCKETS=none is not a number"),
        ("USER_BUCKETS", "-1", "USER_BUCKETS=-1 is too small: 0 is the least"),
        ("MONTHLY_BUDGET", "0.5", "MONTHLY_BUDGET=0.5 is too small: 1 is the least"),
        ("BYTES_SCANNED_CUTOFF", "9999999", "BYTES_SCANNED_CUTOFF=9999999 is too small: 10000000 is the least"),
        ("BRONZE_YEARS", "4", "BRONZE_YEARS=4 is not one of 1, 2, 3, 5, 7, 10"),
        ("LOG_GROUPS", "/task-lake/cdc", "LOG_GROUPS=/task-lake/cdc does not match ^"),
        ("LOG_GROUPS", "/api/access,a b", "LOG_GROUPS=a b does not match ^"),
    ],
)
def test_a_value_that_the_template_does_not_take_is_refused_by_the_users_own_word(
    option: str, text: str, said: str
) -> None:
    with pytest.raises(OptionError) as raised:
        check(**{option: text})
    assert str(raised.value).startswith(said)
    assert raised.value.exit_code == 2


def test_what_the_template_takes_goes_on() -> None:
    check(USER_BUCKETS="64", MONTHLY_BUDGET="12.5", BRONZE_YEARS="7", LOG_GROUPS="/api/access,/api/app")
    check(SOURCE_STREAM="none", LOG_GROUPS="none", ALARM_EMAIL="none")
    check()
