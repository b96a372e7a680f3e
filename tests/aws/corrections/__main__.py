"""Start ministack with its corrections: what it does otherwise than AWS, and the lake relies on."""

import os
import signal
import sys
import threading

from hypercorn.config import Config
from ministack import app

from tests.aws.corrections import eventbridge, firehose, nested_stacks, resource_types, rights, step_functions


def _end_with_whoever_started() -> None:
    """End this process and the functions that it runs when the other end of its input is gone, however that ended."""
    sys.stdin.read()
    os.killpg(0, signal.SIGTERM)


for correction in (eventbridge, firehose, nested_stacks, resource_types, rights, step_functions):
    correction.apply()
# No second listener on the machine's port 443, which is there for the issuer of Cognito's tokens.
app._port_is_bindable = lambda *_: False
# Plain HTTP too, on a port of its own: what refuses it must be seen to.
Config._insecure_bind = [f"127.0.0.1:{os.environ['PLAIN_PORT']}"]
threading.Thread(target=_end_with_whoever_started, daemon=True).start()
app.main()
