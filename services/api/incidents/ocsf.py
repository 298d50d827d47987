"""An incident as an Incident Finding of the Open Cybersecurity Schema Framework, class 2005.

What the class has no place for, as markings and the number people call it by, is under `unmapped.eventsec`.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from services.api.incidents.facts import Alert, Facts, Observable
from shared import clock
from shared.domain import severity
from shared.domain.incident import Status
from shared.domain.triage import HARMLESS, Verdict

VERSION = "1.8.0"
CATEGORY, CLASS = 2, 2005
OTHER = 99

Coded = tuple[int, str]
"""One of the schema's numbers and the caption that belongs to it."""

_CREATE, _UPDATE, _CLOSE = (1, "Create"), (2, "Update"), (3, "Close")
_STATUSES: dict[Status, Coded] = {
    Status.OPEN: (1, "New"),
    Status.INVESTIGATING: (2, "In Progress"),
    Status.CONTAINED: (2, "In Progress"),
    Status.ON_HOLD: (3, "On Hold"),
    Status.RESOLVED: (4, "Resolved"),
    Status.CLOSED: (5, "Closed"),
    # Work goes on in the other one; this one is over.
    Status.MERGED: (5, "Closed"),
}
_VERDICTS: dict[Verdict | None, Coded] = {
    None: (0, "Unknown"),
    Verdict.FALSE_POSITIVE: (1, "False Positive"),
    Verdict.TRUE_POSITIVE: (2, "True Positive"),
    Verdict.BENIGN_POSITIVE: (5, "Benign"),
    Verdict.UNDETERMINED: (7, "Insufficient Data"),
}
_OBSERVABLES: dict[str, Coded] = {
    "domain": (1, "Hostname"),
    "host": (1, "Hostname"),
    "ip": (2, "IP Address"),
    "user": (4, "User Name"),
    "email": (5, "Email Address"),
    "url": (6, "URL String"),
    "file": (45, "File Path"),
    "hash": (8, "Hash"),
    "process": (9, "Process Name"),
    "user_agent": (16, "HTTP User-Agent"),
    "cve": (18, "CVE Object: uid"),
    "registry": (46, "Registry Key Path"),
}
"""Our types of observables; of any other the schema says our word."""


def as_ocsf(facts: Facts) -> dict[str, Any]:
    """The finding, times in milliseconds since 1970; what is not known is left out."""
    activity, status, verdict = _activity(facts.status), _STATUSES[facts.status], _VERDICTS[facts.verdict]
    finding = {
        "activity_id": activity[0],
        "activity_name": activity[1],
        "category_uid": CATEGORY,
        "category_name": "Findings",
        "class_uid": CLASS,
        "class_name": "Incident Finding",
        "type_uid": CLASS * 100 + activity[0],
        "type_name": f"Incident Finding: {activity[1]}",
        "time": clock.milliseconds(_time(facts)),
        "metadata": _metadata(facts),
        "severity_id": facts.severity,
        "severity": severity.word(facts.severity).capitalize(),
        "status_id": status[0],
        "status": status[1],
        "status_detail": facts.status.value,
        "verdict_id": verdict[0],
        "verdict": verdict[1],
        "message": f"Incident {facts.number}: {facts.title}",
        "desc": facts.summary,
        "comment": facts.reason,
        "is_suspected_breach": _is_suspected_breach(facts.verdict),
        "start_time": _milliseconds(facts.times.occurred_at),
        "end_time": _milliseconds(facts.times.resolved_at or facts.times.closed_at),
        "attacks": [_attack(one) for one in facts.techniques],
        "observables": [_observable(one) for one in facts.observables],
        "finding_info_list": [_finding(one) for one in facts.alerts] or [_itself(facts)],
        **_responsible(facts),
        "unmapped": {"eventsec": _unmapped(facts)},
    }
    return _known(finding)


def _activity(status: Status) -> Coded:
    if status in (Status.CLOSED, Status.MERGED):
        return _CLOSE
    return _CREATE if status == Status.OPEN else _UPDATE


def _time(facts: Facts) -> datetime:
    # An export is a state of the incident at a moment; that of a closed one stays as it was when it was closed.
    return facts.times.closed_at or facts.generated_at


def _is_suspected_breach(verdict: Verdict | None) -> bool | None:
    if verdict == Verdict.TRUE_POSITIVE:
        return True
    return False if verdict in HARMLESS else None


def _metadata(facts: Facts) -> dict[str, Any]:
    return {
        "version": VERSION,
        "product": {"name": "EventSec", "vendor_name": "EventSec"},
        "correlation_uid": str(facts.id),
        "tenant_uid": str(facts.organization_id),
        "labels": [*facts.tags, facts.marking, f"PAP:{facts.pap.upper()}"],
        "is_truncated": bool(facts.omitted or facts.left_out),
    }


def _responsible(facts: Facts) -> dict[str, Any]:
    # The class asks for a person or a group: what is nobody's is the organization's.
    if facts.people.assignee:
        return {"assignee": {"name": facts.people.assignee, "type_id": 1, "type": "User"}}
    return {"assignee_group": {"name": facts.organization_name, "uid": str(facts.organization_id)}}


def _attack(technique: str) -> dict[str, Any]:
    parent, _, below = technique.partition(".")
    return {"technique": {"uid": parent}, **({"sub_technique": {"uid": technique}} if below else {})}


def _observable(observable: Observable) -> dict[str, Any]:
    type_id, caption = _OBSERVABLES.get(observable.type, (OTHER, observable.type))
    return {"type_id": type_id, "type": caption, "value": observable.value}


def _finding(alert: Alert) -> dict[str, Any]:
    return _known(
        {
            "uid": str(alert.id),
            "title": alert.title,
            "first_seen_time": clock.milliseconds(alert.first_seen),
            "last_seen_time": clock.milliseconds(alert.last_seen),
            "related_events_count": alert.count,
            "analytic": {"type_id": 1, "type": "Rule", "uid": alert.rule_id} if alert.rule_id else None,
            "data_sources": [alert.sensor_name] if alert.sensor_name else None,
            "attacks": [_attack(one) for one in alert.techniques],
        }
    )


def _itself(facts: Facts) -> dict[str, Any]:
    """Of an incident that somebody opened by hand: the only finding there is."""
    return {"uid": str(facts.id), "title": facts.title}


def _unmapped(facts: Facts) -> dict[str, Any]:
    return {
        "number": facts.number,
        "organization": facts.organization_name,
        "tlp": facts.strictest.upper(),
        "left_out": [asdict(one) for one in facts.left_out] or None,
        "pap": facts.pap.upper(),
        "restricted": facts.restricted,
        "verdict": facts.verdict,
    }


def _milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else clock.milliseconds(moment)


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, "", [])}
