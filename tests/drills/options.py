"""What may be chosen of the drills."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """The same for all drills; each takes what concerns it."""

    records: int
    absent_seconds: float
    limit_seconds: float
    rate: float
    seed: int
