"""The documents of Firehose's error prefix, one JSON line a record: docs/aws-semantics.md#firehose-15."""

import base64
import json

from local.event_source_mapping.lambda_runtime import ACCOUNT, REGION
from local.firehose.buffers import Arrival
from local.settings import Table
from local.times import milliseconds

PROCESSING_FAILED = "processing-failed"
CONVERSION_FAILED = "format-conversion-failed"


def processing_failed(arrival: Arrival, moment: float) -> str:
    """Return the document of a record that has no partition keys."""
    return json.dumps(
        {
            "attemptsMade": 1,
            "arrivalTimestamp": milliseconds(arrival.arrived_at),
            "errorCode": "DynamicPartitioning.MetadataExtractionFailed",
            "errorMessage": arrival.fault,
            "attemptEndingTimestamp": milliseconds(moment),
            "rawData": base64.b64encode(arrival.data).decode(),
        }
    )


def conversion_failed(arrival: Arrival, table: Table, moment: float) -> str:
    """Return the document of a record that does not fit the table; AWS cases its names otherwise."""
    return json.dumps(
        {
            "attemptsMade": 1,
            "arrivalTimestamp": milliseconds(arrival.arrived_at),
            "ErrorCode": "DataFormatConversion.MalformedData",
            "ErrorMessage": arrival.fault,
            "attemptEndingTimestamp": milliseconds(moment),
            "rawData": base64.b64encode(arrival.data).decode(),
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
    )
