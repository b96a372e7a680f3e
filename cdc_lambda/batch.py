"""What one invocation delivers, and what its log line tells of it."""

from dataclasses import dataclass, field


@dataclass
class Batch:
    """The payloads of one invocation in their order, and how many records were handed over, skipped and oversize."""

    received: int
    payloads: list[bytes] = field(default_factory=list)
    skipped: int = 0
    oversize: int = 0
    oldest_at: str | None = None
    fault: str | None = None

    def add(self, payload: bytes, is_oversize: bool, happened_at: str) -> None:
        """Take one record's payload; ``happened_at`` is a timestamp's text, which sorts as the time does."""
        self.payloads.append(payload)
        self.oversize += is_oversize
        if self.oldest_at is None or happened_at < self.oldest_at:
            self.oldest_at = happened_at
