"""Prometheus Alertmanager's webhook, version 4: one post is split into a record for each of its alerts."""

from datetime import datetime, timedelta
from typing import Any

import orjson

from shared.domain import severity
from shared.normalise import clock_rules, mitre
from shared.normalise.decode import JsonObject, decode
from shared.normalise.event import Rejected
from shared.normalise.identity import canonical
from shared.normalise.reading import Context, Format, Reading, first_text, get, inner, listed

GROUPING = "alertmanager@1"

# The door's limit on records; a post of more is refused whole, as `several_records`.
MAX_ALERTS = 10_000
_MAX_GROUP_BYTES = 4 << 10
# What a group says beside its alerts; common labels and annotations only repeat those of each alert.
_GROUP_NAMES = ("receiver", "status", "groupKey", "groupLabels", "externalURL", "version", "truncatedAlerts")
_FUTURE = timedelta(minutes=5)

_SEVERITIES = {
    "critical": severity.CRITICAL,
    "page": severity.CRITICAL,
    "error": severity.HIGH,
    "high": severity.HIGH,
    "major": severity.HIGH,
    "warning": severity.MEDIUM,
    "medium": severity.MEDIUM,
    "low": severity.LOW,
    "minor": severity.LOW,
    "info": severity.INFORMATIONAL,
    "informational": severity.INFORMATIONAL,
    "none": severity.INFORMATIONAL,
}


def split(record: bytes) -> list[bytes]:
    """A record for each alert of a post, with what the group says under `group`; else the record itself."""
    if b'"alerts"' not in record:
        return [record]
    decoded = decode(record)
    if isinstance(decoded, Rejected) or not _is_post(decoded.value):
        return [record]
    post = decoded.value
    alerts = post["alerts"]
    if not alerts or len(alerts) > MAX_ALERTS or not all(type(alert) is dict for alert in alerts):
        return [record]
    group = {name: post[name] for name in _GROUP_NAMES if name in post}
    if len(orjson.dumps(group)) > _MAX_GROUP_BYTES:
        group = {}
    return [orjson.dumps({**alert, "group": group}) for alert in alerts]


def matches(record: JsonObject) -> bool:
    """An alert of a post, as `split` gives it, or a post that could not be split."""
    if type(record.get("labels")) is dict and "startsAt" in record:
        return "fingerprint" in record or "status" in record
    return _is_post(record)


def type_of(record: JsonObject) -> str:
    """`firing` or `resolved`."""
    return first_text(record.get("status")) or "firing"


def read(record: JsonObject, context: Context) -> Reading | Rejected:
    """The alert's meaning; Rejected for a post that `split` left whole."""
    if type(record.get("labels")) is not dict:
        return Rejected("several_records", f"expected a post of 1 to {MAX_ALERTS} alerts, each an object")
    labels, annotations = inner(record, "labels"), inner(record, "annotations")
    name = first_text(labels.get("alertname"))
    status = first_text(record.get("status")) or "firing"
    starts_at = clock_rules.read(record.get("startsAt"), context.zone)
    ends_at = clock_rules.read(record.get("endsAt"), context.zone)
    # Alertmanager's fingerprint is a hash of the labels, so they stand in for it.
    source_id = first_text(record.get("fingerprint")) or canonical(labels).decode()
    level, known = _severity(labels)
    identity = (source_id, record.get("startsAt"), status)
    return Reading(
        kind="alert",
        severity=level,
        title=_title(name, labels, annotations),
        module="alertmanager",
        dataset="prometheus.alerts",
        fields=_fields(record, labels, annotations, status, starts_at),
        time=starts_at,
        identity=identity,
        has_id=True,
        grouping=GROUPING,
        # A resolution ends an alert, so it is taken from the sensor that fired it and from no other key's owner.
        group_by=(context.sensor_id, source_id),
        rule_id=name,
        tags=[] if known else ["severity_unmapped"],
        attack=_attack(labels),
        resolved_at=_resolved_at(starts_at, ends_at, context.received_at) if status == "resolved" else None,
        # A repeat differs in annotations, links and group, and is the same all the same.
        digest_of=identity,
        source_id=first_text(record.get("fingerprint")),
        source_url=first_text(record.get("generatorURL"), get(record, "group", "externalURL")),
    )


def _is_post(record: JsonObject) -> bool:
    return type(record.get("alerts")) is list and (
        "groupKey" in record or "groupLabels" in record or "commonLabels" in record or "receiver" in record
    )


def _resolved_at(starts_at: datetime | None, ends_at: datetime | None, received_at: datetime) -> datetime:
    if ends_at is None or ends_at > received_at + _FUTURE or (starts_at is not None and ends_at < starts_at):
        return received_at
    return ends_at


def _severity(labels: JsonObject) -> tuple[int, bool]:
    word = first_text(labels.get("severity"))
    if word is None:
        return severity.MEDIUM, True
    found = _SEVERITIES.get(word.strip().lower())
    return (severity.MEDIUM, False) if found is None else (found, True)


def _title(name: str | None, labels: JsonObject, annotations: JsonObject) -> str:
    told = first_text(annotations.get("summary"), annotations.get("title"))
    if told is None and (where := first_text(labels.get("instance"), labels.get("pod"), labels.get("node"))):
        told = where
    return ": ".join(word for word in (name, told) if word) or "Alertmanager alert"


def _attack(labels: JsonObject) -> mitre.Attack | None:
    named = [labels.get("mitre_technique"), labels.get("technique_id")]
    return mitre.attack(techniques=named) if any(named) else None


def _fields(
    record: JsonObject,
    labels: JsonObject,
    annotations: JsonObject,
    status: str,
    starts_at: datetime | None,
) -> dict[str, Any]:
    ends_at, name = clock_rules.read(record.get("endsAt")), first_text(labels.get("alertname"))
    return {
        "event.category": ("host",),
        "event.action": status,
        "event.start": starts_at,
        # A firing alert has the year 1, or the moment Alertmanager would give it up.
        "event.end": ends_at if status == "resolved" and ends_at and ends_at.year > 1 else None,
        "rule.id": name,
        "rule.name": name,
        "rule.category": labels.get("job"),
        "rule.reference": first_text(annotations.get("runbook_url"), record.get("generatorURL")),
        "message": first_text(
            annotations.get("description"), annotations.get("message"), annotations.get("summary"), name
        ),
        "host.name": _host(first_text(labels.get("node"), labels.get("instance"), labels.get("pod"))),
        "observer.vendor": "Prometheus",
        "observer.product": "Alertmanager",
        "observer.name": get(record, "group", "externalURL"),
        "container.name": labels.get("container"),
        "orchestrator.cluster.name": labels.get("cluster"),
        "orchestrator.namespace": labels.get("namespace"),
        "orchestrator.resource.name": labels.get("pod"),
        "vulnerability.id": [cve for cve in listed(labels.get("cve")) if cve] or None,
        "labels": labels,
    }


def _host(instance: str | None) -> str | None:
    """`instance` is host:port; the port is the exporter's."""
    if instance is None:
        return None
    host, colon, port = instance.rpartition(":")
    return host.strip("[]") if colon and port.isdigit() and host else instance


FORMAT = Format(
    name="alertmanager",
    shape="a webhook's post with `alerts`, or one alert with `labels`, `startsAt` and `status`",
    groupings={GROUPING: ("alert.transport.sensor_id", "labels")},
    matches=matches,
    read=read,
    type_of=type_of,
)
