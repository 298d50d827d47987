"""What restricted incidents hide from who is no member of them: themselves, and every alert linked to them.

Where nothing is hidden no statement has a condition more: index-only scans stay what they are.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    Uuid,
    all_,
    and_,
    any_,
    cast,
    column,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from services.api.principal import Principal
from shared.models import Alert, Incident, IncidentMember
from shared.query.to_opensearch import Clause
from shared.query.tree import NOTHING, Among, And, Has, Is, Node, Not, Or, Test

Read = TypeVar("Read", bound=BaseModel)
Id = InstrumentedAttribute[UUID | None] | ColumnElement[UUID | None] | ColumnElement[UUID]

ALERT_ID = "alert_id"
"""By this name queries over events ask for the alert that an event was folded into."""

UUID_WRITTEN = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
NUMBER_WRITTEN = "#([0-9]+)"
"""As people call an incident."""

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


def names_hidden(principal: Principal, written: ColumnElement[str]) -> ColumnElement[bool]:
    """SQL: what is written there names by id, anywhere in it, an incident or alert that is hidden from the caller."""
    if not principal.hidden:
        return false()
    object_id = cast(_found_in(written, UUID_WRITTEN), Uuid)
    return select(object_id).where(~may_see_object(principal, object_id)).exists()


def numbers_hidden(
    principal: Principal, written: ColumnElement[str], organization_id: ColumnElement[UUID]
) -> ColumnElement[bool]:
    """SQL: the same for `#7`, which is how messages name an incident of the organization."""
    if not principal.hidden:
        return false()
    number, other = _found_in(written, NUMBER_WRITTEN), aliased(Incident)
    # As a text: anybody may have written more digits than a number has.
    named = and_(other.organization_id == organization_id, cast(other.number, Text) == number)
    return select(number).join(other, named).where(is_hidden(principal, other.id.expression)).exists()


def _found_in(written: ColumnElement[str], pattern: str) -> ColumnElement[str]:
    """SQL: each place in it that the pattern finds, as a row."""
    found = func.regexp_matches(written, pattern, "g").table_valued(column("parts", ARRAY(Text)))
    part: ColumnElement[str] = found.render_derived(name="found").c.parts[1]
    return part


async def hidden_numbers(session: AsyncSession, principal: Principal, organization_id: UUID) -> frozenset[int]:
    """The numbers of the organization's incidents that are hidden from the caller."""
    if not principal.hidden:
        return frozenset()
    hidden = (Incident.organization_id == organization_id, is_hidden(principal, Incident.id.expression))
    return frozenset(await session.scalars(select(Incident.number).where(*hidden)))


def moved(read: Read, *, by: Principal) -> Read:
    """A part of an incident, without the incident that it came from where that is hidden from the caller."""
    hidden = getattr(read, "origin_id") in by.hidden  # noqa: B009
    return read.model_copy(update={"origin_id": None}) if hidden else read


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
