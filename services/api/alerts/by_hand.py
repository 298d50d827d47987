"""Alerts that people make: what no sensor saw. No event folds into them, for no event has their key."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import outbox, trail
from services.api.alerts import notes
from services.api.alerts.schemas import AlertCreate, ObservableWrite
from services.api.deps import Trace
from services.api.errors import MAX_ERRORS
from services.api.principal import Principal
from shared import clock, ids
from shared.domain import alert as rules
from shared.domain.observable import identify
from shared.errors import Invalid
from shared.models import Alert, AlertObservable, Observable
from shared.normalise.paste_types import canonical

MODULE, DATASET = "eventsec", "eventsec.by_hand"

Pair = tuple[str, str]
"""Type and value."""


_IS_NOT = {
    "ip": "no IP address",
    "domain": "no domain name",
    "url": "no URL of at most 1,024 bytes without spaces",
    "email": "no e-mail address",
    "hash": "no hash of 32, 40, 64 or 128 hexadecimal digits",
    "cve": "no id such as CVE-2026-12345",
}
"""What a value was that is refused, by its type; of the others any short text is one."""


class BadObservable(Invalid):
    """The value is none of its type, over 1,024 bytes, or says nothing, as `root` does; `errors` says which."""

    code = "bad_observable"


class BadTimes(Invalid):
    """What was seen was first seen before it was last seen, and neither lies ahead."""

    code = "bad_times"


async def create(session: AsyncSession, wanted: AlertCreate, *, by: Principal, trace: Trace) -> Alert:
    """The alert, new, with its observables and its note. Raises BadTimes and BadObservable."""
    now = clock.now()
    first_seen = clock.whole_milliseconds(wanted.first_seen or now)
    last_seen = clock.whole_milliseconds(wanted.last_seen or first_seen)
    if not first_seen <= last_seen <= now:
        raise BadTimes
    pairs = list(read(wanted.observables))
    alert = _row(wanted, by.home(wanted.organization_id), first_seen, last_seen)
    alert.created_by_id, alert.observables_count = by.user_id, len(pairs)
    session.add(alert)
    await session.flush()
    await _link(session, alert, pairs)
    trail.record_of(session, "alert.created", alert, by=by, trace=trace, title=alert.title, severity=alert.severity)
    outbox.changed(session, "alert", [alert.id], organization_id=alert.organization_id, trace=trace)
    if wanted.note is not None:
        await notes.add(session, [alert], wanted.note, by=by, trace=trace)
    await session.flush()
    return alert


def read(given: list[ObservableWrite]) -> dict[Pair, str]:
    """Types and values as pasted ones are kept, each with the words it was given as. Raises BadObservable."""
    pairs: dict[Pair, str] = {}
    wrong = []
    for index, one in enumerate(given):
        if pair := canonical(one.type, one.value):
            pairs.setdefault(pair, one.value)
        else:
            said = f"This is {_IS_NOT.get(one.type, 'over 1,024 bytes, or says nothing, as `root` does')}."
            wrong.append({"pointer": f"#/observables/{index}/value", "code": BadObservable.code, "detail": said})
    if wrong:
        raise BadObservable(errors=wrong[:MAX_ERRORS])
    return pairs


def _row(wanted: AlertCreate, organization_id: UUID, first_seen: datetime, last_seen: datetime) -> Alert:
    alert_id = ids.uuid7()
    return Alert(
        id=alert_id,
        organization_id=organization_id,
        fingerprint=alert_id.bytes,
        fold_window=rules.fold_window(last_seen),
        title=wanted.title,
        severity=wanted.severity,
        sensor_severity=wanted.severity,
        severity_by_hand=True,
        risk=rules.risk(wanted.severity),
        first_seen=first_seen,
        last_seen=last_seen,
        module=MODULE,
        dataset=DATASET,
        tags=sorted(wanted.tags),
        techniques=sorted(set(wanted.techniques)),
    )


async def _link(session: AsyncSession, alert: Alert, pairs: list[Pair]) -> None:
    rows = [
        {
            "id": identify(alert.organization_id, kind, value),
            "organization_id": alert.organization_id,
            "type": kind,
            "value": value,
        }
        for kind, value in sorted(pairs)
    ]
    if not rows:
        return
    await session.execute(insert(Observable).values(rows).on_conflict_do_nothing())
    links = [{"alert_id": alert.id, "observable_id": row["id"], "fields": []} for row in rows]
    await session.execute(insert(AlertObservable).values(links))
