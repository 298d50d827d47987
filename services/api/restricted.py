"""What restricted incidents hide from who is no member of them: themselves, and every alert linked to them.

Where nothing is hidden no statement has a condition more: index-only scans stay what they are.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Uuid,
    all_,
    and_,
    any_,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from services.api.principal import Principal
from shared.models import Alert, Incident, IncidentMember
from shared.query.to_opensearch import Clause
from shared.query.tree import NOTHING, Among, And, Has, Is, Node, Not, Or, Test

Id = InstrumentedAttribute[UUID | None] | ColumnElement[UUID | None] | ColumnElement[UUID]

ALERT_ID = "alert_id"
"""By this name queries over events ask for the alert that an event was folded into."""

LAG = timedelta(hours=1)
"""A document that is further behind its row than this is a fault that operators are told of."""


def open_to(user_id: UUID | None) -> ColumnElement[bool]:
    """SQL: the incident is open to all of its organization, or the person is one of its members."""
    return or_(~Incident.restricted, _is_member(user_id))


def _is_member(user_id: UUID | None) -> ColumnElement[bool]:
    """A token is nobody. What was merged has the members of what it went into: whoever changes those sees to that."""
    if user_id is None:
        return false()
    return exists().where(IncidentMember.incident_id == Incident.id, IncidentMember.user_id == user_id)


async def hidden_from(session: AsyncSession, organization_ids: Iterable[UUID], user_id: UUID | None) -> frozenset[UUID]:
    """The ids of these organizations' restricted incidents that the person is no member of; a token is of none."""
    hiding = (Incident.restricted, ~_is_member(user_id))
    statement = select(Incident.id).where(*hiding, Incident.organization_id.in_(organization_ids))
    return frozenset(await session.scalars(statement))


def may_see(principal: Principal, incident_id: Id = Alert.incident_id) -> ColumnElement[bool]:
    """SQL: what is linked to this incident, or to none, is not hidden from the caller."""
    if not principal.hidden:
        return true()
    return or_(incident_id.is_(None), incident_id != all_(_ids(principal.hidden)))


def may_see_object(principal: Principal, object_id: Id) -> ColumnElement[bool]:
    """SQL: this is the id neither of an incident nor of an alert that is hidden from the caller."""
    if not principal.hidden:
        return true()
    is_alert = alerts(principal).where(Alert.id == object_id).exists()
    return and_(may_see(principal, object_id), ~is_alert)


def alerts(principal: Principal) -> Select[UUID]:
    """The ids of the alerts that are hidden from the caller."""
    return select(Alert.id).where(is_hidden(principal, Alert.incident_id))


def is_hidden(principal: Principal, incident_id: Id) -> ColumnElement[bool]:
    """SQL: this is the id of an incident that is hidden from the caller."""
    return incident_id == any_(_ids(principal.hidden))


async def hidden_among(
    session: AsyncSession, principal: Principal, alert_ids: Iterable[UUID | None]
) -> frozenset[UUID]:
    """Those of these alerts that are hidden from the caller."""
    asked = {one for one in alert_ids if one is not None}
    if not principal.hidden or not asked:
        return frozenset()
    return frozenset(await session.scalars(alerts(principal).where(Alert.id == any_(_ids(asked)))))


async def clauses(session: AsyncSession, principal: Principal) -> list[Clause]:
    """The same as `may_see` for documents of alerts.

    A document may not know yet that its alert was linked; what changed within LAG is named by its own id.
    """
    if not principal.hidden:
        return []
    lately = await session.scalars(alerts(principal).where(Alert.updated_at > func.now() - LAG))
    hidden: list[Clause] = [
        {"terms": {"incident_id": _texts(principal.hidden)}},
        {"ids": {"values": _texts(lately)}},
    ]
    return [{"bool": {"must_not": hidden}}]


async def unnamed(session: AsyncSession, principal: Principal, node: Node) -> Node:
    """The query over events as it is answered where none names an alert that is hidden from the caller.

    Which are hidden is asked of those that it names; of all, only where it may find any.
    """
    tests = list(_of_alerts(node)) if principal.hidden else []
    named = [test.value for test in tests if isinstance(test, Is) and isinstance(test.value, UUID)]
    if len(named) == len(tests):
        hidden = await hidden_among(session, principal, named)
    else:
        hidden = frozenset(await session.scalars(alerts(principal)))
    return _without(node, hidden) if hidden else node


def _of_alerts(node: Node) -> Iterator[Test]:
    """What the query asks of the id of an event's alert."""
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _of_alerts(part)
        case Not(part):
            yield from _of_alerts(part)
        case Has(field, test) if field.name == ALERT_ID:
            yield test


def _without(node: Node, hidden: frozenset[UUID]) -> Node:
    match node:
        case And(parts):
            return And(tuple(_without(part, hidden) for part in parts))
        case Or(parts):
            return Or(tuple(_without(part, hidden) for part in parts))
        case Not(part):
            return Not(_without(part, hidden))
        case Has(field, Is(value)) if field.name == ALERT_ID:
            return NOTHING if value in hidden else node
        case Has(field, _) if field.name == ALERT_ID:
            return And((node, Not(Has(field, Among(hidden)))))
        case Has():
            return node


def _ids(some: Iterable[UUID]) -> ColumnElement[Any]:
    return literal(list(some), ARRAY(Uuid))


def _texts(some: Iterable[UUID]) -> Sequence[str]:
    return [str(one) for one in some]
