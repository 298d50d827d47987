"""An incident as one document of the Elastic Common Schema, for whoever keeps incidents beside their events.

ECS has no incident: it is an `alert` of kind, told of by the fields that events have too, so that a search for an
address finds it; all that only an incident has is under `eventsec.incident`.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from ipaddress import ip_address
from typing import Any

from services.api.incidents.facts import Alert, Facts, Value
from shared import clock

VERSION = "9.0.0"

# Which of ECS's lists has which types of observables; addresses are asked for apart.
_RELATED = {"hash": "hash", "user": "user", "email": "user", "domain": "hosts", "host": "hosts"}


def as_ecs(facts: Facts) -> dict[str, Any]:
    """The document, nested, times in RFC 3339; what is not known is left out, as are notes and timeline."""
    document = {
        "@timestamp": clock.isoformat(facts.times.detected_at or facts.times.received_at),
        "ecs": {"version": VERSION},
        "message": f"Incident {facts.number}: {facts.title}",
        "event": _event(facts),
        "observer": {"vendor": "EventSec", "product": "EventSec"},
        "organization": {"id": str(facts.organization_id), "name": facts.organization_name},
        "rule": {"id": _once(one.rule_id for one in facts.alerts)},
        "threat": _threat(facts.techniques),
        "related": _related(facts),
        "labels": {"tlp": facts.strictest.upper(), "pap": facts.pap.upper()},
        "tags": _once(facts.tags),
        "eventsec": {"incident": _incident(facts)},
    }
    known: dict[str, Any] = _known(document)
    return known


def _event(facts: Facts) -> dict[str, Any]:
    times = facts.times
    start = times.occurred_at or min((one.first_seen for one in facts.alerts), default=None)
    return {
        "kind": "alert",
        "category": ["intrusion_detection"],
        "type": ["info"],
        "module": "eventsec",
        "dataset": "eventsec.incident",
        "provider": "eventsec",
        "id": str(facts.id),
        "action": f"incident-{facts.status.replace('_', '-')}",
        "severity": facts.severity,
        "reason": facts.reason,
        "created": _moment(times.received_at),
        "start": _moment(start),
        "end": _moment(times.resolved_at or times.closed_at),
    }


def _threat(techniques: tuple[str, ...]) -> dict[str, Any]:
    if not techniques:
        return {}
    technique = {
        "id": _once(one.partition(".")[0] for one in techniques),
        "subtechnique": {"id": _once(one for one in techniques if "." in one)},
    }
    return {"framework": "MITRE ATT&CK", "technique": technique}


def _related(facts: Facts) -> dict[str, list[str]]:
    lists = {"ip": [one.value for one in facts.observables if one.type == "ip" and _is_ip(one.value)]}
    lists["hash"] = [one.sha256 for one in facts.evidence]
    for one in facts.observables:
        if name := _RELATED.get(one.type):
            lists.setdefault(name, []).append(one.value)
    return {name: _once(values) for name, values in lists.items()}


def _is_ip(value: str) -> bool:
    # The type `ip` of the stores knows neither networks nor zones, and refuses the whole document for one.
    try:
        return "%" not in value and bool(ip_address(value).version)
    except ValueError:
        return False


def _incident(facts: Facts) -> dict[str, Any]:
    return {
        "number": facts.number,
        "title": facts.title,
        "summary": facts.summary,
        "status": facts.status.value,
        "verdict": facts.verdict,
        "restricted": facts.restricted,
        "people": asdict(facts.people),
        "times": {name: _moment(moment) for name, moment in asdict(facts.times).items()},
        "clocks": [
            {"name": one.name, "due_at": _moment(one.due_at), "met_at": _moment(one.met_at), "breached": one.breached}
            for one in facts.clocks
        ],
        "measures": [
            {"name": one.name, "milliseconds": one.value // clock.MILLISECOND}
            for one in facts.measures
            if one.value is not None
        ],
        "fields": [{"name": one.name, "kind": one.kind, "value": _texts(one.value)} for one in facts.fields],
        "alerts": [_alert(one) for one in facts.alerts],
        "observables": [
            {"type": one.type, "value": one.value, "verdict": one.verdict, "ioc": one.ioc, "tlp": one.tlp}
            for one in facts.observables
        ],
        "evidence": [{"name": one.name, "size": one.size, "sha256": one.sha256} for one in facts.evidence],
        "links": [{"number": one.number, "relation": one.relation, "reverse": one.reverse} for one in facts.links],
        "merged_from": list(facts.merged_from),
        "merged_into": facts.merged_into,
        "omitted": dict(facts.omitted),
        "left_out": [asdict(one) for one in facts.left_out],
    }


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "id": str(alert.id),
        "title": alert.title,
        "rule_id": alert.rule_id,
        "severity": alert.severity,
        "count": alert.count,
        "first_seen": clock.isoformat(alert.first_seen),
        "last_seen": clock.isoformat(alert.last_seen),
        "verdict": alert.verdict,
        "sensor": alert.sensor_name,
    }


def _texts(value: Value) -> list[str]:
    # One field of the store holds those of every kind, so they have one type there.
    values = value if isinstance(value, list) else [] if value is None else [value]
    return [clock.isoformat(one) if isinstance(one, datetime) else str(one) for one in values]


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else clock.isoformat(moment)


def _once(values: Iterable[str | None]) -> list[str]:
    return [one for one in dict.fromkeys(values) if one]


def _known(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: known for name, inner in value.items() if (known := _known(inner)) not in (None, "", [], {})}
    return [_known(one) for one in value] if isinstance(value, list) else value
