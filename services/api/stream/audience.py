"""Who alone may hear of which changed rows: those of restricted incidents and of their alerts, as of now.

One statement for all that waits to be told, however many it is; where no incident of these organizations is restricted
it looks at no alert. Nothing is remembered between two: who became a member, or is none any more, is so at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, any_, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import restricted
from services.api.principal import Principal
from services.api.stream.told import Told
from shared.models import Alert, Incident, IncidentMember

HIDDEN_KINDS = frozenset({"alert", "incident"})
"""Kinds of which some are for members alone."""

Members = Mapping[UUID, frozenset[UUID]]
"""Who alone may hear of these rows; of others everybody who reads their kind."""


async def members_alone(session: AsyncSession, waiting: Sequence[Told]) -> Members:
    """Of all rows that wait to be told of."""
    asked = [told for told in waiting if told.kind in HIDDEN_KINDS]
    row_ids = {one for told in asked for one in told.ids}
    if not row_ids:
        return {}
    found = await session.execute(_restricted({told.organization_id for told in asked}, row_ids))
    return {row_id: frozenset(members) for row_id, members in found}


async def hidden_ids(session: AsyncSession, principal: Principal) -> frozenset[UUID]:
    """Which incidents and alerts the caller must not hear of: for what was told before it listened."""
    if not principal.hidden:
        return frozenset()
    return principal.hidden | frozenset(await session.scalars(restricted.alerts(principal)))


def _restricted(organization_ids: Iterable[UUID], row_ids: Iterable[UUID]) -> Select[UUID, list[UUID]]:
    wanted = any_(literal(list(row_ids), ARRAY(Uuid)))
    hiding = (Incident.restricted, Incident.organization_id == any_(literal(list(organization_ids), ARRAY(Uuid))))
    rows = union_all(
        select(Alert.id, Alert.incident_id)
        .join(Incident, Incident.id == Alert.incident_id)
        .where(*hiding, Alert.id == wanted),
        select(Incident.id, Incident.id.label("incident_id")).where(*hiding, Incident.id == wanted),
    ).subquery()
    members = select(IncidentMember.user_id).where(IncidentMember.incident_id == rows.c.incident_id)
    return select(rows.c.id, func.array(members.scalar_subquery(), type_=ARRAY(Uuid)))
