"""Knows how an import ends: what was read, stored, known, rejected, and how fast."""

import resource
from collections import Counter
from dataclasses import dataclass, field
from time import monotonic

from tracker.tasks.importing.reasons import Reason


@dataclass
class Report:
    """Counts of rows; `read` is always the sum of stored, known and rejected."""

    read: int = 0
    stored: int = 0
    #: came in before under the same source and id
    known: int = 0
    rejected: Counter[Reason] = field(default_factory=Counter)
    #: stored without a community (未落入网格)
    queued: int = 0
    units_made: int = 0
    dry_run: bool = False
    seconds: float = 0.0
    _started: float = field(default_factory=monotonic)

    @property
    def refused(self) -> int:
        return sum(self.rejected.values())

    @property
    def rows_per_second(self) -> float:
        return self.read / self.seconds if self.seconds else 0.0

    def stop(self) -> None:
        """Take the time."""
        self.seconds = monotonic() - self._started

    def as_detail(self) -> dict[str, object]:
        """Plain values for the audit log."""
        return {
            "read": self.read,
            "stored": self.stored,
            "known": self.known,
            "rejected": {reason.value: n for reason, n in self.rejected.items()},
            "seconds": round(self.seconds, 1),
        }


def peak_memory_mb() -> float:
    """The most memory this process held at once, in MB (Linux counts KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
