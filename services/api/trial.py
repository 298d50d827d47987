"""A dry run: what a record would become, read as the door or a re-drive reads it. Nothing is stored."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from pydantic import BaseModel, Field

from shared.errors import Unavailable
from shared.normalise.event import Event, Outcome, Rejected

MAX_SHOWN = 20

# One hostile record may take a second, and all threads share the processor with every other request.
_ROOM = threading.BoundedSemaphore(2)


class TooManyTrials(Unavailable):
    """Other records are being tried; the same request will work in a moment."""

    code = "busy"


class TriedObservable(BaseModel):
    """A value the event would be found by."""

    type: str
    value: str


class TriedEvent(BaseModel):
    """The event it would become: the document that is found by search, and the columns beside it."""

    outcome: Literal["event"] = "event"
    id: UUID
    twin_id: UUID | None
    time: datetime
    kind: Literal["alert", "telemetry"]
    severity: int
    title: str
    rule_id: str | None
    module: str
    dataset: str
    fingerprint: str
    grouping: str
    resolves: bool
    observables: list[TriedObservable]
    techniques: list[str]
    document: dict[str, Any]


class TriedRejection(BaseModel):
    """It would wait in quarantine, for this reason."""

    outcome: Literal["rejected"] = "rejected"
    reason: str
    detail: str


class TriedIgnored(BaseModel):
    """It would be left out: its sensor is set to leave records of this type out."""

    outcome: Literal["ignored"] = "ignored"
    type: str


class Trial(BaseModel):
    """What the record would become: one outcome, or one for each alert of a post of Alertmanager.

    What only storing shows is not in here: that the event is there already, that another has its identity, or that it
    is older than what is kept.
    """

    outcomes: list[Annotated[TriedEvent | TriedRejection | TriedIgnored, Field(discriminator="outcome")]]
    more: int = Field(description=f"Outcomes beyond the first {MAX_SHOWN}, which are not shown.")


def trial(read: Callable[[], Sequence[Outcome]]) -> Trial:
    """What `read` makes of the record; for a thread. Raises TooManyTrials."""
    if not _ROOM.acquire(blocking=False):
        raise TooManyTrials
    try:
        outcomes = read()
        return Trial(outcomes=[_tried(one) for one in outcomes[:MAX_SHOWN]], more=max(0, len(outcomes) - MAX_SHOWN))
    finally:
        _ROOM.release()


def _tried(outcome: Outcome) -> TriedEvent | TriedRejection | TriedIgnored:
    if isinstance(outcome, Event):
        return _event(outcome)
    if isinstance(outcome, Rejected):
        return TriedRejection(reason=outcome.reason, detail=outcome.detail)
    return TriedIgnored(type=outcome.type)


def _event(event: Event) -> TriedEvent:
    return TriedEvent(
        id=event.id,
        twin_id=event.twin_id,
        time=event.time,
        kind=event.kind,
        severity=event.severity,
        title=event.title,
        rule_id=event.rule_id,
        module=event.module,
        dataset=event.dataset,
        fingerprint=event.fingerprint.hex(),
        grouping=event.grouping,
        resolves=event.resolves,
        observables=[TriedObservable(type=kind, value=value) for kind, value in event.observables],
        techniques=event.techniques,
        document=orjson.loads(event.document),
    )
