"""`/incidents/{id}/similar`: other incidents in which the same values were seen, of those that tell something."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, any_, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import restricted
from services.api.alerts.search import bound
from services.api.auth.permissions import IncidentReader
from services.api.deps import Session
from services.api.errors import problems
from services.api.incidents import queries, work
from services.api.principal import Principal
from shared.domain.incident import Status
from shared.domain.triage import Verdict
from shared.models import Alert, AlertObservable, Incident, IncidentObservable, Observable, Organization
from shared.normalise import addresses

router = APIRouter(prefix="/incidents", tags=["incidents"], responses=problems(404))

MAX_READ = 1000
"""Values of an incident from which those that tell something are chosen, what people added before what alerts had."""

MAX_VALUES = 200
"""Values that are looked for in others."""

MAX_SHOWN = 10
COMMON_FROM = 20
COMMON_SHARE = 0.01
COUNTED = 200_000
"""Alerts that are counted at most: of more, the share of that many is taken."""

MAX_SIMILAR = 50
HowMany = Annotated[int, Query(ge=1, le=MAX_SIMILAR, description="Most incidents in the reply.")]

Pair = tuple[str, str]


class SharedValue(BaseModel):
    """A value that both incidents have."""

    type: str
    value: str


class SimilarRead(BaseModel):
    """Another incident, and what it shares."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    number: int
    title: str
    severity: int
    status: Status
    verdict: Verdict | None
    shared_count: int
    shared: list[SharedValue] = Field(description=f"Up to {MAX_SHOWN} of them.")


@router.get("/{incident_id}/similar")
async def list_similar_incidents(
    incident_id: UUID, caller: IncidentReader, session: Session, limit: HowMany = 10
) -> list[SimilarRead]:
    """Other incidents of the organization with the same values, the most shared first.

    Internal addresses, values that the organization's settings name (`similar.ignore`) and those that are in more than
    1 % of its alerts, and in more than 20, do not count.
    """
    incident = await work.one(session, incident_id, by=caller)
    await bound(session)
    values = await telling_values(session, incident, by=caller)
    if not values:
        return []
    rows = await session.execute(_sharing(caller, incident, list(values), limit))
    return [_shown(found, count, shared, values) for found, count, shared in rows]


async def telling_values(session: AsyncSession, incident: Incident, *, by: Principal) -> dict[UUID, Pair]:
    """The incident's values that are worth looking for, by the ids of their observables."""
    settings = await session.scalar(select(Organization.settings).where(Organization.id == incident.organization_id))
    rows = (await session.execute(_values(incident.id))).all()
    ignored = ignored_values(settings or {})
    kept = [(row.id, (row.type, row.value)) for row in rows if tells((row.type, row.value), ignored)][:MAX_VALUES]
    if not kept:
        return {}
    most = most_alerts(await session.scalar(_total(incident.organization_id, by)) or 0)
    common = set(await session.scalars(_common([one for one, _ in kept], most)))
    if common and by.hidden:
        common = set(await session.scalars(_common(list(common), most, visible_to=by)))
    return {one: pair for one, pair in kept if one not in common}


def ignored_values(settings: Mapping[str, Any]) -> frozenset[str]:
    """Of an organization's settings, `{"similar": {"ignore": ["proxy.example.org"]}}`; without case."""
    named = settings.get("similar", {}).get("ignore", ())
    return frozenset(str(one).casefold() for one in named)


def tells(pair: Pair, ignored: Collection[str]) -> bool:
    """False of what is another thing in every network, and of what the organization does not count."""
    kind, value = pair
    address = addresses.read(value) if kind == "ip" else None
    internal = address is not None and (address.internal or not address.telling)
    return not internal and value.casefold() not in ignored


def most_alerts(total: int) -> int:
    """In how many alerts of so many a value may be and still tell something."""
    return max(COMMON_FROM, int(total * COMMON_SHARE))


def _values(incident_id: UUID) -> Select[UUID, str, str]:
    """What people put into the incident, then what was copied from its alerts."""
    return (
        select(Observable.id, Observable.type, Observable.value)
        .join(IncidentObservable, IncidentObservable.observable_id == Observable.id)
        .where(IncidentObservable.incident_id == incident_id)
        .order_by(IncidentObservable.in_alerts, Observable.id)
        .limit(MAX_READ)
    )


def _total(organization_id: UUID, by: Principal) -> Select[int]:
    """How many alerts the caller sees: all, by an index alone, without the few that are hidden."""
    there = select(literal(1)).where(Alert.organization_id == organization_id).limit(COUNTED).subquery()
    hidden = restricted.alerts(by).where(Alert.organization_id == organization_id).subquery()
    unseen = select(func.count()).select_from(hidden).scalar_subquery() if by.hidden else 0
    return select(func.count() - unseen).select_from(there)


def _common(observable_ids: Sequence[UUID], most: int, visible_to: Principal | None = None) -> Select[UUID]:
    """Of these, those that are in more alerts than that; of none are more read than that takes."""
    seen = select(literal(1)).select_from(AlertObservable).where(AlertObservable.observable_id == Observable.id)
    if visible_to:
        seen = seen.join(Alert, Alert.id == AlertObservable.alert_id).where(restricted.may_see(visible_to))
    one_more = seen.correlate(Observable).offset(most).limit(1)
    return select(Observable.id).where(Observable.id == any_(_ids(observable_ids)), one_more.exists())


def _sharing(by: Principal, incident: Incident, observable_ids: Sequence[UUID], limit: int) -> Select[Any]:
    """Visible incidents that have some of these, how many, and the first of them."""
    count = func.count().label("shared_count")
    some = func.array_agg(IncidentObservable.observable_id)[1:MAX_SHOWN].label("shared")
    by_incident = (
        select(IncidentObservable.incident_id, count, some)
        .where(IncidentObservable.observable_id == any_(_ids(observable_ids)))
        .group_by(IncidentObservable.incident_id)
        .subquery()
    )
    return (
        select(Incident, by_incident.c.shared_count, by_incident.c.shared)
        .join(by_incident, by_incident.c.incident_id == Incident.id)
        .where(
            Incident.organization_id == incident.organization_id,
            Incident.id != incident.id,
            Incident.status != Status.MERGED,
            queries.may_see(by),
        )
        .order_by(by_incident.c.shared_count.desc(), Incident.number.desc())
        .limit(limit)
    )


def _ids(some: Iterable[UUID]) -> ColumnElement[Any]:
    return literal(list(some), ARRAY(Uuid))


def _shown(incident: Incident, shared_count: int, shared: Sequence[UUID], values: Mapping[UUID, Pair]) -> SimilarRead:
    of_it = ("id", "number", "title", "severity", "status", "verdict")
    pairs = sorted(values[one] for one in shared)
    return SimilarRead(
        **{name: getattr(incident, name) for name in of_it},
        shared_count=shared_count,
        shared=[SharedValue(type=kind, value=value) for kind, value in pairs],
    )
