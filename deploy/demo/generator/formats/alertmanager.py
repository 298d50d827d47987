"""Alertmanager webhook posts, version 4: groups of alerts that fire, fire again and are resolved."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from deploy.demo.generator.company import DOMAIN
from deploy.demo.generator.happening import Happening, Record

FORMAT = "alertmanager"

_URL = f"http://prometheus.{DOMAIN}"
_NEVER = "0001-01-01T00:00:00Z"


@dataclass(frozen=True)
class Firing:
    """One alert of a group, from when it began."""

    name: str
    severity: str
    instance: str
    summary: str
    began: datetime
    job: str = "node"
    more: tuple[tuple[str, str], ...] = ()


def post(at: datetime, firing: list[Firing], *, resolved: bool = False) -> Happening:
    """One webhook for alerts of one name; with `resolved` all of them are over."""
    status = "resolved" if resolved else "firing"
    name = firing[0].name
    record = {
        "version": "4",
        "receiver": "eventsec",
        "status": status,
        "groupKey": f'{{}}:{{alertname="{name}"}}',
        "groupLabels": {"alertname": name},
        "commonLabels": {"alertname": name, "job": firing[0].job},
        "commonAnnotations": {},
        "externalURL": f"http://alertmanager.{DOMAIN}",
        "truncatedAlerts": 0,
        "alerts": [_alert(one, at if resolved else None) for one in firing],
    }
    return Happening(at, FORMAT, record)


def _alert(one: Firing, ended: datetime | None) -> Record:
    labels = {
        "alertname": one.name, "instance": one.instance, "job": one.job, "severity": one.severity, **dict(one.more),
    }  # fmt: skip
    return {
        "status": "firing" if ended is None else "resolved",
        "labels": labels,
        "annotations": {"summary": one.summary, "description": f"{one.summary} (for more than 5 minutes)"},
        "startsAt": _time(one.began),
        "endsAt": _NEVER if ended is None else _time(ended),
        "generatorURL": f"{_URL}/graph?g0.expr=ALERTS&g0.tab=1",
        # Alertmanager's is FNV over the labels; any hash of the same will do, it only has to be stable.
        "fingerprint": hashlib.blake2b(repr(sorted(labels.items())).encode(), digest_size=8).hexdigest(),
    }


def _time(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
