"""Senders we know nothing about: a mail gateway, a sign-in service, a web firewall, a door, each with its own words."""

from datetime import datetime
from random import Random

from deploy.demo.generator import attack
from deploy.demo.generator.company import Person
from deploy.demo.generator.happening import Happening, Record, zeek_uid

FORMAT = "json"


def sign_in(
    at: datetime, rng: Random, person: Person, address: str, *, outcome: str = "success", reason: str = "",
    agent: str = "", technique: str = "", title: str = "", severity: str = "",
) -> Happening:  # fmt: skip
    """The identity provider speaks ECS, nested. With a `title` it is an alert, else telemetry."""
    event: Record = {
        "id": zeek_uid(rng, "s"), "kind": "alert" if title else "event", "category": ["authentication"],
        "action": "sign-in", "outcome": outcome, "module": "identity", "dataset": "identity.sign_in",
    }  # fmt: skip
    if reason:
        event["reason"] = reason
    record: Record = {
        "@timestamp": _time(at),
        "event": event,
        "user": {"name": person.account, "email": person.email},
        "source": {"ip": address},
        "message": title or f"{person.name} signed in: {outcome}",
    }
    if agent:
        record["user_agent"] = {"original": agent}
    if title:
        record |= {"rule": {"id": f"identity-{title.lower().replace(' ', '-')}", "name": title}}
        record |= {"log": {"level": severity}}
    if technique:
        record["threat"] = _threat(technique)
    return Happening(at, FORMAT, record)


def mail(
    at: datetime, rng: Random, *, sender: str, person: Person, subject: str, address: str,
    verdict: str = "delivered", attachment: str = "", sha256: str = "", technique: str = "",
) -> Happening:  # fmt: skip
    """The mail gateway speaks ECS in dotted keys; what it did not simply deliver is an alert."""
    record: Record = {
        "@timestamp": _time(at),
        "event.id": zeek_uid(rng, "m"),
        "event.kind": "event" if verdict == "delivered" else "alert",
        "event.module": "mailgate",
        "event.dataset": "mailgate.messages",
        "event.action": verdict,
        "email.from.address": sender,
        "email.to.address": person.email,
        "email.subject": subject,
        "source.ip": address,
        "message": f"Mail from {sender} to {person.email}: {verdict}",
    }
    if attachment:
        record |= {"file.name": attachment, "file.hash.sha256": sha256}
    if verdict != "delivered":
        record |= {"rule.id": "mailgate-attachment", "rule.name": "Suspicious attachment", "log.level": "warning"}
    if technique:
        record["threat.technique.id"] = [technique]
        record["threat.technique.name"] = [attack.name(technique)]
    return Happening(at, FORMAT, record)


def web_firewall(
    at: datetime, rng: Random, *, rule_id: str, rule: str, severity: str, source: str, host: str, url: str,
    agent: str, action: str = "blocked", technique: str = "",
) -> Happening:  # fmt: skip
    """A web firewall with names of its own, which the plain reader knows by their aliases."""
    record: Record = {
        "timestamp": _time(at), "event": {"kind": "alert", "module": "webwall"}, "request_id": zeek_uid(rng, "w"),
        "rule_id": rule_id, "rule_name": rule, "severity": severity, "src_ip": source, "hostname": host,
        "method": "GET", "url": f"https://{host}{url}", "user_agent": agent, "action": action,
    }  # fmt: skip
    if technique:
        record["threat"] = _threat(technique)
    return Happening(at, FORMAT, record)


def door(at: datetime, rng: Random, person: Person) -> Happening:
    """A badge reader: flat, with seconds since 1970."""
    record = {
        "ts": int(at.timestamp()), "device": f"door-{rng.randrange(1, 9)}", "user": person.account,
        "action": "opened", "message": f"Badge of {person.name} accepted", "sequence": rng.getrandbits(32),
    }  # fmt: skip
    return Happening(at, FORMAT, record)


def _threat(technique: str) -> Record:
    tactic, tactic_name = attack.tactic(technique)
    return {
        "technique": {"id": [technique], "name": [attack.name(technique)]},
        "tactic": {"id": [tactic], "name": [tactic_name]},
    }


def _time(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
