"""Start ministack with its corrections: what it does otherwise than AWS, and the lake relies on."""

import os
import signal
import sys
import threading
from datetime import timedelta

from hypercorn.config import Config
from ministack import app

from tests.aws.corrections import buckets, eventbridge, firehose, nested_stacks, resource_types, rights, step_functions
from tests.aws.corrections.ages import age_objects


def _obey_whoever_started() -> None:
    """Age the objects of a bucket, a line "<bucket> <days>" of the input each; end with the input, however it ended."""
    for line in sys.stdin:
        bucket, days = line.split()
        age_objects(bucket, timedelta(days=int(days)))
    os.killpg(0, signal.SIGKILL)


for correction in (buckets, eventbridge, firehose, nested_stacks, resource_types, rights, step_functions):
    correction.apply()
# No second listener on the machine's port 443, which is there for the issuer of Cognito's tokens.
app._port_is_bindable = lambda *_: False
# Plain HTTP too, on a port of its own: what refuses it must be seen to.
Config._insecure_bind = [f"127.0.0.1:{os.environ['PLAIN_PORT']}"]
threading.Thread(target=_obey_whoever_started, daemon=True).start()
app.main()
