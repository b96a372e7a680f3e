"""An EventBridge rule with an input transformer, from the bucket's events to a target."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from local.event_pattern import matches
from local.settings import RuleSettings

_PLACEHOLDER = re.compile(r'(?P<quote>"?)<(?P<name>[A-Za-z0-9_-]+)>(?P=quote)')


class EventRule:
    """Sends the transformed text of each event that fits the rule's pattern to ``target``."""

    def __init__(self, settings: RuleSettings, target: Callable[[bytes], object]) -> None:
        self._settings = settings
        self._target = target

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Offer one event to the rule."""
        if matches(self._settings.pattern, event):
            self._target(transform(self._settings, event).encode())


def transform(settings: RuleSettings, event: Mapping[str, Any]) -> str:
    """Return the input template with each ``<name>`` filled in; strings come with quotes, given or not.

    EventBridge quotes a string that stands bare in a JSON template : docs/aws-semantics.md#s3-events-5.
    """
    values = {name: _at_path(event, path) for name, path in settings.input_paths.items()}
    return _PLACEHOLDER.sub(lambda found: json.dumps(values[found["name"]]), settings.input_template)


def _at_path(event: Mapping[str, Any], path: str) -> Any:
    value: Any = event
    for member in path.removeprefix("$.").split("."):
        value = value[member]
    return value
