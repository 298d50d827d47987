"""Zeek logs as JSON: notice, conn, dns, ssl, weird; keys dotted as Zeek writes them."""

from datetime import datetime
from random import Random

from deploy.demo.generator.company import NETWORK_SENSOR
from deploy.demo.generator.happening import Flow, Happening, Record

FORMAT = "zeek_json"


def notice(
    at: datetime, note: str, message: str, *, sub: str = "", flow: Flow | None = None, **fields: object
) -> Happening:
    """A notice, on a connection where there is one; `fields` such as `src`, `dst`, `p` go in as they are."""
    record: Record = {"_path": "notice", "ts": at.timestamp()}
    if flow is not None:
        record |= _ends(flow) | {"proto": flow.protocol.lower(), "src": flow.source, "dst": flow.target, "p": flow.port}
    record |= {"note": note, "msg": message, "actions": ["Notice::ACTION_LOG"], "suppress_for": 3600.0}
    if sub:
        record["sub"] = sub
    return Happening(at, FORMAT, record | {"peer_descr": NETWORK_SENSOR} | fields)


def weird(at: datetime, name: str, flow: Flow, addl: str = "") -> Happening:
    """Something that the protocol does not allow."""
    record = {
        "_path": "weird",
        "ts": at.timestamp(),
        **_ends(flow),
        "name": name,
        "notice": False,
        "peer": NETWORK_SENSOR,
    }
    return Happening(at, FORMAT, record | {"addl": addl} if addl else record)


def conn(at: datetime, rng: Random, flow: Flow, *, sent: int | None = None, state: str = "SF") -> Happening:
    """A connection's summary; `sent` in bytes."""
    out, back = sent if sent is not None else rng.getrandbits(14), rng.getrandbits(17)
    record = {
        "_path": "conn", "ts": at.timestamp(), **_ends(flow), "proto": flow.protocol.lower(),
        "duration": rng.getrandbits(16) / 1000, "orig_bytes": out, "resp_bytes": back, "conn_state": state,
        "local_orig": flow.source.startswith("10."), "local_resp": flow.target.startswith("10."), "missed_bytes": 0,
        "history": "ShADadFf", "orig_pkts": out // 900 + 1, "resp_pkts": back // 900 + 1,
        "community_id": flow.community_id,
    }  # fmt: skip
    if flow.application:
        record["service"] = flow.application
    return Happening(at, FORMAT, record)


def dns(at: datetime, rng: Random, flow: Flow, name: str, answers: list[str]) -> Happening:
    """A question and its answers."""
    record = {
        "_path": "dns", "ts": at.timestamp(), **_ends(flow), "proto": "udp", "trans_id": rng.getrandbits(16),
        "query": name, "qclass": 1, "qclass_name": "C_INTERNET", "qtype": 1, "qtype_name": "A",
        "rcode_name": "NOERROR", "AA": False, "TC": False, "RD": True, "RA": True, "answers": answers,
        "rejected": False,
    }  # fmt: skip
    return Happening(at, FORMAT, record)


def ssl(at: datetime, flow: Flow, name: str, ja3: str, *, valid: bool = True) -> Happening:
    """A handshake."""
    record = {
        "_path": "ssl", "ts": at.timestamp(), **_ends(flow), "version": "TLSv12", "server_name": name,
        "resumed": False, "established": True, "ja3": ja3,
        "validation_status": "ok" if valid else "self signed certificate",
    }  # fmt: skip
    return Happening(at, FORMAT, record)


def _ends(flow: Flow) -> Record:
    return {
        "uid": flow.uid, "id.orig_h": flow.source, "id.orig_p": flow.source_port,
        "id.resp_h": flow.target, "id.resp_p": flow.port,
    }  # fmt: skip
