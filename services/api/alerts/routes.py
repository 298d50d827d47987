"""`/alerts`: what analysts triage."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi import status as statuses

from services.api import idempotency, ordering, pagination, queried
from services.api.alerts import by_hand, clocks, entities, figures, proposal, search, service
from services.api.alerts.figures import FACETS, Asked
from services.api.alerts.queries import Filters
from services.api.alerts.schemas import (
    AlertCreate,
    AlertDetail,
    AlertListed,
    AlertPage,
    AlertRead,
    BucketRead,
    EventRead,
    Facet,
    FacetsRead,
    FacetValue,
    HistogramRead,
    Status,
    SuppressionProposal,
)
from services.api.alerts.search import QUEUE, SORTS, Wanted
from services.api.auth.permissions import AlertReader, AlertWriter
from services.api.deps import OpenResources, RequestTrace, Resources, Session
from services.api.errors import problems
from services.api.idempotency import Key
from services.api.pagination import Cursor, Limit, Page
from services.api.preconditions import etag
from services.api.principal import Principal
from services.api.queried import FieldRead, Narrowed, QueryText
from services.api.text import Moment, SeverityDigit, Word
from shared.models.alert import OPEN_ALERT_STATUSES
from shared.search.catalogue import ALERTS

router = APIRouter(prefix="/alerts", tags=["alerts"])

EVENTS_SHOWN = 50
UPDATED_SINCE = (
    "Changed at this moment or later, in any status if none is given. Who polls sorts by `updated_at` and asks from a "
    "minute before the newest change seen: one can become visible that much after its time."
)

QUEUED = "the open ones that are in no incident, if none of this, {} is given."

SORT = f"One of {', '.join(SORTS)}; with - in front, the greatest first."

Snoozed = Annotated[bool, Query(description="Also what the caller has put off.")]
Statuses = Annotated[
    list[Status] | None, Query(max_length=5, description=f"Any of these; {QUEUED.format('`query`, `filter`')}")
]
EventLimit = Annotated[int, Query(ge=1, le=EVENTS_SHOWN, description="Most items in the page.")]


@router.get("")
async def list_alerts(
    *,
    caller: AlertReader,
    session: Session,
    resources: OpenResources,
    query: QueryText = None,
    status: Annotated[
        list[Status] | None,
        Query(max_length=5, description=f"Any of these; {QUEUED.format('`query`, `updated_since`')}"),
    ] = None,
    min_severity: Annotated[SeverityDigit | None, Query(description="This severity or a higher one.")] = None,
    sensor_id: UUID | None = None,
    rule_id: Annotated[Word | None, Query()] = None,
    updated_since: Annotated[
        Moment | None,
        Query(description=UPDATED_SINCE),
    ] = None,
    snoozed: Snoozed = False,
    sort: Annotated[Word | None, Query(description=SORT)] = None,
    with_total: Annotated[bool, Query(description="Count all that match, up to 10,000.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> AlertPage:
    """Alerts in the order of the queue: the riskiest first, of those the last seen.

    With a `query`, or an order that no index has, OpenSearch finds them; `degraded` says when it is away and Postgres
    answers, more slowly. What changed since a moment Postgres alone tells: a change is findable only some time later.
    """
    order = ordering.order_of(sort, SORTS, QUEUE)
    of_queue = not (status or query or updated_since)
    named = OPEN_ALERT_STATUSES if of_queue else status or ()
    filters = Filters(named, min_severity, sensor_id, rule_id, updated_since, snoozed=snoozed, unlinked=of_queue)
    async with resources.sessions.begin() as reading:
        node = await queried.alerts(reading, query, by=caller)
    wanted = Wanted(filters, node, order, order.decode(cursor), limit, counted=with_total)
    found = await search.find(resources, session, wanted, by=caller)
    # Others hold none that is put off.
    shown = [alert.id for alert in found.alerts] if snoozed else []
    until = await service.snoozed_until(session, shown, by=caller)
    listed = await service.shown(session, found.alerts, AlertListed, by=caller)
    due = await clocks.due(session, found.alerts)
    about = await entities.of(session, [alert.id for alert in found.alerts])
    of_each = [(alert, until.get(alert.id), due.get(alert.id), about.get(alert.id, [])) for alert in listed]
    return AlertPage(
        items=[
            alert.model_copy(update={"snoozed_until": put_off, "due_at": due_at, "entities": seen})
            for alert, put_off, due_at, seen in of_each
        ],
        next_cursor=order.encode(found.place),
        total=found.total,
        degraded=found.degraded,
    )


@router.post("", status_code=statuses.HTTP_201_CREATED, responses=problems(409, 415))
async def create_alert(
    *,
    wanted: AlertCreate,
    caller: AlertWriter,
    session: Session,
    trace: RequestTrace,
    response: Response,
    key: Key = None,
) -> AlertRead:
    """Make an alert by hand: of what no sensor saw."""

    async def work() -> AlertRead:
        return AlertRead.model_validate(await by_hand.create(session, wanted, by=caller, trace=trace))

    made = await idempotency.once(session, key, wanted, work, by=caller, route="alert", reply=AlertRead)
    response.headers["ETag"] = etag(made.revision)
    return made


@router.get("/facets")
async def count_alerts_by_field(
    *,
    caller: AlertReader,
    session: Session,
    resources: OpenResources,
    query: QueryText = None,
    narrowed: Narrowed = None,
    status: Statuses = None,
    snoozed: Snoozed = False,
    field: Annotated[
        list[Facet] | None, Query(max_length=len(FACETS), description="Which; all of them, if left out.")
    ] = None,
) -> FacetsRead:
    """How many alerts there are by value, the ten most frequent of each field.

    Each field is counted under the query and all filters but its own, so that it shows what else could be chosen.
    """
    asked = await _asked(resources, query, narrowed, status, snoozed=snoozed, by=caller)
    # Each once, however often it is named.
    fields = list(dict.fromkeys(field or FACETS))
    counted = await figures.facets(resources, session, asked, fields, by=caller)
    shown = {
        name: [FacetValue(value=value, count=count) for value, count in values]
        for name, values in counted.facets.items()
    }
    return FacetsRead(facets=shown, total=counted.total, degraded=counted.degraded)


@router.get("/histogram")
async def count_alerts_over_time(
    *,
    caller: AlertReader,
    session: Session,
    resources: OpenResources,
    start: Annotated[Moment, Query(alias="from")],
    end: Annotated[Moment, Query(alias="to")],
    query: QueryText = None,
    narrowed: Narrowed = None,
    status: Statuses = None,
    snoozed: Snoozed = False,
) -> HistogramRead:
    """How many alerts were last seen when, by severity; at most 120 buckets, without gaps."""
    asked = await _asked(resources, query, narrowed, status, snoozed=snoozed, by=caller)
    buckets, interval, degraded = await figures.histogram(resources, session, asked, start=start, end=end, by=caller)
    shown = [BucketRead(start=bucket.start, by_severity=bucket.by_severity) for bucket in buckets]
    return HistogramRead(interval_seconds=int(interval.total_seconds()), buckets=shown, degraded=degraded)


@router.get("/fields")
async def list_alert_fields(caller: AlertReader) -> list[FieldRead]:
    """The fields that queries over alerts may name, with their types: what completion offers."""
    return [FieldRead.model_validate(one) for one in ALERTS.offered]


@router.get("/{alert_id}", responses=problems(404))
async def get_alert(alert_id: UUID, caller: AlertReader, session: Session, response: Response) -> AlertDetail:
    """One alert with its observables, explanation and latest events. The ETag is its revision."""
    alert = await service.one(session, alert_id, by=caller)
    response.headers["ETag"] = etag(alert.revision)
    return await service.detail(session, alert, by=caller, events=EVENTS_SHOWN)


@router.get("/{alert_id}/events", responses=problems(404))
async def list_alert_events(
    alert_id: UUID, caller: AlertReader, session: Session, limit: EventLimit = EVENTS_SHOWN, cursor: Cursor = None
) -> Page[EventRead]:
    """The alert's events, the latest first."""
    after = pagination.decode(cursor, datetime, UUID) if cursor is not None else None
    alert = await service.one(session, alert_id, by=caller)
    return await service.events_of(session, alert, after=after, limit=limit)


@router.get("/{alert_id}/suppression-proposal", responses=problems(404, 409))
async def propose_suppression(
    alert_id: UUID, caller: AlertReader, session: Session, resources: OpenResources
) -> SuppressionProposal:
    """Of an alert closed as a false or benign positive: a suppression as narrow as it, that ends, with its effect."""
    return await proposal.propose(resources, session, alert_id, by=caller)


async def _asked(
    resources: Resources,
    query: str | None,
    narrowed: list[str] | None,
    status: list[Status] | None,
    *,
    snoozed: bool,
    by: Principal,
) -> Asked:
    async with resources.sessions.begin() as reading:
        node = await queried.alerts(reading, query, by=by)
        filters = [await queried.alerts(reading, one, by=by) for one in narrowed or ()]
    of_queue = not (status or query or narrowed)
    named = OPEN_ALERT_STATUSES if of_queue else status or ()
    return Asked(node, tuple(filters), Filters(named, snoozed=snoozed, unlinked=of_queue))
