"""One request to the door, ready to be sent, and sent again byte for byte."""

import gzip
from dataclasses import dataclass
from typing import Literal

Shape = Literal["array", "ndjson", "single", "hook"]
"""JSON array; one record a line; one record; one record posted to the path that holds the key."""


@dataclass(frozen=True)
class Batch:
    """`records` are as the sensor wrote them; `damaged` are the places of those that were broken on the way.

    `resent` says that exactly this request went out before.
    """

    format: str
    records: tuple[bytes, ...]
    shape: Shape
    compressed: bool = False
    idempotency_key: str | None = None
    damaged: frozenset[int] = frozenset()
    resent: bool = False

    @property
    def content_type(self) -> str:
        return "application/x-ndjson" if self.shape == "ndjson" else "application/json"

    def body(self) -> bytes:
        """The same bytes whenever it is called."""
        match self.shape:
            case "array":
                plain = b"[" + b",".join(self.records) + b"]"
            case "ndjson":
                plain = b"\n".join(self.records) + b"\n"
            case _:
                (plain,) = self.records
        return gzip.compress(plain, compresslevel=1, mtime=0) if self.compressed else plain
