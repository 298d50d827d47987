"""How long to wait before trying again: exponential, with full jitter, always bounded."""

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Backoff:
    """Pauses in seconds: the n-th is random between half and the whole of `first * 2**n`, at most `most`."""

    first: float = 0.1
    most: float = 5.0

    def pause(self, attempt: int) -> float:
        """Seconds to wait after the `attempt`-th failure, counted from 0."""
        ceiling = min(self.most, self.first * 2 ** min(attempt, 30))
        return random.uniform(ceiling / 2, ceiling)  # noqa: S311 - jitter, not a secret
