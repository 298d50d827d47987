"""`/incidents/{id}/links`: what incidents have to do with each other, read from both ends.

Neither end's timeline has the other's name written in it: either may be restricted some day, and what is written stays.
It is put in for each reader who may see the other.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter
from fastapi import status as statuses
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Row, Select, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import idempotency, pagination
from services.api.alerts.schemas import Body
from services.api.auth.permissions import IncidentReader, IncidentWriter
from services.api.deps import RequestTrace, Session, Trace
from services.api.errors import problems
from services.api.idempotency import Key
from services.api.incidents import facts, locking, queries, work
from services.api.pagination import Cursor, Limit, Page
from services.api.principal import Principal
from shared.domain import incident as rules
from shared.domain.incident import Status, Tlp
from shared.domain.triage import Verdict
from shared.errors import Conflict, Invalid, NotFound
from shared.models import Incident, IncidentEntry, IncidentLink

router = APIRouter(prefix="/incidents/{incident_id}/links", tags=["incidents"], responses=problems(404))

MAX_LINKS = 200

Relation = Literal["related", "duplicate_of", "caused_by", "split_from", "recurrence_of"]
ByPeople = Literal["related", "duplicate_of", "caused_by"]
BY_PEOPLE = frozenset(ByPeople.__args__)  # type: ignore[attr-defined]


class LinkNotFound(NotFound):
    """The incident has no such link."""

    code = "link_not_found"


class LinkToItself(Invalid):
    """An incident cannot be linked to itself."""

    code = "link_to_itself"


class AlreadyLinked(Conflict):
    """One of the two stands in this relation to the other already."""

    code = "already_linked"


class LinkStays(Conflict):
    """This link tells of what was done, and stays."""

    code = "link_stays"


class TooManyLinks(Conflict):
    """People link an incident to at most 200 others."""

    code = "too_many_links"


class OtherIncident(BaseModel):
    """The incident at the other end, as a row of a list shows it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    number: int
    title: str
    severity: int
    status: Status
    verdict: Verdict | None


class RelationRead(BaseModel):
    """A link as it is read from this incident."""

    id: UUID
    relation: Relation
    reverse: bool = Field(description="The other stands in this relation to this one, and not this one to the other.")
    other: OtherIncident
    created_by_id: UUID | None
    created_at: datetime


class RelationWrite(Body):
    """This incident stands in that relation to the other."""

    other_id: UUID
    relation: ByPeople


@router.get("")
async def list_incident_links(
    incident_id: UUID, caller: IncidentReader, session: Session, limit: Limit = 50, cursor: Cursor = None
) -> Page[RelationRead]:
    """Its links to incidents that the caller may see, the first made first."""
    (after,) = pagination.decode(cursor, UUID) if cursor is not None else (None,)
    incident = await work.one(session, incident_id, by=caller)
    found = _links(caller, incident.id)
    if after is not None:
        found = found.where(IncidentLink.id > after)
    rows = (await session.execute(found.order_by(IncidentLink.id).limit(limit + 1))).all()
    page, next_cursor = pagination.cut(rows, limit, lambda row: (row[0].id,))
    return Page(items=[_shown(incident.id, *row) for row in page], next_cursor=next_cursor)


@router.post("", status_code=statuses.HTTP_201_CREATED, responses=problems(409, 415))
async def link_incident(
    *,
    incident_id: UUID,
    wanted: RelationWrite,
    caller: IncidentWriter,
    session: Session,
    trace: RequestTrace,
    key: Key = None,
) -> RelationRead:
    """Say what this incident has to do with another one of the organization."""

    async def link() -> RelationRead:
        return await _link(session, incident_id, wanted, by=caller, trace=trace)

    route = f"incident link {incident_id}"
    return await idempotency.once(session, key, wanted, link, by=caller, route=route, reply=RelationRead)


async def _link(
    session: AsyncSession, incident_id: UUID, wanted: RelationWrite, *, by: Principal, trace: Trace
) -> RelationRead:
    if wanted.other_id == incident_id:
        raise LinkToItself
    incident, other = await _both(session, incident_id, wanted.other_id, by=by)
    for one in (incident, other):
        rules.require_unmerged(one)
    await _require_new(session, incident, other, wanted.relation)
    link = IncidentLink(
        organization_id=incident.organization_id,
        incident_id=incident.id,
        other_id=other.id,
        relation=wanted.relation,
        created_by_id=by.user_id,
    )
    session.add(link)
    await session.flush()
    await _tell(session, link, (incident, other), "related", by=by, trace=trace)
    return _shown(incident.id, link, other)


@router.delete("/{link_id}", status_code=statuses.HTTP_204_NO_CONTENT, responses=problems(409))
async def unlink_incident(
    incident_id: UUID, link_id: UUID, caller: IncidentWriter, session: Session, trace: RequestTrace
) -> None:
    """Take a link back, from either end; those that splitting and recurring left stay, and all under legal hold.

    What was merged is held by what it went into.
    """
    await work.one(session, incident_id, by=caller)
    _, other = await _one(session, incident_id, link_id, by=caller)
    wholes = await locking.hold_wholes(session, [incident_id, other.id])
    incident, other = await _both(session, incident_id, other.id, by=caller)
    for one in (incident, other, *[await session.get_one(Incident, whole) for whole in wholes]):
        rules.require_unheld(one)
    link, _ = await _one(session, incident_id, link_id, by=caller)
    if link.relation not in BY_PEOPLE:
        raise LinkStays
    await session.delete(link)
    await _tell(session, link, (incident, other), "unrelated", by=caller, trace=trace)


def _links(by: Principal, incident_id: UUID) -> Select[IncidentLink, Incident]:
    """Links with the incident at their other end, if the caller may see it."""
    far = case((IncidentLink.incident_id == incident_id, IncidentLink.other_id), else_=IncidentLink.incident_id)
    return (
        select(IncidentLink, Incident)
        .join(Incident, Incident.id == far)
        .where(or_(IncidentLink.incident_id == incident_id, IncidentLink.other_id == incident_id))
        .where(Incident.organization_id.in_(by.organization_ids), queries.may_see(by))
    )


async def _one(
    session: AsyncSession, incident_id: UUID, link_id: UUID, *, by: Principal
) -> tuple[IncidentLink, Incident]:
    row = (await session.execute(_links(by, incident_id).where(IncidentLink.id == link_id))).one_or_none()
    if row is None:
        raise LinkNotFound
    return row[0], row[1]


async def _both(
    session: AsyncSession, incident_id: UUID, other_id: UUID, *, by: Principal
) -> tuple[Incident, Incident]:
    """Both, locked by id as everybody locks incidents. Raises what `work.locked` does."""
    found = {one: await work.locked(session, one, by=by) for one in sorted((incident_id, other_id))}
    incident, other = found[incident_id], found[other_id]
    if incident.organization_id != other.organization_id:
        raise work.IncidentNotFound
    return incident, other


async def _require_new(session: AsyncSession, incident: Incident, other: Incident, relation: str) -> None:
    """Raises AlreadyLinked, from whichever end, and TooManyLinks."""
    ends = (incident.id, other.id)
    between = select(IncidentLink.id).where(
        IncidentLink.incident_id.in_(ends), IncidentLink.other_id.in_(ends), IncidentLink.relation == relation
    )
    if await session.scalar(between) is not None:
        raise AlreadyLinked
    for one in ends:
        of_it = select(func.count()).where(
            or_(IncidentLink.incident_id == one, IncidentLink.other_id == one), IncidentLink.relation.in_(BY_PEOPLE)
        )
        if (await session.scalar(of_it) or 0) >= MAX_LINKS:
            raise TooManyLinks


async def _tell(
    session: AsyncSession,
    link: IncidentLink,
    ends: tuple[Incident, Incident],
    action: str,
    *,
    by: Principal,
    trace: Trace,
) -> None:
    said = "Linked to another incident" if action == "related" else "No longer linked to another incident"
    details: dict[str, Any] = {"link_id": str(link.id), "relation": link.relation}
    for one, far in (ends, ends[::-1]):
        work.enter(session, one, action, said, by=by, details=details)
        # The audit withholds an entry that names what is hidden from its reader.
        await work.touch(session, one, action, by=by, trace=trace, other_id=far.id, **details)


async def named(session: AsyncSession, entries: Sequence[IncidentEntry], *, by: Principal) -> dict[UUID, str]:
    """Of entries that tell of a link that is still there, by their ids: what they say to whom may see the other end."""
    links = {one.id: UUID(one.details["link_id"]) for one in entries if one.kind == "related"}
    if not links:
        return {}
    ends = select(IncidentLink.id, Incident.id, Incident.number).join(
        Incident, Incident.id.in_((IncidentLink.incident_id, IncidentLink.other_id))
    )
    seen = ends.where(IncidentLink.id.in_(links.values()), queries.may_see(by))
    numbers = [tuple(row) for row in await session.execute(seen)]
    return {
        entry.id: f"Linked to incident #{number}"
        for entry in entries
        for link_id, end, number in numbers
        if links.get(entry.id) == link_id and end != (entry.origin_id or entry.incident_id)
    }


async def told(session: AsyncSession, incident_id: UUID, *, by: Principal) -> tuple[facts.Link, ...]:
    """All its links to incidents that the caller may see, the first made first, as a report tells of them."""
    of_other = (Incident.number, Incident.title, Incident.tlp, Incident.restricted)
    found = _links(by, incident_id).with_only_columns(IncidentLink.incident_id, IncidentLink.relation, *of_other)
    return tuple(
        facts.Link(
            number=row.number,
            title=row.title,
            relation=row.relation,
            reverse=_is_reverse(incident_id, row),
            tlp=Tlp(row.tlp),
            restricted=row.restricted,
        )
        for row in await session.execute(found.order_by(IncidentLink.id))
    )


def _is_reverse(incident_id: UUID, link: IncidentLink | Row[*tuple[Any, ...]]) -> bool:
    return bool(link.incident_id != incident_id and link.relation != "related")


def _shown(incident_id: UUID, link: IncidentLink, other: Incident) -> RelationRead:
    of_link = ("id", "relation", "created_by_id", "created_at")
    return RelationRead(
        **{name: getattr(link, name) for name in of_link},
        reverse=_is_reverse(incident_id, link),
        other=OtherIncident.model_validate(other),
    )
