"""SQL of the dashboard's numbers. Each statement reads what is open, or no more than MOST rows of what has passed."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BindParameter, ColumnElement, Select, Uuid, any_, bindparam, case, func, literal, select

from services.api.alerts import queries as alerts
from services.api.incidents import queries as incidents
from services.api.principal import Principal
from services.api.sensors import balance
from services.api.sensors import queries as sensors
from shared.domain.alert import CLOSED, SUPPRESSED
from shared.domain.incident import UNFINISHED, Status
from shared.models import Alert, AlertObservable, Incident, IncidentReview, Observable, Sensor, SensorAccount
from shared.models.alert import OPEN_ALERT_STATUSES

AGES: tuple[tuple[str, timedelta], ...] = (
    ("under_1h", timedelta(hours=1)),
    ("under_4h", timedelta(hours=4)),
    ("under_1d", timedelta(days=1)),
    ("under_7d", timedelta(days=7)),
)
OLDER = "older"

DAY = timedelta(days=1)
CLOCKS = timedelta(minutes=1)
"""How far the clocks of the database and ours may be apart."""
TOP = 10
MOST = 10_000
MOST_WITH_SOURCES = 1_000
MOST_SENSORS = 10_000


def open_incidents(by: Principal, now: datetime) -> Select[Any]:
    """How many unfinished incidents there are of each severity, age, owner, and on hold or not."""
    keys = {
        "severity": Incident.severity,
        "age": _age(Incident.received_at, now),
        "owner": Incident.assignee_id,
        "on_hold": Incident.status == Status.ON_HOLD,
    }
    return _counted(incidents.visible_to(by).where(Incident.status.in_(words(UNFINISHED))), keys)


def open_alerts(by: Principal, now: datetime) -> Select[Any]:
    """The same of open alerts."""
    keys = {"severity": Alert.severity, "age": _age(Alert.created_at, now), "owner": Alert.assignee_id}
    return _counted(_open(by), keys)


def in_review(by: Principal) -> Select[int]:
    """How many incidents wait for a second person."""
    return (
        incidents.visible_to(by)
        .join(IncidentReview, IncidentReview.incident_id == Incident.id)
        .where(IncidentReview.decision.is_(None))
        .with_only_columns(func.count())
    )


def times(by: Principal, since: datetime) -> Select[Any]:
    """By severity, and of all in the row without one: incidents received since, and how long until what, in seconds.

    One that was merged counts in the one it went into. No row is made before our receipt of what it is about, so that
    the index of their making bounds the statement.
    """
    figures: dict[str, ColumnElement[Any]] = {"received": func.count()}
    for name, moment in (("acknowledged", Incident.acknowledged_at), ("resolved", Incident.resolved_at)):
        seconds = func.date_part("epoch", moment - Incident.received_at)
        figures[name] = func.count(moment)
        figures[f"{name}_mean"] = func.avg(seconds)
        figures[f"{name}_median"] = func.percentile_cont(0.5).within_group(seconds)
    received = incidents.visible_to(by).where(
        Incident.created_at >= since - CLOCKS, Incident.received_at >= since, Incident.status != Status.MERGED
    )
    severity = Incident.severity.label("severity")
    named = (figure.label(name) for name, figure in figures.items())
    return received.with_only_columns(severity, *named).group_by(func.rollup(Incident.severity))


def top_rules(by: Principal, now: datetime) -> Select[Any]:
    """The rules with the most alerts last seen in a day, with a title of one of these."""
    seen = (
        alerts.visible_to(by)
        .where(Alert.last_seen >= now - DAY, Alert.rule_id.is_not(None), Alert.status != SUPPRESSED)
        .with_only_columns(Alert.organization_id, Alert.rule_id, Alert.title)
        .order_by(Alert.last_seen.desc())
        .limit(MOST)
        .subquery()
    )
    count, rule = func.count(), (seen.c.organization_id, seen.c.rule_id)
    return (
        select(*rule, func.max(seen.c.title).label("title"), count.label("alerts"))
        .group_by(*rule)
        .order_by(count.desc(), *rule)
        .limit(TOP)
    )


def alerts_with_sources(by: Principal, now: datetime) -> Select[UUID]:
    """The open alerts last seen in a day, the latest of them."""
    recent = _open(by).where(Alert.last_seen >= now - DAY)
    return recent.with_only_columns(Alert.id).order_by(Alert.last_seen.desc()).limit(MOST_WITH_SOURCES)


def top_sources(alert_ids: Sequence[UUID]) -> Select[str, int]:
    """The addresses these alerts name as source, the most frequent first; looked up once they are counted."""
    count, seen = func.count().label("alerts"), AlertObservable.observable_id
    most = (
        select(seen, count)
        .where(
            AlertObservable.alert_id == any_(literal(alert_ids, ARRAY(Uuid))),
            AlertObservable.fields.contains(["source.ip"]),
        )
        .group_by(seen)
        .order_by(count.desc(), seen)
        .limit(TOP)
        .subquery()
    )
    named = select(Observable.value, most.c.alerts).join(most, most.c.observable_id == Observable.id)
    return named.order_by(most.c.alerts.desc(), Observable.value)


def verdicts(by: Principal, since: datetime) -> Select[str, int]:
    """What came of the alerts that were closed last, since then; what its source resolved nobody judged."""
    judged = (
        alerts.visible_to(by)
        .where(Alert.status.in_(words((CLOSED,))), Alert.closed_at >= since, Alert.verdict.is_not(None))
        .with_only_columns(Alert.verdict)
        .order_by(Alert.closed_at.desc())
        .limit(MOST)
        .subquery()
    )
    return select(judged.c.verdict, func.count()).group_by(judged.c.verdict)


def all_sensors(by: Principal) -> Select[Any]:
    """What tells whether a sensor is silent, by name."""
    told: tuple[Any, ...] = (
        Sensor.id,
        Sensor.name,
        Sensor.status,
        Sensor.last_seen_at,
        Sensor.created_at,
        Sensor.expected_interval,
    )
    return sensors.visible_to(by).with_only_columns(*told).order_by(Sensor.name, Sensor.id).limit(MOST_SENSORS)


def pipeline(by: Principal, now: datetime) -> Select[Any]:
    """What all sensors' minutes of a day add up to."""
    start = now.replace(second=0, microsecond=0) - DAY
    return balance.total(
        balance.balanced((SensorAccount.organization_id.in_(by.organization_ids), SensorAccount.minute >= start))
    )


def _open(by: Principal) -> Select[Alert]:
    return alerts.visible_to(by).where(Alert.status.in_(words(OPEN_ALERT_STATUSES)))


def words(words: Iterable[str]) -> BindParameter[Any]:
    """As literals: only then does the planner see that a partial index serves."""
    return bindparam("statuses", [str(word) for word in words], expanding=True, literal_execute=True)


def _age(moment: ColumnElement[Any] | Any, now: datetime) -> ColumnElement[str]:
    return case(*((moment > now - limit, name) for name, limit in AGES), else_=OLDER)


def _counted(statement: Select[Any], keys: dict[str, Any]) -> Select[Any]:
    """How many rows have the same keys."""
    there = statement.with_only_columns(*(key.label(name) for name, key in keys.items())).subquery()
    return select(*there.c, func.count().label("number")).group_by(*there.c)
