"""Falco alerts: what a container or a host did that it should not."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from deploy.demo.generator import attack
from deploy.demo.generator.company import Host
from deploy.demo.generator.happening import Flow, Happening, Record

FORMAT = "falco"


@dataclass(frozen=True)
class Rule:
    name: str
    priority: str
    techniques: tuple[str, ...] = ()
    source: str = "syscall"


@dataclass(frozen=True)
class Pod:
    name: str
    namespace: str
    container_id: str
    image: str


def alert(
    at: datetime, rng: Random, rule: Rule, host: Host, pod: Pod | None,
    *, command: str, parent: str = "containerd-shim", user: str = "root", file: str = "", flow: Flow | None = None,
) -> Happening:  # fmt: skip
    """Falco writes the moment in nanoseconds, twice: as text and as a number in the fields."""
    nanoseconds = int(at.timestamp()) * 1_000_000_000 + at.microsecond * 1000 + rng.randrange(1000)
    process = command.split(" ", 1)[0].rpartition("/")[2]
    fields: Record = {
        "evt.time": nanoseconds,
        "evt.type": "openat" if file else "connect" if flow else "execve",
        "proc.name": process,
        "proc.pid": rng.randrange(1000, 60_000),
        "proc.cmdline": command,
        "proc.exepath": f"/usr/bin/{process}",
        "proc.pname": parent,
        "user.name": user,
        "user.uid": 0 if user == "root" else 1000,
        "container.id": pod.container_id if pod else "host",
    }
    if pod:
        fields |= {"container.image.repository": pod.image, "k8s.ns.name": pod.namespace, "k8s.pod.name": pod.name}
    if file:
        fields["fd.name"] = file
    if flow:
        fields |= {
            "fd.name": f"{flow.source}:{flow.source_port}->{flow.target}:{flow.port}", "fd.cip": flow.source,
            "fd.cport": flow.source_port, "fd.sip": flow.target, "fd.sport": flow.port, "fd.l4proto": "tcp",
        }  # fmt: skip
    clock = at.strftime("%H:%M:%S")
    record = {
        "hostname": host.name,
        "output": f"{clock}.{nanoseconds % 1_000_000_000:09}: {rule.priority} {rule.name} | " + _words(fields),
        "output_fields": fields,
        "priority": rule.priority,
        "rule": rule.name,
        "source": rule.source,
        "tags": _tags(rule, container=pod is not None),
        "time": at.strftime("%Y-%m-%dT%H:%M:%S") + f".{nanoseconds % 1_000_000_000:09}Z",
    }
    return Happening(at, FORMAT, record)


def _words(fields: Record) -> str:
    shown = ("user.name", "proc.cmdline", "proc.pname", "fd.name", "container.id", "k8s.pod.name")
    return " ".join(f"{name.rpartition('.')[2]}={fields[name]}" for name in shown if name in fields)


def _tags(rule: Rule, *, container: bool) -> list[str]:
    tactics = (attack.tactic(technique)[1] for technique in rule.techniques)
    tags = [f"mitre_{tactic.lower().replace(' ', '_')}" for tactic in tactics]
    return ["maturity_stable", "container" if container else "host", *dict.fromkeys(tags), *rule.techniques]
