"""Any JSON object we have no better format for: ECS names are taken over, common names are understood."""

from typing import Any

from shared.domain import severity
from shared.normalise import clock_rules, mitre
from shared.normalise.conform import slug
from shared.normalise.decode import JsonObject
from shared.normalise.fields import ECS_FIELDS
from shared.normalise.reading import Context, Format, Reading, first_text, get, listed

GROUPING = "json@1"

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
# Good enough to show, too loose to fold by.
_TITLES = ("title", "name", "summary", "reason", "type", "kind")
_TITLE_KEYS = 5
_ALIAS_OF = {alias: (name, rank) for name, names in _ALIASES.items() for rank, alias in enumerate(names)}

_TIMES = ("@timestamp", "timestamp", "time", "ts", "eventTime", "event_time", "datetime", "date", "created_at",
          "createdAt", "created", "Timestamp", "time_iso8601")  # fmt: skip

_SEVERITIES = {
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
    "debug": severity.INFORMATIONAL,
    "trace": severity.INFORMATIONAL,
    "none": severity.INFORMATIONAL,
}
_SEVERITY_PLACES = (
    ("alert", "severity"),
    ("event", "severity_label"),
    ("kibana", "alert", "severity"),
    ("severity",),
    ("log", "level"),
    ("level",),
    ("priority",),
)


def matches(record: JsonObject) -> bool:
    """Every object will do."""
    return True


def type_of(record: JsonObject) -> str:
    """The dataset the record names, or `json`."""
    return first_text(_ecs(record, "event", "dataset")) or "json"


def read(record: JsonObject, context: Context) -> Reading:
    """The object's meaning as far as its names tell it."""
    fields = _fields(record, context)
    is_alert = _ecs(record, "event", "kind") == "alert"
    level, known = _severity(record, is_alert)
    rule_id = first_text(fields.get("rule.id"))
    rule = rule_id or first_text(fields.get("rule.name"))
    own_id = first_text(_ecs(record, "event", "id"), context.document_id, record.get("_id"))
    module = slug(first_text(_ecs(record, "event", "module")) or "json")
    return Reading(
        kind="alert" if is_alert else "telemetry",
        severity=level,
        title=_title(record, fields) or rule_id or f"JSON record: {', '.join(list(record)[:_TITLE_KEYS])}",
        module=module,
        dataset=slug(first_text(_ecs(record, "event", "dataset")) or f"{module}.events"),
        fields=fields,
        time=_time(record, context),
        identity=() if own_id is None else (own_id,),
        has_id=own_id is not None,
        by_content=own_id is None,
        by_ordinal=own_id is None,
        grouping=GROUPING,
        group_by=(module, rule, fields.get("host.name"), fields.get("source.ip")),
        by_title=rule is None,
        rule_id=rule_id,
        tags=[tag for tag in listed(record.get("tags")) if type(tag) is str] + ([] if known else ["severity_unmapped"]),
        attack=_attack(record),
        source_id=own_id,
        source_url=first_text(_ecs(record, "event", "url")),
    )


def _title(record: JsonObject, fields: dict[str, Any]) -> str | None:
    named = (fields.get(name) for name in ("rule.name", "message", "event.action"))
    return first_text(*named, *(record.get(name) for name in _TITLES))


def _fields(record: JsonObject, context: Context) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    _take_ecs(record, "", fields, context, _MAX_ECS_DEPTH)
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


def _take_ecs(record: JsonObject, prefix: str, fields: dict[str, Any], context: Context, levels: int) -> None:
    for key, value in record.items():
        name = prefix + key
        kind = _TAKEN.get(name)
        if kind is None:
            if type(value) is dict and levels > 1:
                _take_ecs(value, f"{name}.", fields, context, levels - 1)
        elif kind == "date":
            fields[name] = clock_rules.read(value, context.zone)
        elif type(value) is not dict:
            fields[name] = value


def _time(record: JsonObject, context: Context) -> Any:
    for name in _TIMES:
        if name in record and (found := clock_rules.read(record[name], context.zone)) is not None:
            return found
    return None


def _severity(record: JsonObject, is_alert: bool) -> tuple[int, bool]:
    for place in _SEVERITY_PLACES:
        word = _ecs(record, *place)
        if type(word) is str and (found := _SEVERITIES.get(word.strip().lower())) is not None:
            return found, True
    if not is_alert:
        return severity.INFORMATIONAL, True
    return severity.MEDIUM, False


def _attack(record: JsonObject) -> mitre.Attack | None:
    return mitre.attack(
        techniques=[
            *listed(_ecs(record, "threat", "technique", "id")),
            *listed(_ecs(record, "threat", "technique", "subtechnique", "id")),
        ],
        names=listed(_ecs(record, "threat", "technique", "name")),
        tactics=listed(_ecs(record, "threat", "tactic", "id")) or listed(_ecs(record, "threat", "tactic", "name")),
    )


def _ecs(record: JsonObject, *path: str) -> Any:
    """The value under an ECS name, nested or dotted."""
    value = get(record, *path)
    return record.get(".".join(path)) if value is None else value


FORMAT = Format(
    name="json",
    shape="one JSON object",
    groupings={GROUPING: ("event.module", "rule.name", "host.name", "source.ip")},
    matches=matches,
    read=read,
    type_of=type_of,
)
