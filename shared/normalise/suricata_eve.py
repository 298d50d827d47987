"""Suricata EVE JSON: alerts, and every other event type as telemetry."""

from collections.abc import Callable
from typing import Any

from shared.domain import severity
from shared.normalise import addresses, clock_rules, mitre
from shared.normalise.addresses import Address
from shared.normalise.conform import integer
from shared.normalise.decode import JsonObject
from shared.normalise.event import Rejected
from shared.normalise.reading import Context, Format, Reading, first_text, get, inner, listed

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
_DETECTION = ("network", "intrusion_detection")
_TYPES = {"blocked": ("denied",), "allowed": ("allowed",)}
_NO_PROTOCOL = frozenset({"failed", "unknown"})


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


def _alert(record: JsonObject, alert: JsonObject, context: Context) -> Reading:
    signature_id, generator = integer(alert.get("signature_id")), integer(alert.get("gid"))
    rule_id = None if signature_id is None else f"{1 if generator is None else generator}:{signature_id}"
    title = first_text(alert.get("signature"))
    category = alert.get("category")
    metadata = inner(alert, "metadata")
    time = clock_rules.read(record.get("timestamp"), context.zone)
    fields = _network_fields(record)
    action = alert.get("action")
    fields["event.category"] = _DETECTION
    fields["event.type"] = _TYPES.get(action, _INFO) if type(action) is str else _INFO
    fields["event.action"] = action
    fields["event.outcome"] = "failure" if action == "blocked" else None
    fields["event.severity"] = alert.get("severity")
    fields["rule.id"] = rule_id
    fields["rule.name"] = fields["message"] = title
    fields["rule.category"] = category
    fields["rule.version"] = alert.get("rev")
    fields["vulnerability.id"] = _cves(metadata) if "cve" in metadata else None
    scan = _is_scan(title, category)
    source, target = record.get("src_ip"), (record.get("dest_ip"), record.get("dest_port"))
    return Reading(
        kind="alert",
        severity=_severity(alert, metadata),
        title=title or (f"Suricata rule {rule_id}" if rule_id else "Suricata alert"),
        module="suricata",
        dataset="suricata.alert",
        fields=fields,
        time=time,
        identity=(
            record.get("flow_id"), record.get("tx_id"), generator, signature_id,
            source, record.get("src_port"), *target,
        ),
        by_content=signature_id is None or record.get("flow_id") is None,
        grouping=SCANS if scan else ALERTS,
        group_by=(rule_id, *target) if scan else (rule_id, source, *target),
        by_title=rule_id is None,
        rule_id=rule_id,
        tags=[tag for tag in listed(metadata.get("tag")) if type(tag) is str],
        attack=_attack(metadata, category, scan),
    )  # fmt: skip


def _telemetry(record: JsonObject, context: Context) -> Reading:
    event_type = str(record.get("event_type"))
    fields = _network_fields(record)
    title = _title(event_type, record)
    fields["event.category"] = ("network",)
    fields["event.type"] = _INFO
    fields["event.action"] = first_text(get(record, "anomaly", "event"))
    fields["message"] = title
    return Reading(
        kind="telemetry",
        severity=severity.INFORMATIONAL,
        title=title,
        module="suricata",
        dataset=f"suricata.{event_type}",
        fields=fields,
        time=clock_rules.read(record.get("timestamp"), context.zone),
        identity=(event_type, record.get("flow_id"), record.get("tx_id")),
        by_content=True,
        grouping=TELEMETRY,
        group_by=(event_type, record.get("src_ip"), record.get("dest_ip"), record.get("dest_port")),
    )


def _severity(alert: JsonObject, metadata: JsonObject) -> int:
    words = listed(metadata.get("signature_severity"))
    if words and type(words[0]) is str and (found := _BY_METADATA.get(words[0].strip().lower())):
        return found
    priority = integer(alert.get("severity"))
    if priority is None:
        return severity.MEDIUM
    return _BY_PRIORITY.get(priority, severity.INFORMATIONAL if priority > 3 else severity.MEDIUM)


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


def _cves(metadata: JsonObject) -> list[str]:
    return [name.replace("_", "-") for name in listed(metadata["cve"]) if type(name) is str]


def _network_fields(record: JsonObject) -> dict[str, Any]:
    source, target = addresses.read(record.get("src_ip")), addresses.read(record.get("dest_ip"))
    transport, protocol = record.get("proto"), record.get("app_proto")
    fields: dict[str, Any] = {
        "source.ip": source or record.get("src_ip"),
        "source.port": record.get("src_port"),
        "destination.ip": target or record.get("dest_ip"),
        "destination.port": record.get("dest_port"),
        "network.transport": transport.lower() if type(transport) is str else None,
        "network.protocol": None if type(protocol) is str and protocol in _NO_PROTOCOL else protocol,
        "network.community_id": record.get("community_id"),
        "network.direction": _direction(source, target),
        "observer.vendor": "OISF",
        "observer.product": "Suricata",
        "observer.type": "ids",
        # EVE's `host` is the name of the sensor; the machine concerned is the one on our side.
        "observer.name": record.get("host") or record.get("in_iface"),
        "host.ip": _ours(source, target),
    }
    for part, value in record.items():
        if type(value) is dict and part in _PARTS:
            _PARTS[part](fields, value, record)
    return fields


def _ours(source: Address | None, target: Address | None) -> Address | None:
    if target is not None and target.internal:
        return target
    return source if source is not None and source.internal else None


def _direction(source: Address | None, target: Address | None) -> str | None:
    if source is None or target is None:
        return None
    if source.internal:
        return "internal" if target.internal else "outbound"
    return "inbound" if target.internal else "external"


def _add_flow(fields: dict[str, Any], flow: JsonObject, record: JsonObject) -> None:
    fields["event.start"] = clock_rules.read(flow.get("start"))
    fields["event.end"] = clock_rules.read(flow.get("end"))
    fields["source.bytes"] = flow.get("bytes_toserver")
    fields["destination.bytes"] = flow.get("bytes_toclient")
    fields["source.packets"] = flow.get("pkts_toserver")
    fields["destination.packets"] = flow.get("pkts_toclient")


def _add_http(fields: dict[str, Any], http: JsonObject, record: JsonObject) -> None:
    url, host = first_text(http.get("url")), _host_only(http.get("hostname"))
    fields["url.original"] = url
    fields["url.path"] = url.partition("?")[0] if url and url.startswith("/") else None
    fields["url.domain"] = fields["destination.domain"] = host
    fields["url.full"] = _full_url(url, host, http, record)
    fields["http.request.method"] = http.get("http_method")
    fields["http.response.status_code"] = http.get("status")
    fields["http.request.referrer"] = http.get("http_refer")
    fields["user_agent.original"] = http.get("http_user_agent")


def _host_only(host: Any) -> str | None:
    if type(host) is not str:
        return None
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() and ":" not in name else host


def _full_url(url: str | None, host: str | None, http: JsonObject, record: JsonObject) -> str | None:
    if url is None or "://" in url[:12]:
        return url
    if not host or not url.startswith("/"):
        return None
    # Suricata sees a URL only in clear text, so the scheme is http whatever the port.
    port = integer(http.get("http_port")) or integer(record.get("dest_port"))
    place = f"[{host}]" if host.count(":") > 1 else host
    return f"http://{place}{'' if port in {80, None} else f':{port}'}{url}"


def _add_tls(fields: dict[str, Any], tls: JsonObject, record: JsonObject) -> None:
    name = first_text(tls.get("sni"))
    fields["tls.client.server_name"] = name
    if name:
        fields.setdefault("destination.domain", name)
    fields["tls.client.ja3"] = get(tls, "ja3", "hash")
    fields["tls.client.ja4"] = tls.get("ja4")
    fields["tls.server.ja3s"] = get(tls, "ja3s", "hash")
    fields["tls.server.subject"] = tls.get("subject")
    fields["tls.version"] = tls.get("version")


def _add_dns(fields: dict[str, Any], dns: JsonObject, record: JsonObject) -> None:
    questions = [item for key in ("query", "queries") for item in listed(dns.get(key)) if type(item) is dict]
    question = questions[0] if questions else dns
    fields["dns.question.name"] = question.get("rrname")
    fields["dns.question.type"] = question.get("rrtype")
    fields["dns.response_code"] = dns.get("rcode")
    answers = [item.get("rdata") for item in listed(dns.get("answers")) if type(item) is dict]
    fields["dns.resolved_ip"] = [*answers, dns.get("rdata")]


def _add_fileinfo(fields: dict[str, Any], info: JsonObject, record: JsonObject) -> None:
    name = first_text(info.get("filename"))
    fields["file.name"] = name.rpartition("/")[2] or None if name else None
    for kind in ("md5", "sha1", "sha256"):
        fields[f"file.hash.{kind}"] = info.get(kind)
    fields["file.size"] = info.get("size")


def _add_email(fields: dict[str, Any], email: JsonObject, record: JsonObject) -> None:
    fields["email.from.address"] = email.get("from")
    fields["email.to.address"] = email.get("to")
    fields["email.subject"] = email.get("subject")


def _add_user(fields: dict[str, Any], part: JsonObject, record: JsonObject) -> None:
    fields.setdefault("user.name", first_text(get(part, "ntlmssp", "user"), part.get("cname")))
    fields.setdefault("user.domain", first_text(get(part, "ntlmssp", "domain"), part.get("realm")))


_PARTS: dict[str, Callable[[dict[str, Any], JsonObject, JsonObject], None]] = {
    "flow": _add_flow,
    "http": _add_http,
    "tls": _add_tls,
    "dns": _add_dns,
    "fileinfo": _add_fileinfo,
    "email": _add_email,
    "smb": _add_user,
    "krb5": _add_user,
}


def _title(event_type: str, record: JsonObject) -> str:
    part = inner(record, event_type)
    if event_type == "dns":
        question = next(iter(listed(part.get("queries") or part.get("query"))), part)
        name = first_text(get(question, "rrname") if type(question) is dict else None)
        return f"DNS {first_text(part.get('type')) or 'message'} {name or ''}".rstrip()
    if event_type == "http":
        words = (first_text(part.get(key)) or "" for key in ("http_method", "hostname", "url"))
        method, host, url = words
        return f"HTTP {method} {host}{url}".rstrip()
    if event_type == "tls":
        return f"TLS {first_text(part.get('sni'), part.get('subject')) or ''}".rstrip()
    if event_type == "anomaly":
        return f"Anomaly {first_text(part.get('event'), part.get('type')) or ''}".rstrip()
    ends = (first_text(record.get(key)) for key in ("src_ip", "dest_ip"))
    return f"Suricata {event_type} {' → '.join(end for end in ends if end)}".rstrip()


FORMAT = Format(
    name="suricata_eve",
    groupings={
        ALERTS: ("rule.id", "source.ip", "destination.ip", "destination.port"),
        SCANS: ("rule.id", "destination.ip", "destination.port"),
        TELEMETRY: ("event.dataset", "source.ip", "destination.ip", "destination.port"),
    },
    matches=matches,
    read=read,
    type_of=type_of,
)
