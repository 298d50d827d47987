"""Takes what a JSON object says under ECS names, nested or dotted, or under names that many sensors use."""

from datetime import datetime, tzinfo
from typing import Any

from shared.domain import severity
from shared.normalise import clock_rules, mitre
from shared.normalise.decode import JsonObject
from shared.normalise.fields import ECS_FIELDS
from shared.normalise.reading import get, listed

# Set by the product alone; a payload that names its own tenant must not be believed.
_NOT_TAKEN = frozenset(
    {
        "@timestamp", "ecs.version", "event.dataset", "event.id", "event.ingested", "event.kind", "event.module",
        "event.risk_score", "labels", "organization.id", "related.hash", "related.hosts", "related.ip",
        "related.user", "sensor", "tags", "threat.tactic.id", "threat.tactic.name", "threat.technique.id",
        "threat.technique.name",
    }
)  # fmt: skip
_TAKEN = {name: kind for name, kind in ECS_FIELDS.items() if name not in _NOT_TAKEN}
_MAX_ECS_DEPTH = max(name.count(".") for name in _TAKEN) + 1

_ALIASES: dict[str, tuple[str, ...]] = {
    "source.ip": ("src_ip", "srcip", "source_ip", "sourceIp", "sourceIPAddress", "src", "client_ip",
                  "clientip", "remote_addr", "remote_ip", "ipAddress"),
    "source.port": ("src_port", "srcport", "source_port", "spt"),
    "destination.ip": ("dest_ip", "dst_ip", "dstip", "destination_ip", "destinationIp", "dst", "dest"),
    "destination.port": ("dest_port", "dst_port", "dstport", "destination_port", "dpt"),
    "user.name": ("user", "username", "userName", "user_name", "account", "srcuser"),
    "host.name": ("host", "hostname", "hostName", "host_name", "Hostname", "computer", "Computer", "device", "node"),
    "message": ("message", "msg", "Message", "description", "text", "log"),
    "rule.id": ("rule_id", "ruleId", "signature_id", "alert_id"),
    "rule.name": ("rule_name", "ruleName", "rule", "signature", "alert_name", "alertname"),
    "event.action": ("action", "eventName", "event_name", "activity_name", "operation", "event_type", "eventType"),
    "process.name": ("process", "process_name", "processName"),
    "process.command_line": ("command_line", "cmdline", "CommandLine"),
    "file.path": ("file_path", "filePath", "filename"),
    "file.hash.sha256": ("sha256",),
    "file.hash.sha1": ("sha1",),
    "file.hash.md5": ("md5",),
    "url.full": ("url", "uri"),
    "dns.question.name": ("domain", "query"),
    "http.request.method": ("method", "http_method"),
    "user_agent.original": ("user_agent", "userAgent", "http_user_agent"),
    "log.level": ("level", "loglevel", "log_level", "severity"),
}  # fmt: skip
_ALIAS_OF = {alias: (name, rank) for name, names in _ALIASES.items() for rank, alias in enumerate(names)}

_TIMES = ("@timestamp", "timestamp", "time", "ts", "eventTime", "event_time", "datetime", "date", "created_at",
          "createdAt", "created", "Timestamp", "time_iso8601")  # fmt: skip

SEVERITIES = {
    **severity.NUMBERS,
    "emergency": severity.CRITICAL,
    "emerg": severity.CRITICAL,
    "fatal": severity.CRITICAL,
    "panic": severity.CRITICAL,
    "crit": severity.CRITICAL,
    "very-high": severity.CRITICAL,
    "alert": severity.HIGH,
    "error": severity.HIGH,
    "err": severity.HIGH,
    "major": severity.HIGH,
    "warning": severity.MEDIUM,
    "warn": severity.MEDIUM,
    "moderate": severity.MEDIUM,
    "minor": severity.LOW,
    "notice": severity.LOW,
    "info": severity.INFORMATIONAL,
    "information": severity.INFORMATIONAL,
    "verbose": severity.INFORMATIONAL,
    "debug": severity.INFORMATIONAL,
    "trace": severity.INFORMATIONAL,
    "none": severity.INFORMATIONAL,
}
"""Words of severity and of log level, lower-case."""


def taken(record: JsonObject, zone: tzinfo) -> dict[str, Any]:
    """The fields of ours that the object has; ECS's names come before others."""
    fields: dict[str, Any] = {}
    _take_ecs(record, "", fields, zone, _MAX_ECS_DEPTH)
    ranks: dict[str, int] = {}
    for alias, value in record.items():
        if alias not in _ALIAS_OF:
            continue
        name, rank = _ALIAS_OF[alias]
        if type(value) not in {str, int, float} or value == "" or (name in fields and name not in ranks):
            continue
        if rank < ranks.get(name, len(_ALIAS_OF)):
            fields[name], ranks[name] = value, rank
    if type(fields.get("log.level")) is not str or fields["log.level"].strip().isdigit():
        fields.setdefault("event.severity", fields.pop("log.level", None))
    return fields


def _take_ecs(record: JsonObject, prefix: str, fields: dict[str, Any], zone: tzinfo, levels: int) -> None:
    for key, value in record.items():
        name = prefix + key
        kind = _TAKEN.get(name)
        if kind is None:
            if type(value) is dict and levels > 1:
                _take_ecs(value, f"{name}.", fields, zone, levels - 1)
        elif kind == "date":
            fields[name] = clock_rules.read(value, zone)
        elif type(value) is not dict:
            fields[name] = value


def time(record: JsonObject, zone: tzinfo) -> datetime | None:
    """The first of the names for a time that holds one."""
    for name in _TIMES:
        if name in record and (found := clock_rules.read(record[name], zone)) is not None:
            return found
    return None


def worded_severity(record: JsonObject, places: tuple[tuple[str, ...], ...]) -> int | None:
    """Our severity by the first known word that stands at one of these ECS names."""
    for place in places:
        word = value(record, *place)
        if type(word) is str and (found := SEVERITIES.get(word.strip().lower())) is not None:
            return found
    return None


def attack(record: JsonObject) -> mitre.Attack | None:
    """ATT&CK as ECS writes it under `threat`."""
    return mitre.attack(
        techniques=[
            *listed(value(record, "threat", "technique", "id")),
            *listed(value(record, "threat", "technique", "subtechnique", "id")),
        ],
        names=listed(value(record, "threat", "technique", "name")),
        tactics=listed(value(record, "threat", "tactic", "id")) or listed(value(record, "threat", "tactic", "name")),
    )


def tags(record: JsonObject) -> list[str]:
    """The object's own tags."""
    return [tag for tag in listed(record.get("tags")) if type(tag) is str]


def nested(record: JsonObject) -> JsonObject:
    """The object with dotted names as objects within objects; itself where it has none."""
    dotted = {name: found for name, found in record.items() if "." in name and name.count(".") <= _MAX_ECS_DEPTH}
    if not dotted:
        return record
    whole = {name: found for name, found in record.items() if name not in dotted}
    # Each object of the record's own is copied once, however many names lead into it.
    copies: dict[str, JsonObject] = {}
    for name, found in dotted.items():
        spot, end = whole, name.find(".")
        begin = 0
        while end >= 0:
            path = name[:end]
            if path not in copies:
                held = spot.get(name[begin:end])
                copies[path] = spot[name[begin:end]] = dict(held) if type(held) is dict else {}
            spot, begin = copies[path], end + 1
            end = name.find(".", begin)
        spot.setdefault(name[begin:], found)
    return whole


def value(record: JsonObject, *path: str) -> Any:
    """The value under an ECS name, nested or dotted."""
    found = get(record, *path)
    return record.get(".".join(path)) if found is None else found
