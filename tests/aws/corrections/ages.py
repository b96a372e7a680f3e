"""The age of objects: AWS has no call that changes it, and maintenance waits for days before it removes an orphan."""

from datetime import datetime, timedelta

from ministack.services import s3


def age_objects(bucket: str, older: timedelta) -> None:
    """Make every object of the bucket so much older."""
    for stored in s3._buckets[bucket]["objects"].values():
        modified = datetime.fromisoformat(stored["last_modified"]) - older
        stored["last_modified"] = modified.strftime("%Y-%m-%dT%H:%M:%S.000Z")
