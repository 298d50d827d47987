"""What a suppression would have hidden in the last days, and what of that turned out to matter."""

import asyncio
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.api import queried
from services.api.deps import Resources
from services.api.principal import Principal
from services.api.suppressions import queries
from services.api.suppressions.schemas import DryRun
from shared import clock
from shared.domain.alert import SUPPRESSED
from shared.domain.suppression import Schedule, Window, windows_within
from shared.domain.triage import Verdict
from shared.errors import Invalid, Unavailable
from shared.query.to_opensearch import Clause, compile_opensearch
from shared.query.tree import And, Between, Has, Is, Node

MOST_ALERTS = 10_000
MOST_EXAMPLES = 20
# OpenSearch takes 1,024 clauses, of which the query has some.
MOST_WINDOWS = 800
SECONDS = 10.0
CRITICAL = 5


# Each may take seconds, and whoever looks for events or alerts shares the connections to OpenSearch.
_ROOM = threading.BoundedSemaphore(2)


class TooManyDryRuns(Unavailable):
    """Other suppressions are being tried; the same request will work in a moment."""

    code = "busy"


class TooManyWindows(Invalid):
    """It recurs too often to look at so many days at once; try fewer."""

    code = "too_many_windows"


def covers_critical(node: Node) -> bool:
    """False where the query itself leaves critical events out, by a severity that all of it is bound to."""
    if isinstance(node, And):
        return all(covers_critical(part) for part in node.parts)
    if isinstance(node, Has) and node.field.name == "severity":
        match node.test:
            case Is(value):
                return value == CRITICAL
            case Between(_, high, _, high_included) if high is not None:
                return bool(high_included and high == CRITICAL)
    return True


async def dry_run(
    resources: Resources,
    session: AsyncSession,
    node: Node,
    schedule: Schedule,
    *,
    organization_id: UUID,
    by: Principal,
    starts_at: datetime | None = None,
) -> DryRun:
    """Of the schedule's span, by the windows of a suppression that starts then.

    Raises BadRecurrence, TooManyWindows, SearchRefused, TooManyDryRuns, and Unavailable while OpenSearch cannot answer.
    """
    begun = schedule._replace(starts_at=starts_at or schedule.starts_at)
    # A rule that hardly ever fits is followed for centuries.
    windows = await asyncio.to_thread(windows_within, begun, schedule.starts_at, schedule.ends_at)
    if len(windows) > MOST_WINDOWS:
        raise TooManyWindows
    hidden, events = await _hidden(resources, node, windows, organization_id) if windows else ({}, 0)
    rows = (await session.execute(queries.judged(by, list(hidden), organization_id))).all()
    shown = [row for row in rows if row.status != SUPPRESSED]
    gone = [
        (alert_id, severity, verdict) for alert_id, count, severity, verdict, _ in shown if count <= hidden[alert_id]
    ]
    true = [alert_id for alert_id, _, verdict in gone if verdict == Verdict.TRUE_POSITIVE]
    return DryRun(
        since=schedule.starts_at,
        until=schedule.ends_at,
        events=events,
        already_hidden=sum(hidden[row.id] for row in rows if row.status == SUPPRESSED),
        alerts=len(shown),
        alerts_gone=len(gone),
        by_severity=dict(Counter(severity for _, severity, _ in gone)),
        true_positives=len(true),
        true_positive_ids=true[:MOST_EXAMPLES],
        more=len(hidden) >= MOST_ALERTS,
        needs_approval=covers_critical(node),
    )


def span(days: int, now: datetime) -> tuple[datetime, datetime]:
    """The last days, to the hour."""
    return now.replace(minute=0, second=0, microsecond=0) - timedelta(days=days), now


async def _hidden(
    resources: Resources, node: Node, windows: Sequence[Window], organization_id: UUID
) -> tuple[dict[UUID, int], int]:
    """How many events of each alert would have been hidden, and how many in all."""
    within = [
        {"range": {"@timestamp": {"gte": clock.isoformat(one.start), "lt": clock.isoformat(one.end)}}}
        for one in windows
    ]
    clauses: list[Clause] = [
        {"term": {"organization.id": str(organization_id)}},
        {"term": {"event.kind": "alert"}},
        {"bool": {"should": within, "minimum_should_match": 1}},
        compile_opensearch(node),
    ]
    body: dict[str, Any] = {
        "size": 0,
        "query": {"bool": {"filter": clauses}},
        "aggs": {"alerts": {"terms": {"field": "alert.id", "size": MOST_ALERTS}}},
        "track_total_hits": True,
    }
    if not _ROOM.acquire(blocking=False):
        raise TooManyDryRuns
    try:
        answer = await queried.in_events(resources, body, seconds=SECONDS)
    finally:
        _ROOM.release()
    found = answer.get("aggregations", {}).get("alerts", {}).get("buckets", [])
    return {UUID(one["key"]): one["doc_count"] for one in found}, answer["hits"]["total"]["value"]
