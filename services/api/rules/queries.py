"""SQL over what the rules of sensors fired, and what people made of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from services.api import restricted
from services.api.principal import Principal
from shared.domain.alert import CLOSED, SUPPRESSED
from shared.domain.triage import OPEN, Verdict
from shared.models import Alert
from shared.query.to_sql import caseless

Place = tuple[int, UUID, str]


@dataclass(frozen=True)
class Filters:
    """Which alerts count: those last seen from one moment up to, and without, another."""

    last_seen_from: datetime
    last_seen_to: datetime
    organization_id: UUID | None = None


def visible_to(principal: Principal) -> ColumnElement[bool]:
    """The condition for the alerts that the caller may see."""
    return and_(Alert.organization_id.in_(principal.organization_ids), restricted.may_see(principal))


def page(principal: Principal, filters: Filters, *, after: Place | None, limit: int) -> Select[Any]:
    """The figures of each rule, the one with the most alerts first, behind `after`; one more than `limit`.

    Verdicts and the time to close are of alerts that somebody closed: what its source resolved nobody judged.
    Names no column that ix_alerts_rule_id lacks, unless something is hidden from the caller: a month of alerts is read
    from it alone.
    """
    alerts = func.count().filter(Alert.status != SUPPRESSED)
    judged = and_(Alert.status == CLOSED, Alert.verdict.is_not(None))
    median = func.percentile_cont(0.5).within_group(Alert.closed_at - Alert.created_at).filter(judged)
    figures: dict[str, ColumnElement[Any]] = {
        "alerts": alerts,
        "suppressed": func.count().filter(Alert.status == SUPPRESSED),
        "open": func.count().filter(Alert.status.in_(OPEN)),
        **{verdict.value: func.count().filter(judged, Alert.verdict == verdict) for verdict in Verdict},
        "median_time_to_close": median,
        "last_fired_at": func.max(Alert.last_fired_at),
    }
    statement = (
        select(Alert.organization_id, Alert.rule_id, *(figure.label(name) for name, figure in figures.items()))
        .where(
            visible_to(principal),
            Alert.rule_id.is_not(None),
            Alert.last_seen >= filters.last_seen_from,
            Alert.last_seen < filters.last_seen_to,
        )
        # In the order of the index; of names that differ by case alone each is a rule of its own.
        .group_by(Alert.organization_id, caseless(Alert.rule_id.expression), Alert.rule_id)
        .order_by(alerts.desc(), Alert.organization_id, Alert.rule_id)
        .limit(limit + 1)
    )
    if filters.organization_id is not None:
        statement = statement.where(Alert.organization_id == filters.organization_id)
    if after is not None:
        count, *rule = after
        behind = tuple_(Alert.organization_id, Alert.rule_id) > tuple_(*rule)
        statement = statement.having(or_(alerts < count, and_(alerts == count, behind)))
    return _named(principal, statement)


def _named(principal: Principal, statement: Select[Any]) -> Select[Any]:
    """The same with title and module of each rule's latest alert, which say what it is."""
    rules = statement.subquery("rules")
    latest = aliased(Alert)
    named = (
        select(latest.title, latest.module)
        .where(
            latest.organization_id == rules.c.organization_id,
            # What the index holds.
            caseless(latest.rule_id.expression) == caseless(rules.c.rule_id),
            latest.rule_id == rules.c.rule_id,
            restricted.may_see(principal, latest.incident_id),
        )
        .order_by(latest.last_seen.desc())
        .limit(1)
        .lateral("named")
    )
    return (
        select(rules, named)
        .join(named, rules.c.organization_id.is_not(None))
        .order_by(rules.c.alerts.desc(), rules.c.organization_id, rules.c.rule_id)
    )
