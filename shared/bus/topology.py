"""The whole topology as data: exchanges, queues, bindings, policies; `migrate` declares it."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

EXCHANGE = "eventsec"
CHANGES_EXCHANGE = "eventsec.changes"

DELIVERY_LIMIT = 100
# From RabbitMQ 4.0 a quorum queue without a limit has one of 20, and without a dead letter target what goes
# over it is dropped. Looking at parked messages returns them each time, so theirs is as good as none.
KEEP_LIMIT = 1_000_000


@dataclass(frozen=True)
class Queue:
    """A durable quorum queue. `parked` is where its dead letters go, None for a parked queue itself."""

    name: str
    binds: tuple[str, ...] = ()
    parked: str | None = None
    policy: dict[str, Any] = field(default_factory=dict)

    @property
    def arguments(self) -> dict[str, Any]:
        """Declaration arguments: identity and safety; sizes are in the policy, where they can change."""
        if self.parked is None:
            return {"x-queue-type": "quorum", "x-delivery-limit": KEEP_LIMIT}
        return {
            "x-queue-type": "quorum",
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": self.parked,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        }


EVENTS_PARKED = Queue("events.parked")
CHANGES_PARKED = Queue("changes.parked")

# Sizes: a day's backlog of a small site; past it the door answers 503 instead of filling the disk.
EVENTS_RECEIVED = Queue("events.received", ("events.received.#",), "events.parked", {"max-length-bytes": 8 << 30})
EVENTS_QUARANTINED = Queue(
    "events.quarantined", ("events.quarantined",), "events.parked", {"max-length-bytes": 2 << 30}
)
ACCOUNTS = Queue("accounts", ("accounts",), "events.parked", {"max-length-bytes": 256 << 20})
RECORDS_CHANGED = Queue("records.changed", ("*.changed",), "changes.parked", {"max-length-bytes": 512 << 20})

QUEUES = (
    EVENTS_PARKED,
    CHANGES_PARKED,
    EVENTS_RECEIVED,
    EVENTS_QUARANTINED,
    ACCOUNTS,
    RECORDS_CHANGED,
)


def received_key(organization_id: UUID) -> str:
    """Routing key of an envelope of events."""
    return f"events.received.{organization_id}"


QUARANTINED_KEY = "events.quarantined"
ACCOUNTS_KEY = "accounts"


def changed_key(kind: str) -> str:
    """Routing key of a change to a row of that kind."""
    return f"{kind}.changed"
