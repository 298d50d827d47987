"""Zeek's logs by kind: each row's columns reach the ECS fields it names."""

from typing import Any

import pytest

from shared.normalise.fields import ECS_FIELDS
from shared.normalise.zeek_logs import LOGS, by_columns
from tests.unit.normalise.given import at, event

CONNECTION = {
    "ts": 1763625600.5,
    "uid": "CaaaaA1bbbbB2ccccC",
    "id.orig_h": "10.20.0.8",
    "id.orig_p": 40400,
    "id.resp_h": "198.51.100.43",
    "id.resp_p": 443,
}


def fields(stream: str, **columns: Any) -> dict[str, Any]:
    """What the document of a record of that log says, by dotted name."""
    found = event({"_path": stream, **CONNECTION, **columns})
    assert found.dataset == f"zeek.{stream}"
    return {name: value for name in ECS_FIELDS if (value := at(found, name)) is not None}


@pytest.mark.parametrize("stream", LOGS)
def test_every_row_names_fields_there_are(stream: str) -> None:
    assert LOGS[stream].fields.keys() <= ECS_FIELDS.keys()
    for mark in LOGS[stream].marks:
        assert by_columns({mark: 1}) == stream


CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "conn",
        {"proto": "TCP", "service": "ssl", "conn_state": "SF", "local_orig": True, "local_resp": False,
         "orig_bytes": 10, "orig_pkts": 1, "resp_bytes": 20, "resp_pkts": 2, "community_id": "1:abc"},
        {"network.transport": "tcp", "network.protocol": "ssl", "network.direction": "outbound",
         "source.bytes": 10, "source.packets": 1, "destination.bytes": 20, "destination.packets": 2,
         "network.community_id": "1:abc", "event.type": ["connection", "info"], "host.ip": "10.20.0.8",
         "message": "Zeek conn ssl SF"},
    ),
    ("conn", {"local_orig": False, "local_resp": True}, {"network.direction": "inbound"}),
    (
        "dns",
        {"query": "www.example.org", "qtype_name": "A", "rcode_name": "NOERROR",
         "answers": ["alias.example.org", "198.51.100.42"]},
        {"dns.question.name": "www.example.org", "dns.question.type": "A", "dns.response_code": "NOERROR",
         "dns.resolved_ip": ["198.51.100.42"], "network.protocol": "dns", "event.type": ["protocol", "info"]},
    ),
    (
        "http",
        {"host": "www.example.com", "uri": "/a?b=c", "method": "POST", "status_code": 404, "referrer": "x",
         "user_agent": "example/1.0", "username": "alice", "resp_filenames": ["a.exe"]},
        {"url.full": "http://www.example.com/a?b=c", "url.original": "/a?b=c", "url.path": "/a",
         "url.domain": "www.example.com", "destination.domain": "www.example.com", "http.request.method": "POST",
         "http.response.status_code": 404, "http.request.referrer": "x", "event.outcome": "failure",
         "user_agent.original": "example/1.0", "user.name": "alice", "file.name": ["a.exe"],
         "event.category": ["network", "web"]},
    ),
    (
        "ssl",
        {"server_name": "c2.example.net", "version": "TLSv12", "ja3": "a" * 32, "ja3s": "b" * 32, "ja4": "t13d",
         "established": False, "validation_status": "self signed certificate", "subject": "CN=c2"},
        {"tls.client.server_name": "c2.example.net", "destination.domain": "c2.example.net",
         "tls.version": "TLSv12", "tls.client.ja3": "a" * 32, "tls.server.ja3s": "b" * 32, "tls.client.ja4": "t13d",
         "event.outcome": "failure", "event.reason": "self signed certificate", "tls.server.subject": "CN=c2",
         "network.protocol": "tls"},
    ),
    ("x509", {"certificate.subject": "CN=www.example.com"}, {"tls.server.subject": "CN=www.example.com"}),
    ("x509", {"certificate_subject": "CN=www.example.com"}, {"tls.server.subject": "CN=www.example.com"}),
    (
        "files",
        {"source": "HTTP", "tx_hosts": ["198.51.100.43"], "rx_hosts": ["10.20.0.8"], "filename": "a.exe",
         "seen_bytes": 9, "md5": "a" * 32, "sha1": "b" * 40, "sha256": "c" * 64, "extracted": "x-1"},
        {"network.protocol": "http", "server.ip": ["198.51.100.43"], "client.ip": ["10.20.0.8"],
         "file.name": "a.exe", "file.size": 9, "file.hash.md5": "a" * 32, "file.hash.sha1": "b" * 40,
         "file.hash.sha256": "c" * 64, "file.path": "x-1"},
    ),
    ("files", {"total_bytes": 10, "seen_bytes": 9}, {"file.size": 10}),
    (
        "ssh",
        {"auth_success": False, "direction": "INBOUND", "client": "SSH-2.0-x"},
        {"event.outcome": "failure", "network.direction": "inbound", "network.protocol": "ssh",
         "event.category": ["network", "authentication"]},
    ),
    (
        "rdp",
        {"cookie": "alice", "result": "Success", "client_name": "PC-1"},
        {"user.name": "alice", "event.outcome": "success", "source.address": "PC-1"},
    ),
    (
        "kerberos",
        {"request_type": "TGS", "client": "alice/EXAMPLE.ORG", "service": "cifs/files.example.org",
         "success": False, "error_msg": "KDC_ERR_PREAUTH_FAILED"},
        {"user.name": "alice", "user.domain": "EXAMPLE.ORG", "event.action": "TGS", "event.outcome": "failure",
         "event.reason": "KDC_ERR_PREAUTH_FAILED", "network.protocol": "kerberos"},
    ),
    ("kerberos", {"client": "host/pc.example.org/EXAMPLE.ORG"}, {"user.name": "host/pc.example.org"}),
    ("kerberos", {"client": "alice"}, {"user.name": "alice"}),
    (
        "ntlm",
        {"username": "alice", "domainname": "EXAMPLE", "hostname": "PC-1", "success": True,
         "server_dns_computer_name": "files.example.org"},
        {"user.name": "alice", "user.domain": "EXAMPLE", "source.address": "PC-1", "event.outcome": "success",
         "destination.domain": "files.example.org"},
    ),
    (
        "smb_files",
        {"action": "SMB::FILE_OPEN", "path": "\\\\files\\share", "name": "dir\\a.doc", "size": 12},
        {"file.path": "\\\\files\\share\\dir\\a.doc", "file.name": "a.doc", "file.size": 12,
         "event.action": "SMB::FILE_OPEN", "event.category": ["network", "file"]},
    ),
    ("smb_mapping", {"path": "\\\\files\\share", "service": "DISK"}, {"file.path": "\\\\files\\share"}),
    (
        "smb_cmd",
        {"command": "NT_CREATE", "status": "ACCESS_DENIED", "username": "alice"},
        {"event.action": "NT_CREATE", "event.reason": "ACCESS_DENIED", "user.name": "alice"},
    ),
    ("dce_rpc", {"endpoint": "svcctl", "operation": "CreateServiceW"}, {"event.action": "CreateServiceW"}),
    (
        "dhcp",
        {"client_addr": "10.20.0.8", "server_addr": "10.20.0.1", "assigned_addr": "10.20.0.9", "host_name": "pc-1",
         "msg_types": ["REQUEST", "ACK"]},
        {"source.ip": "10.20.0.8", "destination.ip": "10.20.0.1", "host.ip": "10.20.0.9", "host.name": "pc-1",
         "event.action": ["REQUEST", "ACK"]},
    ),
    (
        "ftp",
        {"user": "alice", "command": "RETR", "arg": "ftp://198.51.100.43/a.zip", "reply_code": 550,
         "reply_msg": "No", "file_size": 5},
        {"user.name": "alice", "event.action": "RETR", "url.full": "ftp://198.51.100.43/a.zip", "event.code": "550",
         "event.outcome": "failure", "event.reason": "No", "file.size": 5},
    ),
    (
        "smtp",
        {"mailfrom": "a@example.com", "rcptto": ["b@example.org"], "subject": "Hi", "helo": "mx.example.com",
         "x_originating_ip": "198.51.100.9", "last_reply": "250 ok"},
        {"email.from.address": "a@example.com", "email.to.address": ["b@example.org"], "email.subject": "Hi",
         "source.domain": "mx.example.com", "client.ip": "198.51.100.9", "event.reason": "250 ok"},
    ),
    (
        "sip",
        {"method": "INVITE", "uri": "sip:b@example.org", "status_code": 200, "status_msg": "OK", "user_agent": "p/1"},
        {"event.action": "INVITE", "url.original": "sip:b@example.org", "event.code": "200",
         "event.outcome": "success", "event.reason": "OK", "user_agent.original": "p/1"},
    ),
    ("ftp", {"command": "CWD", "arg": "/etc"}, {"url.full": None, "url.original": None}),
    ("snmp", {"community": "public"}, {"network.protocol": "snmp"}),
    (
        "tunnel",
        {"tunnel_type": "Tunnel::VXLAN", "action": "Tunnel::DISCOVER"},
        {"network.protocol": "vxlan", "event.action": "Tunnel::DISCOVER"},
    ),
    (
        "software",
        {"host": "10.20.0.8", "software_type": "HTTP::BROWSER", "name": "Example", "unparsed_version": "Example 1"},
        {"host.ip": "10.20.0.8", "message": "Zeek software 10.20.0.8 Example 1 Example", "event.category": ["host"]},
    ),
    ("known_hosts", {"host": "10.20.0.9"}, {"host.ip": "10.20.0.9"}),
    (
        "known_services",
        {"host": "10.20.0.9", "port_num": 22, "port_proto": "tcp", "service": ["SSH"]},
        {"host.ip": "10.20.0.9", "destination.ip": "10.20.0.9", "destination.port": 22, "network.transport": "tcp",
         "network.protocol": ["ssh"]},
    ),
    (
        "known_certs",
        {"host": "10.20.0.9", "port_num": 443, "subject": "CN=x", "issuer_subject": "CN=ca"},
        {"host.ip": "10.20.0.9", "destination.port": 443, "tls.server.subject": "CN=x"},
    ),
    ("pe", {"machine": "AMD64", "subsystem": "WINDOWS_GUI"}, {"event.category": ["file"]}),
    ("radius", {"username": "alice", "result": "failed"}, {"user.name": "alice", "event.outcome": "failure"}),
    ("socks", {"request.name": "c2.example.net", "status": "succeeded"}, {"destination.domain": "c2.example.net"}),
    ("mysql", {"cmd": "query", "success": True}, {"event.action": "query", "event.outcome": "success"}),
    (
        "signatures",
        {"sig_id": "example-sig", "src_addr": "198.51.100.9", "src_port": 9, "dst_addr": "10.20.0.9", "dst_port": 80,
         "event_msg": "seen"},
        {"rule.id": "example-sig", "source.ip": "198.51.100.9", "source.port": 9, "destination.ip": "10.20.0.9",
         "destination.port": 80},
    ),
    ("capture_loss", {"percent_lost": 12.5, "peer": "worker-1"}, {"observer.name": "worker-1"}),
    ("stats", {"peer": "worker-1", "pkts_proc": 5}, {"message": "Zeek stats worker-1"}),
    ("reporter", {"level": "Reporter::WARNING", "message": "x"}, {"log.level": "warning"}),
    ("weird", {"name": "example_weird"}, {"rule.id": "example_weird", "event.action": "example_weird",
     "event.category": ["network", "intrusion_detection"]}),
    ("dpd", {"analyzer": "HTTP", "failure_reason": "not a http request"}, {"network.protocol": "http"}),
    ("quic", {"server_name": "www.example.com"}, {"tls.client.server_name": "www.example.com"}),
    ("never_heard_of", {"msg": "x"}, {"message": "Zeek never_heard_of x", "event.category": ["network"]}),
]  # fmt: skip


@pytest.mark.parametrize(("stream", "columns", "expected"), CASES)
def test_columns_reach_their_fields(stream: str, columns: dict[str, Any], expected: dict[str, Any]) -> None:
    found = fields(stream, **columns)
    assert {name: found.get(name) for name in expected} == expected


@pytest.mark.parametrize("stream", LOGS)
def test_only_notices_and_hits_of_intelligence_are_alerts(stream: str) -> None:
    kind = event({"_path": stream, **CONNECTION}).kind
    assert kind == ("alert" if stream in {"notice", "notice_alarm", "intel"} else "telemetry")


HIT = {
    **CONNECTION,
    "_path": "intel",
    "seen.indicator": "c2.example.net",
    "seen.indicator_type": "Intel::DOMAIN",
    "seen.where": "DNS::IN_REQUEST",
    "sources": ["feed-1"],
}


def test_a_hit_of_intelligence_folds_by_indicator_and_source() -> None:
    found = event(HIT)
    assert (found.kind, found.severity, found.rule_id) == ("alert", 4, "c2.example.net")
    assert found.title == "Intelligence hit: c2.example.net"
    assert at(found, "rule.category") == "Intel::DOMAIN"
    assert at(found, "rule.ruleset") == ["feed-1"]
    assert ("domain", "c2.example.net") in found.observables
    assert found.grouping == "zeek_json.intel@1"
    other_end = event({**HIT, "id.resp_h": "198.51.100.44", "uid": "C2"})
    assert other_end.fingerprint == found.fingerprint
    assert event({**HIT, "id.orig_h": "10.20.0.9"}).fingerprint != found.fingerprint
    assert event({**HIT, "seen.where": "HTTP::IN_HOST_HEADER"}).id != found.id


@pytest.mark.parametrize(
    ("kind", "indicator", "field"),
    [
        ("FILE_HASH", "a" * 32, "file.hash.md5"),
        ("FILE_HASH", "a" * 64, "file.hash.sha256"),
        ("URL", "c2.example.net/x", "url.full"),
        ("EMAIL", "a@example.com", "user.email"),
        ("USER_NAME", "mallory", "user.name"),
        ("FILE_NAME", "a.exe", "file.name"),
        ("ADDR", "198.51.100.43", "destination.ip"),
        ("ADDR", "203.0.113.9", "rule.id"),
        ("SUBNET", "198.51.100.0/24", "rule.id"),
    ],
)
def test_the_indicator_is_a_field_by_its_type(kind: str, indicator: str, field: str) -> None:
    found = event({**HIT, "seen.indicator": indicator, "seen.indicator_type": f"Intel::{kind}"})
    assert at(found, field) == indicator
    assert at(found, "destination.ip") == "198.51.100.43"


@pytest.mark.parametrize(
    "columns",
    [{"certificate.serial": "1"}, {"tx_hosts": ["10.0.0.1"]}, {"seen.indicator": "x"}, {"percent_lost": 1.5}],
)
def test_logs_without_a_connection_are_known_by_their_columns(columns: dict[str, Any]) -> None:
    assert event({"ts": 1763625600.5, **columns}).module == "zeek"
