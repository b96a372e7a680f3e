"""What a table of the lake is, apart from where it lies."""

from dataclasses import dataclass

from pyspark.sql.types import StructType


@dataclass(frozen=True)
class Table:
    """One table: its name, its grain and its layout.

    ``partitioned_by`` and ``sorted_by`` are Iceberg's own expressions (`months(changed_at)`, `bucket(16, user_id)`).
    """

    namespace: str
    name: str
    key: tuple[str, ...]
    columns: StructType
    partitioned_by: tuple[str, ...]
    sorted_by: tuple[str, ...]
    # Small row groups: a day's or a user's rows are found by min and max without reading what lies around them.
    row_group_bytes: int = 2 * 1024 * 1024

    @property
    def full_name(self) -> str:
        """Return ``namespace.name``, the name users write in SQL."""
        return f"{self.namespace}.{self.name}"
