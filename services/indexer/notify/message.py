"""One message to one target: what it tells, as plain values and as text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from shared import clock
from shared.domain import severity

MOST_NAMED = 20


class Undeliverable(Exception):
    """It will never arrive: there is nobody to tell, or no way to."""


@dataclass(frozen=True)
class Told:
    """One thing in a message."""

    id: UUID
    kind: str
    severity: int
    subject: str
    content: dict[str, Any]
    object_kind: str | None
    object_id: UUID | None
    created_at: datetime


@dataclass(frozen=True)
class Message:
    """What goes out together; `id` is the first one's, and that of every further attempt.

    `told` are those that are named, `total` is the number of all, `worst` the highest severity among them.
    """

    id: UUID
    organization_id: UUID
    told: Sequence[Told]
    public_url: str | None
    total: int
    worst: int

    @property
    def more(self) -> int:
        """How many are not named."""
        return self.total - len(self.told)

    def url(self, told: Told) -> str | None:
        """Where the thing is seen, or the things that a query finds, if the product knows its own address."""
        if not self.public_url or told.object_kind is None:
            return None
        things = f"{self.public_url.rstrip('/')}/{told.object_kind}s"
        if told.object_id is not None:
            return f"{things}/{told.object_id}"
        return f"{things}?{urlencode({'query': told.content['query']})}" if "query" in told.content else None


def headline(message: Message) -> str:
    """One line for all of it."""
    first = message.told[0]
    if message.total == 1:
        return f"[{severity.WORDS[first.severity]}] {first.subject}"
    return f"[{severity.WORDS[message.worst]}] {message.total} × {first.kind}: {first.subject}"


def remainder(message: Message) -> str:
    """What is said of those that are not named; empty where all are."""
    return f"and {message.more} more" if message.more else ""


def as_text(message: Message) -> str:
    """The whole of it in plain text."""
    blocks = [_block(message, told) for told in message.told]
    return "\n\n".join([*blocks, *filter(None, [remainder(message)])]) + "\n"


def as_data(message: Message) -> dict[str, Any]:
    """The whole of it for programs. The same at each attempt, so that a repeat can be recognised."""
    return {
        "id": str(message.id),
        "kind": message.told[0].kind,
        "organization_id": str(message.organization_id),
        "headline": headline(message),
        "total": message.total,
        "notifications": [
            {
                "id": str(told.id),
                "severity": told.severity,
                "subject": told.subject,
                "content": told.content,
                "object_kind": told.object_kind,
                "object_id": told.object_id and str(told.object_id),
                "url": message.url(told),
                "created_at": clock.isoformat(told.created_at),
            }
            for told in message.told
        ],
    }


def _block(message: Message, told: Told) -> str:
    lines = [f"[{severity.WORDS[told.severity]}] {told.subject}"]
    lines += [f"{name}: {value}" for name, value in told.content.items() if value is not None]
    lines += [f"at: {clock.isoformat(told.created_at)}"]
    return "\n".join(filter(None, [*lines, message.url(told)]))
