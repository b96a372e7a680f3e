"""What boto3 found, for libraries that look for credentials by themselves, and not everywhere that boto3 looks."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from operations.account import Account


@contextmanager
def in_environment(account: Account) -> Iterator[None]:
    """Put the account's credentials and region into the environment, for as long as they last, an hour or more."""
    found = account.session.get_credentials()
    given = {"AWS_REGION": account.region, "AWS_DEFAULT_REGION": account.region}
    if found:
        frozen = found.get_frozen_credentials()
        given |= {"AWS_ACCESS_KEY_ID": frozen.access_key or "", "AWS_SECRET_ACCESS_KEY": frozen.secret_key or ""}
        given |= {"AWS_SESSION_TOKEN": frozen.token} if frozen.token else {}
    former = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    try:
        yield
    finally:
        for name, value in former.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
