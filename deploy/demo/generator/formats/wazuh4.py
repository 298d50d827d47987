"""Wazuh 4 alerts as alerts.json holds them: log, Sysmon, integrity and web rules."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from deploy.demo.generator import attack
from deploy.demo.generator.company import WAZUH_MANAGER, Host
from deploy.demo.generator.happening import Happening, Record

FORMAT = "wazuh4"


@dataclass(frozen=True)
class Rule:
    id: str
    level: int
    title: str
    groups: tuple[str, ...]
    techniques: tuple[str, ...] = ()


def alert(at: datetime, rng: Random, rule: Rule, host: Host, **parts: object) -> Happening:
    """`parts` stand beside the rule: `data`, `syscheck`, `full_log`, `location`, `decoder`."""
    described: Record = {
        "level": rule.level,
        "description": rule.title,
        "id": rule.id,
        "firedtimes": rng.randrange(1, 40),
        "mail": rule.level >= 12,
        "groups": list(rule.groups),
    }
    if rule.techniques:
        described["mitre"] = {
            "id": list(rule.techniques),
            "tactic": list(dict.fromkeys(attack.tactic(technique)[1] for technique in rule.techniques)),
            "technique": [attack.name(technique) for technique in rule.techniques],
        }
    record: Record = {
        "timestamp": at.isoformat(timespec="milliseconds")[:-6] + "+0000",
        "rule": described,
        "agent": {"id": host.agent, "name": host.name, "ip": host.address},
        "manager": {"name": WAZUH_MANAGER},
        # Wazuh's is seconds and the offset in the day's file, so unique per manager and day.
        "id": f"{int(at.timestamp())}.{rng.getrandbits(40)}",
        "decoder": {"name": "json"},
        "location": "EventChannel" if host.system == "windows" else "/var/log/auth.log",
    }
    return Happening(at, FORMAT, record | parts)


def sshd(rng: Random, text: str, source: str, user: str) -> Record:
    """The parts of a line that sshd wrote."""
    port = 32768 + rng.getrandbits(14)
    return {
        "decoder": {"parent": "sshd", "name": "sshd"},
        "data": {"srcip": source, "srcport": str(port), "dstuser": user},
        "full_log": f"sshd[{1000 + rng.getrandbits(14)}]: {text} {user} from {source} port {port} ssh2",
    }


def sysmon(event_id: int, host: Host, **fields: str) -> Record:
    """The parts of a Sysmon event; `fields` are its eventdata."""
    system = {
        "providerName": "Microsoft-Windows-Sysmon", "eventID": str(event_id), "computer": host.full_name,
        "channel": "Microsoft-Windows-Sysmon/Operational", "severityValue": "INFORMATION",
    }  # fmt: skip
    return {"decoder": {"name": "windows_eventchannel"}, "data": {"win": {"system": system, "eventdata": fields}}}


def security_log(event_id: int, host: Host, **fields: str) -> Record:
    """The parts of an event of Windows' Security channel."""
    system = {
        "providerName": "Microsoft-Windows-Security-Auditing", "eventID": str(event_id),
        "computer": host.full_name, "channel": "Security",
    }  # fmt: skip
    return {"decoder": {"name": "windows_eventchannel"}, "data": {"win": {"system": system, "eventdata": fields}}}


def syscheck(path: str, event: str, *, sha256: str, user: str, size: int) -> Record:
    """The parts of a file that was added, modified or deleted."""
    body = {
        "path": path, "mode": "realtime", "event": event, "size_after": str(size), "uname_after": user,
        "sha256_after": sha256,
    }  # fmt: skip
    text = f"File '{path}' {event}"
    return {"decoder": {"name": "syscheck_integrity"}, "location": "syscheck", "full_log": text, "syscheck": body}
