"""Suricata EVE records: alerts with ATT&CK metadata, and the flow, dns, http, tls, fileinfo and stats telemetry."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from deploy.demo.generator import attack
from deploy.demo.generator.company import NETWORK_SENSOR
from deploy.demo.generator.happening import Flow, Happening, Record

FORMAT = "suricata_eve"


@dataclass(frozen=True)
class Signature:
    """A rule of our own; `severity` is the metadata word that outranks `priority`."""

    sid: int
    title: str
    category: str
    priority: int
    severity: str = ""
    technique: str = ""


def alert(
    at: datetime, rng: Random, rule: Signature, flow: Flow, *, blocked: bool = False, **parts: Record
) -> Happening:
    """`parts` are the EVE objects beside the alert, such as `http`."""
    body: Record = {
        "action": "blocked" if blocked else "allowed",
        "gid": 1,
        "signature_id": rule.sid,
        "rev": 1 + rule.sid % 4,
        "signature": rule.title,
        "category": rule.category,
        "severity": rule.priority,
    }
    if metadata := _metadata(rule):
        body["metadata"] = metadata
    return _record(at, "alert", flow, tx_id=rng.getrandbits(3), alert=body, flow=_counters(at, rng, 12), **parts)


def flow_ended(at: datetime, rng: Random, flow: Flow, *, megabytes: float = 0) -> Happening:
    """A connection is over; `megabytes` went out through it."""
    counters = _counters(at, rng, 40) | {"end": _time(at), "age": rng.randrange(1, 60), "state": "closed"}
    if megabytes:
        counters["bytes_toserver"] = int(megabytes * 1_000_000)
    counters |= {"reason": "timeout", "alerted": False}
    return _record(at, "flow", flow, flow=counters)


def dns(at: datetime, rng: Random, flow: Flow, name: str, address: str) -> Happening:
    """A question that was answered."""
    kind = "AAAA" if ":" in address else "A"
    answer = {"rrname": name, "rrtype": kind, "ttl": 60 * rng.randrange(1, 60), "rdata": address}
    body = {
        "version": 2, "type": "answer", "id": rng.getrandbits(16), "rrname": name, "rrtype": kind,
        "rcode": "NOERROR", "answers": [answer],
    }  # fmt: skip
    return _record(at, "dns", flow, dns=body)


def http(at: datetime, flow: Flow, body: Record) -> Happening:
    """`body` is what `request` makes."""
    return _record(at, "http", flow, tx_id=0, http=body)


def request(host: str, url: str, agent: str, *, method: str = "GET", status: int = 200, length: int = 0) -> Record:
    """The `http` object of a transaction."""
    return {
        "hostname": host, "url": url, "http_user_agent": agent, "http_content_type": "text/html",
        "http_method": method, "protocol": "HTTP/1.1", "status": status, "length": length,
    }  # fmt: skip


def tls(at: datetime, flow: Flow, body: Record) -> Happening:
    """`body` is what `handshake` makes."""
    return _record(at, "tls", flow, tls=body)


def handshake(name: str, ja3: str, *, issuer: str = "CN=Example Issuing CA") -> Record:
    """The `tls` object of a connection."""
    return {"sni": name, "version": "TLS 1.2", "subject": f"CN={name}", "issuerdn": issuer, "ja3": {"hash": ja3}}


def fileinfo(at: datetime, flow: Flow, *, filename: str, sha256: str, size: int) -> Happening:
    """A file went by."""
    body = {"filename": filename, "sha256": sha256, "size": size, "state": "CLOSED", "stored": False}
    return _record(at, "fileinfo", flow, fileinfo=body)


def stats(at: datetime, rng: Random) -> Happening:
    """The sensor's own counters, left out by default."""
    packets = 1_000_000 + rng.getrandbits(20)
    capture = {"kernel_packets": packets, "kernel_drops": rng.getrandbits(6)}
    record = {
        "timestamp": _time(at), "event_type": "stats", "host": NETWORK_SENSOR,
        "stats": {"uptime": int(at.timestamp()) % 864_000, "capture": capture, "decoder": {"pkts": packets}},
    }  # fmt: skip
    return Happening(at, FORMAT, record)


def _record(at: datetime, event_type: str, ends: Flow, /, tx_id: int | None = None, **parts: Record) -> Happening:
    record: Record = {
        "timestamp": _time(at),
        "flow_id": ends.number,
        "in_iface": "eth1",
        "host": NETWORK_SENSOR,
        "event_type": event_type,
        "src_ip": ends.source,
        "src_port": ends.source_port,
        "dest_ip": ends.target,
        "dest_port": ends.port,
        "proto": ends.protocol,
        "community_id": ends.community_id,
    }
    if tx_id is not None:
        record["tx_id"] = tx_id
    if ends.application:
        record["app_proto"] = ends.application
    return Happening(at, FORMAT, record | parts)


def _metadata(rule: Signature) -> Record:
    metadata: Record = {"signature_severity": [rule.severity]} if rule.severity else {}
    if rule.technique:
        tactic, tactic_name = attack.tactic(rule.technique)
        metadata |= {
            "mitre_tactic_id": [tactic],
            "mitre_tactic_name": [tactic_name.replace(" ", "_")],
            "mitre_technique_id": [rule.technique],
            "mitre_technique_name": [attack.name(rule.technique).replace(" ", "_")],
        }
    return metadata


def _counters(at: datetime, rng: Random, most: int) -> Record:
    there, back = rng.randrange(1, most), rng.randrange(1, most)
    started = at - timedelta(milliseconds=rng.randrange(5, 20_000))
    return {
        "pkts_toserver": there, "pkts_toclient": back, "bytes_toserver": there * 310, "bytes_toclient": back * 720,
        "start": _time(started),
    }  # fmt: skip


def _time(at: datetime) -> str:
    # Suricata writes the offset without a colon.
    return at.isoformat(timespec="microseconds")[:-6] + "+0000"
