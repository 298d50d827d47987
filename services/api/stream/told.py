"""A change as it is told: its id, and which rows of which kind; never what they are."""

from dataclasses import dataclass
from uuid import UUID

from shared import ids


@dataclass(frozen=True)
class Told:
    """`id` is unique, and the same in every process."""

    id: UUID
    organization_id: UUID
    kind: str
    ids: list[UUID]


RESET = Told(ids.NIL, ids.NIL, "reset", [])
"""Something may have been missed: whoever gets it reads anew what it shows."""
