"""The five validations by name: what the decision record demands, and what runs it."""

from collections.abc import Callable
from enum import StrEnum
from importlib import import_module
from pathlib import Path

from validation.result import Result

Note = Callable[[str], None]
# Given an empty folder, and whom to tell of each step.
Validation = Callable[[Path, Note], Result]


class Name(StrEnum):
    """A validation, as `make validate VALIDATION=` names it, in the page's order."""

    LOAD = "load"
    END_TO_END = "end-to-end"
    COST = "cost"
    ERRORS = "errors"
    SCHEMA_EVOLUTION = "schema-evolution"


# The decision record's own words.
DEMANDS = {
    Name.LOAD: "Validate pipeline performance under expected task creation/update volumes.",
    Name.END_TO_END: "Verify data flows from DynamoDB Streams through all layers to Athena queries.",
    Name.COST: "Track Firehose ingestion, Glue DPU-hours, and Athena scan volumes.",
    Name.ERRORS: "Simulate S3 failures, Lambda timeouts, and Glue job failures with recovery validation.",
    Name.SCHEMA_EVOLUTION: "Verify handling of new task attributes in single-table design.",
}


def validation(name: Name) -> Validation:
    """Return what runs a validation: ``validate`` of its module, imported only now, for Spark takes seconds."""
    module = import_module(f"validation.{name.replace('-', '_')}")
    found: Validation = module.validate
    return found
