"""The task as the application stores it: attributes of the DynamoDB single table's ``TASK#`` items."""

from dataclasses import dataclass

from pyspark.sql.types import DataType, DateType, StringType, TimestampType

EVENT_NAMES = ("INSERT", "MODIFY", "REMOVE")
STATUSES = ("pending", "in_progress", "completed", "cancelled")
PRIORITIES = ("low", "medium", "high", "urgent")
CLOSED_STATUSES = ("completed", "cancelled")
OPEN_STATUSES = ("pending", "in_progress")

# Keys of the table and of its four indexes: derived from the other attributes, so no information of their own.
KEY_ATTRIBUTES = ("PK", "SK", *(f"GSI{index}{part}" for index in range(1, 5) for part in ("PK", "SK")))


@dataclass(frozen=True)
class Attribute:
    """One modelled attribute: its name, its DynamoDB type (`S`, `N`) and the type Silver gives it.

    To promote an attribute out of ``extra``, add it to ``TASK_ATTRIBUTES``: schema, parser and tables follow.
    """

    name: str
    dynamodb_type: str
    silver_type: DataType
    is_required: bool = False


TASK_ATTRIBUTES = (
    Attribute("title", "S", StringType()),
    Attribute("description", "S", StringType()),
    Attribute("status", "S", StringType(), is_required=True),
    Attribute("priority", "S", StringType()),
    Attribute("category", "S", StringType()),
    Attribute("due_date", "S", DateType()),
    Attribute("created_at", "N", TimestampType()),
    Attribute("updated_at", "N", TimestampType()),
    Attribute("completed_at", "N", TimestampType()),
    Attribute("ttl", "N", TimestampType()),
)
