"""Who is asking and what they may: scopes, principals, and what each organization's rows are to them."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

EVERYTHING = "*"


class Scope(StrEnum):
    """What a token may be allowed to do."""

    SENSORS_READ = "sensors:read"
    SENSORS_WRITE = "sensors:write"
    ALERTS_READ = "alerts:read"
    RECEIPTS_READ = "receipts:read"
    QUARANTINE_READ = "quarantine:read"
    QUARANTINE_WRITE = "quarantine:write"


SCOPES = frozenset({EVERYTHING, *Scope})


@dataclass(frozen=True)
class Principal:
    """A caller we know. `organization_id` is where what it makes belongs."""

    token_id: UUID
    organization_id: UUID
    scopes: frozenset[str]

    @property
    def organization_ids(self) -> tuple[UUID, ...]:
        """The organizations whose rows it sees."""
        return (self.organization_id,)

    @property
    def name(self) -> str:
        """What histories call it."""
        return f"token {self.token_id}"

    def may(self, scope: Scope) -> bool:
        """True when its token has that scope."""
        return EVERYTHING in self.scopes or scope in self.scopes
