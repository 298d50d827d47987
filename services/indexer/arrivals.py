"""What one batch of messages holds, flattened: each event with the envelope and request it came in."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from shared.bus.messages import EventBatch, Quarantined, Request
from shared.domain.alert import Sighting
from shared.normalise.event import Event


class Arrival(msgspec.Struct, frozen=True):
    """An event on its way into the tables."""

    organization_id: UUID
    envelope_id: UUID
    request: Request
    index: int
    ordinal: int
    event: Event

    @property
    def forms(self) -> tuple[UUID, ...]:
        """The event's id and, where there can be one, its twin: it is stored when either is."""
        twin = self.event.twin_id
        return (self.event.id,) if twin is None else (self.event.id, twin)

    def sighting(self) -> Sighting:
        """The event as folding sees it."""
        event = self.event
        return Sighting(
            time=event.time,
            event_id=event.id,
            received_at=event.received_at,
            severity=event.severity,
            title=event.title,
            rule_id=event.rule_id,
            module=event.module,
            dataset=event.dataset,
            sensor_id=self.request.sensor_id,
            resolved_at=event.resolved_at,
            techniques=event.techniques,
            grouping=event.grouping,
        )


def flatten(envelopes: Iterable[EventBatch]) -> list[Arrival]:
    """All events of the envelopes, in their order."""
    return [
        Arrival(
            envelope.organization_id,
            envelope.envelope_id,
            envelope.requests[item.request],
            item.index,
            item.ordinal,
            item.event,
        )
        for envelope in envelopes
        for item in envelope.items
    ]


def correlation_ids(envelopes: Sequence[EventBatch | Quarantined], limit: int = 200) -> list[str]:
    """The requests' correlation ids, each once, at most `limit`: what a batch's log lines carry."""
    seen = dict.fromkeys(request.correlation_id for envelope in envelopes for request in envelope.requests)
    return list(seen)[:limit]
