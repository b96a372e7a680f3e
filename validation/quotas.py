"""What AWS lets the lake do in us-east-1 without being asked for more, each with where it is documented."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Quota:
    """One limit, its unit, and the fact that states it."""

    name: str
    limit: float
    unit: str
    source: str

    def used(self, need: float) -> str:
        """Return how much of it a need takes, in percent, by two digits."""
        return f"{float(f'{100 * need / self.limit:.2g}'):g} %"

    def fits(self, need: float) -> str:
        """Return how many times the need would fit."""
        times = self.limit / max(need, 1)
        return f"{times:,.1f}" if times < 10 else f"{times:,.0f}"


_FACTS = "aws-semantics.md"
CALL_RECORDS = Quota("records of a PutRecordBatch", 500, "", f"[firehose-1]({_FACTS}#firehose-1)")
CALL_BYTES = Quota("bytes of a PutRecordBatch", 4 * 1024 * 1024, "", f"[firehose-1]({_FACTS}#firehose-1)")
PARTITIONS = Quota("active partitions", 500, "", f"[firehose-9]({_FACTS}#firehose-9)")
STREAM_RECORDS = Quota("records put", 500_000, "/s", f"[firehose-19]({_FACTS}#firehose-19)")
STREAM_CALLS = Quota("calls of PutRecordBatch", 2_000, "/s", f"[firehose-19]({_FACTS}#firehose-19)")
STREAM_BYTES = Quota("bytes put", 5 * 1024 * 1024, "/s", f"[firehose-19]({_FACTS}#firehose-19)")
# The decision record has 5,000 a bucket; S3 says 3,500 a prefix, of which there are at first one.
S3_PUTS = Quota("objects put to S3", 3_500, "/s", f"[s3-events-8]({_FACTS}#s3-events-8)")
# A shard's batches follow one another: what they take of a second is theirs alone.
SHARD_SECONDS = Quota(
    "the function's time in a minute, one shard", 60, " s", f"[event-source-mapping-1]({_FACTS}#event-source-mapping-1)"
)
