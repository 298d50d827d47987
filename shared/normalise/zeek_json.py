"""Zeek's JSON logs: notices as alerts, weird and every other log as telemetry."""

from typing import Any

from shared.domain import severity
from shared.normalise import addresses, clock_rules
from shared.normalise.conform import slug
from shared.normalise.decode import JsonObject
from shared.normalise.reading import Context, Format, Reading, first_text, listed

NOTICES = "zeek_json@1"
TELEMETRY = "zeek_json.telemetry@1"

_NOTICE_SEVERITIES = {
    "SSL::Invalid_Server_Cert": severity.LOW,
    "SSL::Invalid_Ocsp_Response": severity.LOW,
    "SSL::Certificate_Expired": severity.LOW,
    "SSL::Certificate_Expires_Soon": severity.LOW,
    "SSL::Certificate_Not_Valid_Yet": severity.LOW,
    "SSL::Weak_Key": severity.LOW,
    "SSL::Old_Version": severity.LOW,
    "SSL::Weak_Cipher": severity.LOW,
    "SSH::Password_Guessing": severity.HIGH,
    "SSH::Login_By_Password_Guesser": severity.HIGH,
    "SSH::Interesting_Hostname_Login": severity.MEDIUM,
    "SSH::Watched_Country_Login": severity.MEDIUM,
    "FTP::Bruteforcing": severity.HIGH,
    "FTP::Site_Exec_Success": severity.HIGH,
    "HTTP::SQL_Injection_Attacker": severity.HIGH,
    "HTTP::SQL_Injection_Victim": severity.HIGH,
    "Intel::Notice": severity.HIGH,
    "TeamCymruMalwareHashRegistry::Match": severity.HIGH,
    "Traceroute::Detected": severity.LOW,
}
_PREFIX_SEVERITIES = {
    "Heartbleed": severity.HIGH,
    "CaptureLoss": severity.INFORMATIONAL,
    "PacketFilter": severity.INFORMATIONAL,
    "Weird": severity.LOW,
}
_LOUD_ACTIONS = frozenset({"Notice::ACTION_ALARM", "Notice::ACTION_PAGE", "ACTION_ALARM", "ACTION_PAGE"})
_STREAMS = frozenset(
    {
        "capture_loss", "conn", "dce_rpc", "dhcp", "dnp3", "dns", "dpd", "files", "ftp", "http", "intel", "irc",
        "kerberos", "known_certs", "known_hosts", "known_services", "modbus", "mysql", "notice", "notice_alarm",
        "ntlm", "ntp", "ocsp", "pe", "radius", "rdp", "reporter", "rfb", "signatures", "sip", "smb_files",
        "smb_mapping", "smtp", "snmp", "socks", "software", "ssh", "ssl", "stats", "syslog", "tunnel", "weird",
        "x509",
    }
)  # fmt: skip

# What only some of Zeek's writers add, and the time in whichever spelling: stream and time are in the id by
# themselves, so that a record is the same one from a JSON log, a JSON stream or a file of columns.
_UNDIGESTED = frozenset({"_path", "@stream", "_write_ts"})
_UNDIGESTED_TIMED = _UNDIGESTED | {"ts"}


def matches(record: JsonObject) -> bool:
    """`ts` with the stream's name, or with a connection's ids in either spelling."""
    if "ts" not in record:
        return False
    if type(record.get("_path")) is str or type(record.get("@stream")) is str:
        return True
    if "uid" in record and ("id.orig_h" in record or "id_orig_h" in record):
        return True
    return "note" in record and ("actions" in record or "suppress_for" in record)


def type_of(record: JsonObject) -> str:
    """The stream, such as `notice`, as far as the record itself tells it."""
    return _stream(record, "")


def read(record: JsonObject, context: Context) -> Reading:
    """The log line's meaning."""
    stream = _stream(record, context.stream)
    note = first_text(record.get("note")) if stream.startswith("notice") else None
    name = note or (first_text(record.get("name")) if stream == "weird" else None)
    source, target, port = (
        _first(record, "src", "id.orig_h", "id_orig_h"),
        _first(record, "dst", "id.resp_h", "id_resp_h"),
        _first(record, "p", "id.resp_p", "id_resp_p"),
    )
    is_notice = stream.startswith("notice")
    title, message = _words(stream, name, record)
    fields = _fields(record, source, target, port)
    fields.update(
        {
            "event.category": ("network", "intrusion_detection") if name or is_notice else ("network",),
            "event.type": ("info",),
            "event.action": name,
            "rule.id": name,
            "rule.name": name,
            "rule.category": name.partition("::")[0] if name and "::" in name else None,
            "message": message,
        }
    )
    _PER_STREAM.get(stream, _nothing)(fields, record)
    uid, detail = record.get("uid"), _first(record, "sub", "addl")
    time = clock_rules.read(record.get("ts"), context.zone)
    undigested = _UNDIGESTED if time is None else _UNDIGESTED_TIMED
    return Reading(
        kind="alert" if is_notice else "telemetry",
        severity=_severity(name, record) if is_notice else severity.INFORMATIONAL,
        title=title,
        module="zeek",
        dataset=slug(f"zeek.{stream}"),
        fields=fields,
        time=time,
        identity=(stream, uid, name, detail),
        by_content=name is None or uid is None,
        grouping=NOTICES if name or is_notice else TELEMETRY,
        group_by=(name, source, target, port) if name or is_notice else (stream, source, target, port),
        by_title=is_notice and name is None,
        rule_id=name,
        digest_of={key: value for key, value in record.items() if key not in undigested},
        tags=[action for action in listed(record.get("actions")) if type(action) is str],
    )


def _stream(record: JsonObject, shipped: str) -> str:
    named = first_text(record.get("_path"), record.get("@stream"))
    if named is not None:
        return named.lower()[:40]
    # `notice.log`, `notice.2026-11-23.log`, `zeek.notice`
    for word in shipped.split("."):
        if word in _STREAMS:
            return word
    if "note" in record:
        return "notice"
    return "weird" if "name" in record and ("notice" in record or "addl" in record) else "log"


def _first(record: JsonObject, *names: str) -> Any:
    for name in names:
        if (value := record.get(name)) is not None:
            return value
    return None


def _severity(note: str | None, record: JsonObject) -> int:
    if any(type(action) is str and action in _LOUD_ACTIONS for action in listed(record.get("actions"))):
        return severity.HIGH
    if note is None:
        return severity.MEDIUM
    return _NOTICE_SEVERITIES.get(note) or _PREFIX_SEVERITIES.get(note.partition("::")[0], severity.MEDIUM)


def _words(stream: str, name: str | None, record: JsonObject) -> tuple[str, str]:
    if name is None:
        told = first_text(
            record.get("msg"), record.get("query"), record.get("server_name"), record.get("host"), record.get("uri")
        )
        title = f"Zeek {stream} {told or ''}".rstrip()
        return title, title
    detail = first_text(record.get("msg")) if stream != "weird" else first_text(record.get("addl"))
    return (f"Weird: {name}" if stream == "weird" else name), f"{name}: {detail}" if detail else name


def _fields(record: JsonObject, source: Any, target: Any, port: Any) -> dict[str, Any]:
    near, far = addresses.read(source), addresses.read(target)
    inside = far if far and far.internal else near if near and near.internal else None
    protocol, service = record.get("proto"), record.get("service")
    return {
        "source.ip": source,
        "source.port": _first(record, "id.orig_p", "id_orig_p"),
        "source.bytes": record.get("orig_bytes"),
        "source.packets": record.get("orig_pkts"),
        "destination.ip": target,
        "destination.port": port,
        "destination.bytes": record.get("resp_bytes"),
        "destination.packets": record.get("resp_pkts"),
        "network.transport": protocol.lower() if type(protocol) is str else None,
        "network.protocol": service.lower() if type(service) is str else None,
        "network.community_id": record.get("community_id"),
        "host.ip": inside.text if inside else None,
        "observer.vendor": "Zeek",
        "observer.product": "Zeek",
        "observer.type": "ids",
        "observer.name": _first(record, "peer_descr", "peer"),
    }


def _nothing(fields: dict[str, Any], record: JsonObject) -> None:
    pass


def _add_dns(fields: dict[str, Any], record: JsonObject) -> None:
    fields["dns.question.name"] = record.get("query")
    fields["dns.question.type"] = record.get("qtype_name")
    fields["dns.response_code"] = record.get("rcode_name")
    fields["dns.resolved_ip"] = record.get("answers")


def _add_http(fields: dict[str, Any], record: JsonObject) -> None:
    host, uri = first_text(record.get("host")), first_text(record.get("uri"))
    fields["url.domain"] = fields["destination.domain"] = host
    fields["url.original"] = uri
    fields["url.full"] = f"http://{host}{uri}" if host and uri and uri.startswith("/") else None
    fields["http.request.method"] = record.get("method")
    fields["http.request.referrer"] = record.get("referrer")
    fields["http.response.status_code"] = record.get("status_code")
    fields["user_agent.original"] = record.get("user_agent")
    fields["user.name"] = record.get("username")


def _add_ssl(fields: dict[str, Any], record: JsonObject) -> None:
    fields["tls.client.server_name"] = fields["destination.domain"] = record.get("server_name")
    fields["tls.client.ja3"] = record.get("ja3")
    fields["tls.server.ja3s"] = record.get("ja3s")
    fields["tls.server.subject"] = record.get("subject")
    fields["tls.version"] = record.get("version")


def _add_files(fields: dict[str, Any], record: JsonObject) -> None:
    fields["file.name"] = record.get("filename")
    fields["file.size"] = _first(record, "total_bytes", "seen_bytes")
    for kind in ("md5", "sha1", "sha256"):
        fields[f"file.hash.{kind}"] = record.get(kind)


def _add_smtp(fields: dict[str, Any], record: JsonObject) -> None:
    fields["email.from.address"] = _first(record, "mailfrom", "from")
    fields["email.to.address"] = _first(record, "rcptto", "to")
    fields["email.subject"] = record.get("subject")


_PER_STREAM = {
    "dns": _add_dns,
    "http": _add_http,
    "ssl": _add_ssl,
    "files": _add_files,
    "smtp": _add_smtp,
}

FORMAT = Format(
    name="zeek_json",
    shape="an object with `ts`, and `_path`, `@stream` or a connection's `uid` and `id.orig_h`",
    groupings={
        NOTICES: ("rule.id", "source.ip", "destination.ip", "destination.port"),
        TELEMETRY: ("event.dataset", "source.ip", "destination.ip", "destination.port"),
    },
    matches=matches,
    read=read,
    type_of=type_of,
)
