"""Word of alerts that nobody has acknowledged in time, or that soon have to be, however many they are.

Whoever has an alert is told of it once for as long as it is so (`alert_clock_words`), of several in one round together.
Of those that are nobody's, or whose owner is disabled or gone, leads are told once of each too, and at most once an
hour (`alert_clock_sums`), whatever made them late: time, another policy or severity, or leaving an incident. A round
looks at a bounded number of alerts, those first that began last: they are the ones that have just become late.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import outbox, timing
from services.api.alerts import late_sql as sql
from services.api.alerts.late_words import Group, notice, query
from services.api.deps import Resources
from shared import clock, ids, log, metrics
from shared.db.locks import CLASS, Lock
from shared.domain import sla
from shared.domain.calendar import Calendar
from shared.domain.sla import Clock, Late, Policy
from shared.errors import EventSecError

logger = log.get(__name__)

SWEEP_SECONDS = 15.0
MOST = 1000
"""Alerts of one organization, severity and stage that one round looks at."""
SUM_EVERY = timedelta(hours=1)
LEADS_EVERY = timedelta(minutes=1)
"""How often what is nobody's is looked at: each look reads all that is late, however little of it is new."""
MOST_GONE = 30
"""People who are gone that one query names; it bounds how long that gets."""

Lates = Mapping[int, Late]
"""Which clocks of an organization are late, by severity."""


class Stage(NamedTuple):
    """Clocks that are late so far and no further: those that began after one moment, until another."""

    organization_id: UUID
    severity: int
    breached: bool
    after: datetime | None
    until: datetime


KEY = Stage._fields[:3]


class Rules(NamedTuple):
    """Of an organization, and the severities of which clocks run there."""

    policy: Policy
    calendar: Calendar | None
    severities: Sequence[int]

    def late(self, now: datetime) -> Lates:
        """Which of its clocks are late at that moment, as we count today."""
        found = {
            severity: sla.late(self.policy, self.calendar, Clock.ACKNOWLEDGE, severity=severity, now=now)
            for severity in self.severities
        }
        return {severity: one for severity, one in found.items() if one is not None}


class Teller:
    """One round after the other. It remembers how far it has looked through what was told, and when for leads."""

    def __init__(self, resources: Resources, leads_every: timedelta = LEADS_EVERY) -> None:
        self._sessions = resources.sessions
        self._leads_every = leads_every
        self._looked_at: datetime | None = None
        self._after = ids.NIL

    async def sweep(self) -> int:
        """Tell what is new; how many words that was. Nothing at once while another process does it."""
        async with self._sessions.begin() as session:
            if not await session.scalar(select(func.pg_try_advisory_xact_lock(CLASS, Lock.ALERT_CLOCKS))):
                return 0
            now = clock.now()
            rules, unread = _rules(await _rows(session, sql.RUNNING))
            lates = await asyncio.to_thread(lambda: {one: found.late(now) for one, found in rules.items()})
            found = [one for organization_id, late in lates.items() for one in stages(organization_id, late)]
            await self._forget(session, found, unread)
            words = await _tell_owners(session, found, lates, now)
            if self._looked_at is None or not _lately(self._looked_at, now, self._leads_every):
                words += await _tell_leads(session, found, rules, lates, now)
                self._looked_at = now
            return words

    async def _forget(self, session: AsyncSession, found: Sequence[Stage], unread: Sequence[UUID]) -> None:
        """Of what was told, the next so many: what does not hold any more may be told again."""
        (row,) = await _rows(session, sql.FORGET, *_columns(found), unread, self._after, MOST)
        self._after = row.last if row.looked == MOST else ids.NIL


def _rules(rows: Iterable[Row[Any]]) -> tuple[dict[UUID, Rules], list[UUID]]:
    """Of each organization in which clocks run; and those whose rules cannot be read, which hold up no other."""
    found, unread = {}, []
    for row in rows:
        try:
            found[row.id] = Rules(*timing.of(row.settings), row.severities)
        except (EventSecError, ArithmeticError, ValueError):
            metrics.BACKGROUND_FAILURES.labels("alert_clocks").inc()
            logger.exception("clocks_not_read", organization_id=str(row.id))
            unread.append(row.id)
    return found, unread


def stages(organization_id: UUID, late: Lates, told: Mapping[bool, Lates] | None = None) -> list[Stage]:
    """What is late now and, by stage, was not then. Of what is breached nobody is warned any more."""
    found = []
    for severity, one in late.items():
        before = {stage: lates.get(severity) for stage, lates in (told or {}).items()}
        bounds = [(True, one.breached, [last.breached] if (last := before.get(True)) else [])]
        bounds += [(False, one.warned, [one.breached, *([last.warned] if (last := before.get(False)) else [])])]
        found += [
            Stage(organization_id, severity, breached, max(filter(None, after), default=None), until)
            for breached, until, after in bounds
            if until is not None
        ]
    return found


async def _tell_owners(
    session: AsyncSession, found: Sequence[Stage], lates: Mapping[UUID, Lates], now: datetime
) -> int:
    rows = await _rows(session, sql.OWNED, *_columns(found), MOST)
    if not rows:
        return 0
    await _remember(session, rows, owned=True)
    notices = []
    for (organization_id, owner_id, email, breached), each in groupby(
        rows, lambda row: (row.organization_id, row.assignee_id, row.email, row.breached)
    ):
        some = list(each)
        finding = query(organization_id, lates[organization_id], breached=breached, email=email)
        notices.append(notice(_group(some, owner_id, finding, more=len(some) >= MOST), owner_id, now))
    await outbox.notify(session, *notices)
    return len(notices)


async def _tell_leads(
    session: AsyncSession,
    found: Sequence[Stage],
    rules: Mapping[UUID, Rules],
    lates: Mapping[UUID, Lates],
    now: datetime,
) -> int:
    sums = await _rows(session, sql.SUMS)
    last = {(row.organization_id, row.breached): row.told_at for row in sums}
    since = {one[:3]: one.after for one in await asyncio.to_thread(_unsummed, rules, lates, last, now)}
    due = [one for one in found if one[:3] in since]
    more = {(row.organization_id, severity, row.breached) for row in sums for severity in row.more}
    told = ([since[one[:3]] for one in due], [one[:3] in more for one in due])
    rows = await _rows(session, sql.UNOWNED, *_columns(due), MOST, *told)
    await _remember(session, [row for row in rows if row.unheard], owned=False)
    words = await _sum(session, [row for row in rows if row.new], lates, now)
    many = {tuple(row[:3]) for row in rows if row.many}
    await _rows(session, sql.LOOKED, *_columns(due, KEY), [one[:3] in many for one in due])
    return words


async def _sum(session: AsyncSession, new: Sequence[Row[Any]], lates: Mapping[UUID, Lates], now: datetime) -> int:
    if not new:
        return 0
    organizations = sorted({row.organization_id for row in new})
    gone = await _rows(session, sql.GONE, organizations, MOST_GONE)
    groups = []
    for (organization_id, breached), each in groupby(new, lambda row: (row.organization_id, row.breached)):
        some = list(each)
        who = [row.id for row in gone if row.organization_id == organization_id]
        finding = query(organization_id, lates[organization_id], breached=breached, email=None, gone=who)
        more = max(Counter(row.severity for row in some).values()) >= MOST
        groups.append(_group(some, None, finding, more=more))
    leads = await _rows(session, sql.LEADS, organizations)
    await outbox.notify(session, *(notice(group, who, now) for group in groups for who in _leads(group, leads)))
    await _rows(session, sql.SUMMED, *_columns(groups, ("organization_id", "breached")), now)
    return len(groups)


async def _remember(session: AsyncSession, rows: Sequence[Row[Any]], *, owned: bool) -> None:
    await _rows(session, sql.REMEMBER, *_columns(rows, ("id", "organization_id", "severity", "breached")), owned)


def _group(some: Sequence[Row[Any]], owner_id: UUID | None, finding: str, *, more: bool) -> Group:
    worst = some[0]
    return Group(
        organization_id=worst.organization_id,
        breached=worst.breached,
        owner_id=owner_id,
        count=len(some),
        more=more,
        severity=worst.severity,
        alert_id=worst.id,
        title=worst.title,
        query=finding,
    )


def _unsummed(
    rules: Mapping[UUID, Rules], lates: Mapping[UUID, Lates], last: Mapping[tuple[UUID, bool], datetime], now: datetime
) -> list[Stage]:
    """What has become late by the time that passed since leads were told, where that is long enough ago."""
    found = []
    for organization_id, late in lates.items():
        told = {stage: last[organization_id, stage] for stage in (True, False) if (organization_id, stage) in last}
        before = {stage: rules[organization_id].late(moment) for stage, moment in told.items()}
        lately = {stage for stage, moment in told.items() if _lately(moment, now, SUM_EVERY)}
        found += [one for one in stages(organization_id, late, before) if one.breached not in lately]
    return found


def _lately(moment: datetime, now: datetime, every: timedelta) -> bool:
    """A moment that is still to come is of a clock that was ahead."""
    return timedelta(0) <= now - moment < every


def _leads(group: Group, leads: Sequence[Row[Any]]) -> list[UUID | None]:
    """Whom it is addressed to; where nobody leads, whoever has a route for it hears of it all the same."""
    return [row.user_id for row in leads if row.organization_id == group.organization_id] or [None]


def _columns(found: Sequence[Any], names: Sequence[str] = Stage._fields) -> list[list[Any]]:
    return [[getattr(one, name) for one in found] for name in names]


async def _rows(session: AsyncSession, statement: str, *arguments: Any) -> Sequence[Row[Any]]:
    connection = await session.connection()
    result = await connection.exec_driver_sql(statement, tuple(arguments))
    return result.all() if result.returns_rows else []
