"""Folds a batch's new alert-kind events into alerts, under row locks taken in the order of their keys."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

import asyncpg
import orjson

from services.indexer.arrivals import Arrival
from services.indexer.errors import StartOver
from services.indexer.suppression import Applied
from shared import ids
from shared.domain import alert as rules
from shared.domain import severity
from shared.domain.alert import Alert, Sighting

Connection = asyncpg.pool.PoolConnectionProxy

NO_SUPPRESSIONS: Mapping[UUID, Applied] = MappingProxyType({})


class Key(NamedTuple):
    """What makes events the same alert: organization, fingerprint, 30-day window of event time, and what hides them.

    Of what nothing hides the suppression is the nil id.
    """

    organization_id: UUID
    fingerprint: bytes
    window: int
    suppression_id: UUID = ids.NIL

    @property
    def before(self) -> "Key":
        """The same in the window before."""
        return self._replace(window=self.window - 1)


# Each folded column with its type in the database; the statements below are made of this list alone.
COLUMNS: dict[str, str] = {
    "id": "uuid",
    "organization_id": "uuid",
    "fingerprint": "bytea",
    "fold_window": "int",
    "title": "text",
    "severity": "smallint",
    "sensor_severity": "smallint",
    "first_seen": "timestamptz",
    "last_seen": "timestamptz",
    "latest_time": "timestamptz",
    "latest_id": "uuid",
    "module": "text",
    "dataset": "text",
    "rule_id": "text",
    "sensor_id": "uuid",
    "suppression_id": "uuid",
    "current": "bool",
    "severity_by_hand": "bool",
    "status": "text",
    "reason": "text",
    "count": "bigint",
    "last_fired_at": "timestamptz",
    "resolved_at": "timestamptz",
    "acknowledged_at": "timestamptz",
    "acknowledged_count": "bigint",
    "closed_at": "timestamptz",
    "again": "bool",
    "new_since": "timestamptz",
    "incident_id": "uuid",
    "previous_alert_id": "uuid",
    "quiet_until": "timestamptz",
    "risk": "smallint",
    "techniques": "text[]",
    "explanation": "jsonb",
    "observables_count": "int",
    "observables_dropped": "bigint",
}
# What folding never changes once the alert is there.
_FIXED = {
    "id",
    "organization_id",
    "fingerprint",
    "fold_window",
    "suppression_id",
    "severity_by_hand",
    "acknowledged_at",
    "acknowledged_count",
    "closed_at",
    "incident_id",
    "previous_alert_id",
    "quiet_until",
}
_FOLDED = [name for name in COLUMNS if name not in _FIXED]

assert list(COLUMNS) == [f.name for f in dataclasses.fields(Alert)]


def _json_rows(columns: Iterable[str]) -> str:
    """A record type for json_to_recordset, by which rows with arrays in them travel as one argument."""
    return ", ".join(f"{name} {COLUMNS[name]}" for name in columns)


LOCK_CURRENT = f"""
    SELECT {", ".join(f"a.{name}" for name in COLUMNS)}
    FROM unnest($1::uuid[], $2::bytea[], $3::int[], $4::uuid[]) AS k (organization_id, fingerprint, fold_window, hidden)
    JOIN alerts a USING (organization_id, fingerprint, fold_window)
    WHERE a.current AND coalesce(a.suppression_id, '{ids.NIL}'::uuid) = k.hidden
    ORDER BY a.organization_id, a.fingerprint, a.fold_window, a.id
    FOR UPDATE OF a
"""

UPDATE = f"""
    UPDATE alerts a SET {", ".join(f"{name} = n.{name}" for name in _FOLDED)}
    FROM json_to_recordset($1) AS n ({_json_rows(["id", *_FOLDED])})
    WHERE a.id = n.id
"""

INSERT = f"""
    INSERT INTO alerts ({", ".join(COLUMNS)})
    SELECT {", ".join(COLUMNS)} FROM json_to_recordset($1) AS n ({_json_rows(COLUMNS)})
    ORDER BY organization_id, fingerprint, fold_window
    ON CONFLICT DO NOTHING
"""

PREDECESSORS = """
    SELECT previous_alert_id FROM alerts WHERE id = ANY($1::uuid[]) AND previous_alert_id IS NOT NULL
"""


@dataclasses.dataclass(slots=True)
class Folded:
    """The alerts a batch touched: those that were there, those it opened, and each event's alert.

    `tried` are suppressions on trial with the alerts in which they would have hidden something. `critical` are open
    ones that became so: they were opened critical, raised to it, or fire again.
    """

    touched: dict[UUID, Alert] = dataclasses.field(default_factory=dict)
    opened: list[Alert] = dataclasses.field(default_factory=list)
    alert_of: dict[UUID, UUID] = dataclasses.field(default_factory=dict)
    tried: list[tuple[UUID, UUID]] = dataclasses.field(default_factory=list)
    critical: list[Alert] = dataclasses.field(default_factory=list)

    @property
    def alerts(self) -> list[Alert]:
        """All of them."""
        return [*self.touched.values(), *self.opened]


async def fold(
    connection: Connection, arrivals: Sequence[Arrival], applied: Mapping[UUID, Applied] = NO_SUPPRESSIONS
) -> Folded:
    """Decide in memory what these new alert-kind events do; the rows stay locked, `write` stores them.

    `applied` are the suppressions that apply, by event id.
    """
    groups = _grouped(arrivals, applied)
    heads = await _lock(connection, sorted(groups))
    # Once more for the missing ones themselves: a successor may have come while we waited for a lock.
    missing = {one for key in groups if key not in heads for one in (key.before, key)}
    heads |= await _lock(connection, sorted(missing - heads.keys()))
    return fold_groups(groups, heads, applied)


def fold_groups(
    groups: dict[Key, list[Sighting]], heads: dict[Key, Alert], applied: Mapping[UUID, Applied] = NO_SUPPRESSIONS
) -> Folded:
    """The pure middle: each group's events in the order of their time, onto the current alert of its key."""
    folded = Folded()
    loaded = [(alert, alert.count) for alert in heads.values()]
    # Not by severity alone: one that began with its own resolution is critical, and closed until it fires.
    critical = {alert.id for alert in heads.values() if _is_critical(alert)}
    for key in sorted(groups):
        for sighting in sorted(groups[key]):
            alert, rule = _destination(key, sighting, heads)
            if alert is None:
                alert = _open(key, sighting, heads)
                folded.opened.append(alert)
            rules.fold(alert, sighting, rule)
            folded.alert_of[sighting.event_id] = alert.id
            if (found := applied.get(sighting.event_id)) is not None:
                _explain(alert, found, folded)
    folded.touched = {alert.id: alert for alert, count in loaded if alert.count != count or not alert.current}
    folded.critical = [alert for alert in folded.opened if _is_critical(alert)]
    folded.critical += [alert for alert in folded.touched.values() if alert.id not in critical and _is_critical(alert)]
    return folded


def _is_critical(alert: Alert) -> bool:
    return alert.severity == severity.CRITICAL and alert.status in rules.OPEN


def _explain(alert: Alert, applied: Applied, folded: Folded) -> None:
    if applied.hidden_by is not None:
        rules.explain(alert, applied.hidden_by.word)
    for rule in applied.tried:
        rules.explain(alert, rule.word)
        folded.tried.append((rule.id, alert.id))


def _destination(key: Key, sighting: Sighting, heads: dict[Key, Alert]) -> tuple[Alert | None, str | None]:
    """The alert that takes the event and the rule if that alert is closed; (None, None) to open one."""
    head = heads.get(key)
    if head is None:
        before = heads.get(key.before)
        quiet = before is not None and before.status == rules.CLOSED and rules.is_quiet(before, sighting)
        return (before, rules.JOINED_QUIET) if quiet else (None, None)
    if head.status != rules.CLOSED or head.provisional:
        return head, None
    rule = rules.joins_closed(head, sighting)
    return (head, rule) if rule else (None, None)


def _open(key: Key, sighting: Sighting, heads: dict[Key, Alert]) -> Alert:
    """Open the successor of the key's current alert, or of the one in the window before, if any."""
    previous = heads.get(key) or heads.get(key.before)
    alert = rules.opened(
        sighting,
        alert_id=ids.uuid7(),
        organization_id=key.organization_id,
        fingerprint=key.fingerprint,
        previous_alert_id=previous.id if previous else None,
        suppression_id=key.suppression_id if key.suppression_id != ids.NIL else None,
    )
    if key in heads:
        heads[key].current = False
    heads[key] = alert
    return alert


def _grouped(arrivals: Sequence[Arrival], applied: Mapping[UUID, Applied]) -> dict[Key, list[Sighting]]:
    groups: dict[Key, list[Sighting]] = {}
    for arrival in arrivals:
        event = arrival.event
        found = applied.get(event.id)
        hidden = found.hidden_by.id if found is not None and found.hidden_by is not None else ids.NIL
        key = Key(arrival.organization_id, event.fingerprint, rules.fold_window(event.time), hidden)
        groups.setdefault(key, []).append(arrival.sighting())
    return groups


async def _lock(connection: Connection, keys: Sequence[Key]) -> dict[Key, Alert]:
    if not keys:
        return {}
    rows = await connection.fetch(LOCK_CURRENT, *zip(*keys, strict=True))
    alerts = [Alert(**dict(row, explanation=orjson.loads(row["explanation"]))) for row in rows]
    return {key_of(alert): alert for alert in alerts}


def key_of(alert: Alert) -> Key:
    """The key of which an alert is the current one."""
    return Key(alert.organization_id, alert.fingerprint, alert.fold_window, alert.suppression_id or ids.NIL)


async def predecessors(connection: Connection, alert_ids: Iterable[UUID]) -> set[UUID]:
    """The alerts that these took over from. Each changed when its successor was opened, whose events tell of it."""
    rows = await connection.fetch(PREDECESSORS, list(alert_ids))
    return {row["previous_alert_id"] for row in rows}


async def write(connection: Connection, folded: Folded) -> None:
    """Store what `fold` decided.

    Raises StartOver when another transaction opened one of the same alerts a moment ago.
    """
    if folded.touched:
        await connection.execute(UPDATE, _rows(folded.touched.values(), ["id", *_FOLDED]))
    if folded.opened:
        status = await connection.execute(INSERT, _rows(folded.opened, COLUMNS))
        if status != f"INSERT 0 {len(folded.opened)}":
            raise StartOver("alert_opened_elsewhere")


def _rows(alerts: Iterable[Alert], columns: Iterable[str]) -> str:
    names = tuple(columns)
    rows = [{name: getattr(alert, name) for name in names} for alert in alerts]
    return orjson.dumps(rows, default=_as_text).decode()


def _as_text(value: object) -> str:
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, UUID):  # the driver's own subclass, which orjson does not know
        return str(value)
    raise TypeError(type(value).__name__)
