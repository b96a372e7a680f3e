"""The ledger that a job rebuilds has the columns of the table that Firehose writes to."""

from glue_jobs.storage.ledger_rebuild import LEDGER_SCHEMA
from local.firehose.hive_values import ARROW_TYPES
from local.ingestion import INFRA
from local.template import load_template


def test_a_rebuilt_ledger_has_the_columns_of_the_templates_table() -> None:
    columns = load_template(INFRA).glue_columns("LedgerTable")
    assert [(column.name, ARROW_TYPES[column.type].id) for column in columns] == [
        (field.name, field.type.id) for field in LEDGER_SCHEMA
    ]
