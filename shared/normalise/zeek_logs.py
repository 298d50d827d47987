"""Zeek's logs, one row each: what it is about, which column is which ECS field, and how it is known."""

import msgspec

from shared.normalise.decode import JsonObject


class Log(msgspec.Struct, frozen=True):
    """One kind of log: ECS fields and the columns they come from; of a tuple the first column that is there.

    `protocol` is what the traffic is where the log says it by its name; `told` are the columns that a person
    looks at first; `marks` are columns of this log alone, by which a record is known that names no log.
    """

    category: tuple[str, ...]
    fields: dict[str, str | tuple[str, ...]] = {}
    told: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    protocol: str | None = None


_NETWORK = ("network",)
_WEB = ("network", "web")
_LOGIN = ("network", "authentication")
_FILE = ("network", "file")
_MAIL = ("network", "email")
_HOST = ("host",)
_FOUND = ("network", "intrusion_detection")

LOGS: dict[str, Log] = {
    "analyzer": Log(
        _NETWORK,
        {"event.action": "cause", "event.reason": "failure_reason", "network.protocol": "analyzer_name"},
        told=("analyzer_name", "failure_reason"),
        marks=("analyzer_kind",),
    ),
    "capture_loss": Log((), told=("percent_lost",), marks=("percent_lost",)),
    "cluster": Log((), {"observer.name": "node"}, told=("message",)),
    "conn": Log(_NETWORK, {"network.protocol": "service"}, told=("service", "conn_state"), marks=("conn_state",)),
    "dce_rpc": Log(
        _NETWORK, {"event.action": "operation"}, told=("endpoint", "operation"), marks=("named_pipe",),
        protocol="dce_rpc",
    ),
    "dhcp": Log(
        _NETWORK,
        {
            "event.action": "msg_types",
            "event.reason": "server_message",
            "source.ip": "client_addr",
            "destination.ip": "server_addr",
            "host.ip": ("assigned_addr", "client_addr"),
            "host.name": ("host_name", "client_fqdn"),
        },
        told=("host_name", "assigned_addr", "mac"),
        marks=("msg_types", "assigned_addr"),
        protocol="dhcp",
    ),
    "dnp3": Log(_NETWORK, {"event.action": ("fc_request", "fc_reply")}, told=("fc_request",), protocol="dnp3"),
    "dns": Log(
        _NETWORK,
        {
            "dns.question.name": "query",
            "dns.question.type": "qtype_name",
            "dns.resolved_ip": "answers",
            "dns.response_code": "rcode_name",
        },
        told=("query",),
        marks=("qtype_name", "rcode_name", "trans_id"),
        protocol="dns",
    ),
    "dpd": Log(
        _NETWORK,
        {"event.reason": "failure_reason", "network.protocol": "analyzer"},
        told=("analyzer", "failure_reason"),
        marks=("packet_segment",),
    ),
    "files": Log(
        _FILE,
        {
            "client.ip": "rx_hosts",
            "server.ip": "tx_hosts",
            "network.protocol": "source",
            "file.name": "filename",
            "file.path": "extracted",
            "file.size": ("total_bytes", "seen_bytes"),
            "file.hash.md5": "md5",
            "file.hash.sha1": "sha1",
            "file.hash.sha256": "sha256",
        },
        told=("filename", "mime_type"),
        marks=("tx_hosts", "seen_bytes"),
    ),
    "ftp": Log(
        _FILE,
        {
            "event.action": "command",
            "event.code": "reply_code",
            "event.outcome": "reply_code",
            "event.reason": "reply_msg",
            "file.size": "file_size",
            "user.name": "user",
        },
        told=("command", "arg"),
        marks=("data_channel.passive", "cwd", "reply_code"),
        protocol="ftp",
    ),
    "intel": Log(
        ("network", "intrusion_detection", "threat"),
        {"rule.category": "seen.indicator_type", "rule.ruleset": "sources", "observer.name": "seen.node"},
        told=("seen.indicator", "seen.where"),
        marks=("seen.indicator", "seen_indicator"),
    ),
    "irc": Log(
        _NETWORK, {"event.action": "command", "file.name": "dcc_file_name", "user.name": ("nick", "user")},
        told=("command", "value"), marks=("nick",), protocol="irc",
    ),
    "kerberos": Log(
        _LOGIN,
        {
            "event.action": "request_type",
            "event.outcome": "success",
            "event.reason": "error_msg",
        },
        told=("client", "service"),
        marks=("request_type",),
        protocol="kerberos",
    ),
    "known_certs": Log(
        _HOST, {"destination.port": "port_num", "host.ip": "host", "tls.server.subject": "subject"},
        told=("subject",), marks=("issuer_subject",),
    ),
    "known_hosts": Log(_HOST, {"host.ip": "host"}, told=("host",)),
    "known_modbus": Log(_HOST, {"host.ip": "host"}, told=("host", "device_type"), marks=("device_type",)),
    "known_services": Log(
        _HOST,
        {
            "destination.ip": "host",
            "destination.port": "port_num",
            "host.ip": "host",
            "network.protocol": "service",
            "network.transport": "port_proto",
        },
        told=("host", "service"),
        marks=("port_proto",),
    ),
    "ldap": Log(
        _LOGIN,
        {"event.action": ("opcode", "opcodes"), "event.outcome": "result", "event.reason": "diagnostic_message"},
        told=("opcode", "object"), marks=("diagnostic_message",), protocol="ldap",
    ),
    "ldap_search": Log(
        _NETWORK, {"event.outcome": "result"}, told=("base_object", "filter"), marks=("base_object", "base_objects"),
        protocol="ldap",
    ),
    "modbus": Log(_NETWORK, {"event.action": "func", "event.reason": "exception"}, told=("func",), protocol="modbus"),
    "mysql": Log(
        ("network", "database"), {"event.action": "cmd", "event.outcome": "success"}, told=("cmd", "arg"),
        protocol="mysql",
    ),
    "notice": Log(_FOUND, {"file.name": "file_desc"}, told=("msg",), marks=("suppress_for", "actions")),
    "notice_alarm": Log(_FOUND, {"file.name": "file_desc"}, told=("msg",)),
    "ntlm": Log(
        _LOGIN,
        {
            "destination.domain": ("server_dns_computer_name", "server_nb_computer_name"),
            "event.outcome": "success",
            "source.address": "hostname",
            "user.domain": "domainname",
            "user.name": "username",
        },
        told=("username", "hostname"),
        marks=("server_nb_computer_name", "server_dns_computer_name", "domainname"),
        protocol="ntlm",
    ),
    "ntp": Log(_NETWORK, protocol="ntp", marks=("stratum",)),
    "ocsp": Log(_NETWORK, {"event.reason": "revokereason"}, told=("certStatus",), marks=("certStatus",)),
    "pe": Log(
        ("file",), told=("machine", "subsystem"), marks=("compile_ts", "section_names"),
    ),
    "quic": Log(
        _NETWORK, {"destination.domain": "server_name", "tls.client.server_name": "server_name"},
        told=("server_name",), marks=("client_initial_dcid",), protocol="quic",
    ),
    "radius": Log(
        _LOGIN, {"event.outcome": "result", "event.reason": "reply_msg", "user.name": "username"},
        told=("username", "result"), marks=("framed_addr", "tunnel_client", "connect_info"), protocol="radius",
    ),
    "rdp": Log(
        _LOGIN, {"event.outcome": "result", "source.address": "client_name", "user.name": "cookie"},
        told=("cookie", "result"), marks=("security_protocol", "cookie"), protocol="rdp",
    ),
    "reporter": Log((), {"log.level": "level"}, told=("message",), marks=("location",)),
    "rfb": Log(
        _LOGIN, {"event.outcome": "auth"}, told=("desktop_name",), marks=("authentication_method",), protocol="rfb",
    ),
    "signatures": Log(
        _FOUND,
        {
            "destination.ip": "dst_addr",
            "destination.port": "dst_port",
            "event.action": "note",
            "rule.id": "sig_id",
            "rule.name": "sig_id",
            "source.ip": "src_addr",
            "source.port": "src_port",
        },
        told=("event_msg", "sub_msg"),
        marks=("sig_id",),
    ),
    "sip": Log(
        _NETWORK,
        {
            "event.action": "method",
            "event.code": "status_code",
            "event.outcome": "status_code",
            "event.reason": ("status_msg", "warning"),
            "url.original": "uri",
            "user_agent.original": "user_agent",
        },
        told=("method", "uri"),
        marks=("call_id", "request_from"),
        protocol="sip",
    ),
    # Behind `sip`, which has its columns and more.
    "http": Log(
        _WEB,
        {
            "destination.domain": "host",
            "event.outcome": "status_code",
            "file.name": ("resp_filenames", "orig_filenames"),
            "http.request.method": "method",
            "http.request.referrer": "referrer",
            "http.response.status_code": "status_code",
            "url.domain": "host",
            "url.original": "uri",
            "user.name": "username",
            "user_agent.original": "user_agent",
        },
        told=("host", "uri"),
        marks=("uri", "referrer", "resp_fuids"),
        protocol="http",
    ),
    "smb_cmd": Log(
        _FILE, {"event.action": "command", "event.reason": "status", "user.name": "username"},
        told=("command", "argument"), marks=("sub_command",), protocol="smb",
    ),
    "smb_files": Log(
        _FILE, {"event.action": "action", "file.size": "size"},
        told=("action", "name"), marks=("times.modified",), protocol="smb",
    ),
    "smb_mapping": Log(
        _FILE, {"file.path": "path"}, told=("path",), marks=("share_type", "native_file_system"), protocol="smb",
    ),
    "smtp": Log(
        _MAIL,
        {
            "client.ip": "x_originating_ip",
            "email.from.address": ("mailfrom", "from"),
            "email.subject": "subject",
            "email.to.address": ("rcptto", "to"),
            "event.reason": "last_reply",
            "source.domain": "helo",
            "user_agent.original": "user_agent",
        },
        told=("mailfrom", "subject"),
        marks=("mailfrom", "rcptto", "helo"),
        protocol="smtp",
    ),
    "snmp": Log(_NETWORK, told=("display_string",), marks=("community", "get_requests"), protocol="snmp"),
    "socks": Log(
        _NETWORK,
        {"destination.domain": "request.name", "event.outcome": "status", "user.name": "user"},
        told=("request.name", "request.host"), marks=("request.host", "request.name", "request_p"), protocol="socks",
    ),
    "software": Log(
        _HOST, {"host.ip": "host"}, told=("host", "unparsed_version", "name"), marks=("software_type",)
    ),
    "ssh": Log(
        _LOGIN, {"event.outcome": "auth_success", "network.direction": "direction"},
        told=("client", "server"), marks=("auth_attempts", "auth_success", "host_key", "kex_alg"), protocol="ssh",
    ),
    "ssl": Log(
        _NETWORK,
        {
            "destination.domain": "server_name",
            "event.outcome": "established",
            "event.reason": "validation_status",
            "tls.client.ja3": "ja3",
            "tls.client.ja4": "ja4",
            "tls.client.server_name": "server_name",
            "tls.server.ja3s": "ja3s",
            "tls.server.subject": "subject",
            "tls.version": "version",
        },
        told=("server_name", "subject"),
        marks=("established", "cipher", "server_name"),
        protocol="tls",
    ),
    "stats": Log((), told=("peer",), marks=("pkts_proc",)),
    "syslog": Log(_NETWORK, {"log.level": "severity"}, told=("message",), marks=("facility",), protocol="syslog"),
    "traceroute": Log(_FOUND, told=("src", "dst")),
    "tunnel": Log(
        _NETWORK, {"event.action": "action", "network.protocol": "tunnel_type"},
        told=("tunnel_type", "action"), marks=("tunnel_type",),
    ),
    "weird": Log(_NETWORK, told=("addl",)),
    "weird_stats": Log(_NETWORK, {"event.action": "name"}, told=("name", "num_seen"), marks=("num_seen",)),
    "x509": Log(
        _NETWORK, {"tls.server.subject": "certificate.subject"},
        told=("certificate.subject",), marks=("certificate.serial", "certificate.subject"),
    ),
}  # fmt: skip
OTHER = Log(_NETWORK, told=("msg", "query", "server_name", "host", "uri"))
"""What is known of a log that has no row."""

_BY_MARK = tuple((mark, name) for name, log in LOGS.items() for mark in log.marks)


def by_columns(record: JsonObject) -> str | None:
    """The log that the record's columns are of."""
    return next((name for mark, name in _BY_MARK if mark in record), None)
