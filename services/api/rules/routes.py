"""`/rules`: which rules of sensors earn their place, and which only make noise."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy import Row

from services.api import pagination
from services.api.auth.permissions import RuleReader
from services.api.deps import Session
from services.api.pagination import Cursor, Limit, Page
from services.api.rules import queries
from services.api.rules.queries import Filters
from services.api.rules.schemas import RuleRead
from services.api.text import Moment
from services.api.timeline import span_of
from shared import clock
from shared.domain.triage import Verdict

router = APIRouter(prefix="/rules", tags=["rules"])

DEFAULT_SPAN = timedelta(days=30)


@router.get("")
async def list_rules(
    *,
    caller: RuleReader,
    session: Session,
    organization_id: UUID | None = None,
    from_: Annotated[Moment | None, Query(alias="from", description="30 days before `to`, if left out.")] = None,
    to: Annotated[Moment | None, Query(description="Now, if left out.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[RuleRead]:
    """Rules with alerts that were last seen in that time, the one with the most first."""
    start, end = span_of(from_, to, last=DEFAULT_SPAN, now=clock.now())
    after = pagination.decode(cursor, int, UUID, str) if cursor is not None else None
    filters = Filters(start, end, organization_id)
    rows = (await session.execute(queries.page(caller, filters, after=after, limit=limit))).all()
    page, next_cursor = pagination.cut(rows, limit, lambda row: (row.alerts, row.organization_id, row.rule_id))
    return Page(items=[_read(row) for row in page], next_cursor=next_cursor)


def _read(row: Row[Any]) -> RuleRead:
    values = dict(row._mapping)
    verdicts = {verdict: int(values.pop(verdict.value)) for verdict in Verdict}
    judged = sum(verdicts.values())
    shares = {verdict: count / judged for verdict, count in verdicts.items()} if judged else None
    return RuleRead(**values, verdicts=verdicts, shares=shares)
