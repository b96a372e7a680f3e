"""The documents of Firehose's error prefix, one JSON line a record: docs/aws-semantics.md#firehose-15."""

import base64
import json
from typing import Any

from local.firehose.buffers import Arrival
from local.lambda_functions.runtime import ACCOUNT, REGION
from local.settings import Table
from local.times import milliseconds

PROCESSING_FAILED = "processing-failed"
PARTITIONS_EXCEEDED = "activePartitionExceeded"
CONVERSION_FAILED = "format-conversion-failed"
_CODES = {
    PROCESSING_FAILED: "DynamicPartitioning.MetadataExtractionFailed",
    PARTITIONS_EXCEEDED: "DynamicPartitioning.ActivePartitionExceeded",
    CONVERSION_FAILED: "DataFormatConversion.MalformedData",
}


def error_document(error_type: str, arrival: Arrival, table: Table, moment: float) -> str:
    """Return the document of a record that could not be delivered to its prefix."""
    document = {
        "attemptsMade": 1,
        "arrivalTimestamp": milliseconds(arrival.arrived_at),
        "errorCode": _CODES[error_type],
        "errorMessage": arrival.fault,
        "attemptEndingTimestamp": milliseconds(moment),
        "rawData": base64.b64encode(arrival.data).decode(),
    }
    return json.dumps(_with_table(document, table) if error_type == CONVERSION_FAILED else document)


def _with_table(document: dict[str, Any], table: Table) -> dict[str, Any]:
    """Return the document as a failed conversion leaves it: two of its names are cased otherwise."""
    names = {"errorCode": "ErrorCode", "errorMessage": "ErrorMessage"}
    return {names.get(name, name): value for name, value in document.items()} | {
        "sequenceNumber": None,
        "subSequenceNumber": None,
        "dataCatalogTable": {
            "catalogId": ACCOUNT,
            "databaseName": table.database,
            "tableName": table.name,
            "region": REGION,
            "versionId": "LATEST",
            "catalogArn": None,
        },
    }
