"""Suricata EVE JSON: alerts, and every other event type as telemetry."""

from functools import lru_cache
from typing import Any

import msgspec
import orjson

from shared.domain import severity
from shared.normalise import clock_rules, conform, mitre
from shared.normalise.conform import integer
from shared.normalise.decode import JsonObject
from shared.normalise.event import Rejected
from shared.normalise.reading import Context, Format, Reading, Ready, first_text, get, inner, listed
from shared.normalise.suricata_fields import network_fields, title

ALERTS = "suricata_eve@1"
SCANS = "suricata_eve.scan@1"
TELEMETRY = "suricata_eve.telemetry@1"

_BY_METADATA = {
    "critical": severity.CRITICAL,
    "major": severity.HIGH,
    "minor": severity.LOW,
    "informational": severity.INFORMATIONAL,
    "audit": severity.INFORMATIONAL,
}
_BY_PRIORITY = {1: severity.HIGH, 2: severity.MEDIUM, 3: severity.LOW}

# Only classtypes that name one technique; the ET rule sets carry ATT&CK metadata for few rules.
_TECHNIQUE_OF_CATEGORY = {
    "Detection of a Network Scan": "T1046",
    "Web Application Attack": "T1190",
    "Malware Command and Control Activity Detected": "T1071",
    "Domain Observed Used for C2 Detected": "T1071",
    "Crypto Currency Mining Activity Detected": "T1496",
    "Exploit Kit Activity Detected": "T1189",
    "Possible Social Engineering Attempted": "T1566",
    "Detection of a Denial of Service Attack": "T1498",
    "Attempted Denial of Service": "T1498",
}
_INFO = ("info",)
_MAX_REMEMBERED = 4 << 10
_TYPES = {"blocked": ("denied",), "allowed": ("allowed",)}


def matches(record: JsonObject) -> bool:
    """EVE: `event_type` with a `timestamp`, and something only Suricata writes."""
    if type(record.get("event_type")) is not str or "timestamp" not in record:
        return False
    return "flow_id" in record or "src_ip" in record or record["event_type"] in record


def type_of(record: JsonObject) -> str:
    """The event type, such as `alert` or `stats`."""
    return str(record.get("event_type"))


def read(record: JsonObject, context: Context) -> Reading | Rejected:
    """The EVE record's meaning; Rejected where an alert has no alert in it."""
    if record.get("event_type") != "alert":
        return _telemetry(record, context)
    alert = record.get("alert")
    if type(alert) is not dict:
        return Rejected("wrong_shape", "expected an object `alert` in an EVE record of event_type alert")
    return _alert(record, alert, context)


class _Rule(msgspec.Struct, frozen=True):
    """What an alert's `alert` object says; a sensor repeats the same few thousands of them."""

    generator: int | None
    signature_id: int | None
    rule_id: str | None
    title: str
    severity: int
    is_scan: bool
    tags: list[str]
    attack: mitre.Attack | None
    ready: Ready


def _rule(alert: JsonObject) -> _Rule:
    encoded = orjson.dumps(alert)
    return _remembered(encoded) if len(encoded) <= _MAX_REMEMBERED else _read_rule(alert)


@lru_cache(maxsize=2048)
def _remembered(encoded: bytes) -> _Rule:
    return _read_rule(orjson.loads(encoded))


def _read_rule(alert: JsonObject) -> _Rule:
    signature_id, generator = integer(alert.get("signature_id")), integer(alert.get("gid"))
    rule_id = None if signature_id is None else f"{1 if generator is None else generator}:{signature_id}"
    title, category, action = first_text(alert.get("signature")), alert.get("category"), alert.get("action")
    metadata = inner(alert, "metadata")
    is_scan = _is_scan(title, category)
    attack = _attack(metadata, category, is_scan)
    level = _severity(alert, metadata)
    fields = {
        "event.category": ("network", "intrusion_detection"),
        "event.type": _TYPES.get(action, _INFO) if type(action) is str else _INFO,
        "event.action": action,
        "event.outcome": "failure" if action == "blocked" else None,
        "event.severity": alert.get("severity"),
        "rule.id": rule_id,
        "rule.name": title,
        "rule.category": category,
        "rule.version": alert.get("rev"),
        "message": title,
        "vulnerability.id": _cves(metadata),
        **(attack.fields() if attack is not None else {}),
    }
    return _Rule(
        generator=generator,
        signature_id=signature_id,
        rule_id=rule_id,
        title=title or (f"Suricata rule {rule_id}" if rule_id else "Suricata alert"),
        severity=severity.MEDIUM if level is None else level,
        is_scan=is_scan,
        tags=[tag for tag in listed(metadata.get("tag")) if type(tag) is str]
        + ([] if level else ["severity_unmapped"]),
        attack=attack,
        ready=conform.ready(fields),
    )


def _alert(record: JsonObject, alert: JsonObject, context: Context) -> Reading:
    rule = _rule(alert)
    source, target = record.get("src_ip"), (record.get("dest_ip"), record.get("dest_port"))
    flow_id = record.get("flow_id")
    return Reading(
        kind="alert",
        severity=rule.severity,
        title=rule.title,
        module="suricata",
        dataset="suricata.alert",
        fields=network_fields(record),
        ready=rule.ready,
        time=clock_rules.read(record.get("timestamp"), context.zone),
        identity=(
            flow_id, record.get("tx_id"), rule.generator, rule.signature_id,
            source, record.get("src_port"), *target,
        ),
        by_content=rule.signature_id is None or flow_id is None,
        grouping=SCANS if rule.is_scan else ALERTS,
        group_by=(rule.rule_id, *target) if rule.is_scan else (rule.rule_id, source, *target),
        by_title=rule.rule_id is None,
        rule_id=rule.rule_id,
        tags=rule.tags,
        attack=rule.attack,
    )  # fmt: skip


def _telemetry(record: JsonObject, context: Context) -> Reading:
    event_type = str(record.get("event_type"))
    fields = network_fields(record)
    words = title(event_type, record)
    fields["event.category"] = ("network",)
    fields["event.type"] = _INFO
    fields["event.action"] = first_text(get(record, "anomaly", "event"))
    fields["message"] = words
    return Reading(
        kind="telemetry",
        severity=severity.INFORMATIONAL,
        title=words,
        module="suricata",
        dataset=conform.slug(f"suricata.{event_type[:64]}"),
        fields=fields,
        time=clock_rules.read(record.get("timestamp"), context.zone),
        identity=(event_type, record.get("flow_id"), record.get("tx_id")),
        by_content=True,
        grouping=TELEMETRY,
        group_by=(event_type, record.get("src_ip"), record.get("dest_ip"), record.get("dest_port")),
    )


def _severity(alert: JsonObject, metadata: JsonObject) -> int | None:
    words = listed(metadata.get("signature_severity"))
    if words and type(words[0]) is str and (found := _BY_METADATA.get(words[0].strip().lower())):
        return found
    priority = integer(alert.get("severity"))
    if priority is None or priority < 1:
        return None
    return _BY_PRIORITY.get(priority, severity.INFORMATIONAL)


def _is_scan(title: str | None, category: Any) -> bool:
    # Rule sets name the class in the second word: `ET SCAN …`, `GPL SCAN …`.
    return category == "Detection of a Network Scan" or (title is not None and title[:12].find(" SCAN ") > 0)


def _attack(metadata: JsonObject, category: Any, scan: bool) -> mitre.Attack | None:
    if "mitre_technique_id" in metadata or "mitre_tactic_id" in metadata:
        return mitre.attack(
            techniques=listed(metadata.get("mitre_technique_id")),
            names=listed(metadata.get("mitre_technique_name")),
            tactics=listed(metadata.get("mitre_tactic_id")) or listed(metadata.get("mitre_tactic_name")),
        )
    fallback = _TECHNIQUE_OF_CATEGORY.get(category) if type(category) is str else None
    if fallback is None and scan:
        fallback = "T1046"
    return None if fallback is None else mitre.attack(techniques=[fallback])


def _cves(metadata: JsonObject) -> list[str] | None:
    if "cve" not in metadata:
        return None
    return [name.replace("_", "-") for name in listed(metadata["cve"]) if type(name) is str]


FORMAT = Format(
    name="suricata_eve",
    shape="an EVE object with `timestamp`, `event_type`, and `flow_id`, `src_ip` or the object that `event_type` names",
    groupings={
        ALERTS: ("rule.id", "source.ip", "destination.ip", "destination.port"),
        SCANS: ("rule.id", "destination.ip", "destination.port"),
        TELEMETRY: ("event.dataset", "source.ip", "destination.ip", "destination.port"),
    },
    matches=matches,
    read=read,
    type_of=type_of,
    programs=("suricata",),
)
