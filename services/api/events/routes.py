"""`/events`: what sensors sent, searched; one with its document and, for the audit to know, its original."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from services.api import pagination, queried, trail
from services.api.auth.permissions import EventReader
from services.api.deps import OpenResources, RequestTrace, Session
from services.api.errors import problems
from services.api.events import service
from services.api.events.schemas import EventDetail, EventPage, HistogramRead
from services.api.events.service import Kind, Wanted
from services.api.pagination import Cursor, Limit
from services.api.queried import FieldRead, QueryText
from services.api.text import Moment
from services.api.timeline import interval_of, span_of
from shared import clock
from shared.search.catalogue import EVENTS

router = APIRouter(prefix="/events", tags=["events"])

LAST = timedelta(hours=24)
MAX_FIELDS = 20

From = Annotated[
    Moment | None, Query(alias="from", description="This moment or later; a day before `to`, if left out.")
]
To = Annotated[Moment | None, Query(alias="to", description="Before this moment; now, if left out.")]


@dataclass
class Asked:
    """Which events are meant: what every question about many of them says."""

    caller: EventReader
    resources: OpenResources
    session: Session
    query: QueryText = None
    start: From = None
    end: To = None
    kind: Annotated[Kind | None, Query()] = None

    async def wanted(self, *, limit: int = 0, after: tuple[int, UUID] | None = None, counted: bool = False) -> Wanted:
        """Read. Raises QueryError and BadSpan."""
        since, until = span_of(self.start, self.end, last=LAST, now=clock.now())
        async with self.resources.sessions.begin() as reading:
            node = await queried.events(reading, self.query, by=self.caller)
        return Wanted(node, since, until, self.kind, after, limit, counted)


Events = Annotated[Asked, Depends()]


@router.get("")
async def search_events(
    *,
    asked: Events,
    resources: OpenResources,
    with_total: Annotated[bool, Query(description="Count all that match, up to 10,000.")] = False,
    field: Annotated[
        list[Annotated[str, Field(max_length=256)]] | None,
        Query(max_length=MAX_FIELDS, description="Whose values each event brings along: any that queries may name."),
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> EventPage:
    """Events by a query, the latest first. Only OpenSearch can find them: while it is away the reply is 503."""
    fields = [EVENTS.find(name) for name in field or ()]
    wanted = await asked.wanted(limit=limit, after=_place(cursor), counted=with_total)
    found, place, total = await service.page(resources, asked.session, wanted, fields, by=asked.caller)
    next_cursor = pagination.encode((str(place[0]), place[1])) if place is not None else None
    return EventPage(items=found, next_cursor=next_cursor, total=total)


@router.get("/histogram")
async def count_events_over_time(asked: Events, resources: OpenResources) -> HistogramRead:
    """How many events there were when, by kind; at most 120 buckets, without gaps."""
    wanted = await asked.wanted()
    interval = interval_of(wanted.start, wanted.end)
    buckets = await service.histogram(resources, wanted, interval, by=asked.caller)
    return HistogramRead(interval_seconds=int(interval.total_seconds()), buckets=buckets)


@router.get("/fields")
async def list_event_fields(caller: EventReader) -> list[FieldRead]:
    """The fields that queries over events may name, with their types: what completion offers."""
    return [FieldRead.model_validate(one) for one in EVENTS.offered]


@router.get("/{event_id}", responses=problems(404))
async def get_event(
    *,
    event_id: UUID,
    caller: EventReader,
    session: Session,
    trace: RequestTrace,
    original: Annotated[bool, Query(description="With the record as received; the audit keeps who asked.")] = False,
) -> EventDetail:
    """One event with its document."""
    found = await service.one(session, event_id, by=caller, original=original)
    if original:
        trail.record_of(session, "event.original_read", found, by=caller, trace=trace)
    return found


def _place(cursor: str | None) -> tuple[int, UUID] | None:
    if cursor is None:
        return None
    milliseconds, event_id = pagination.decode(cursor, str, UUID)
    if not milliseconds.lstrip("-").isdecimal() or len(milliseconds) > 16:
        raise pagination.BadCursor
    return int(milliseconds), event_id
