"""What each shipper that the API gives a configuration for sends, as it sends it, to the real door."""

import gzip
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import orjson
import pytest

from services.api.sensors.snippets import KEY, Shipper, snippet
from shared.bus.messages import EventBatch
from tests.fixtures.rabbitmq import Rabbitmq
from tests.integration.ingest.doors import Client, Registered, alert, ndjson, taken

DOOR = "https://soc.example.org"
EVE = [orjson.dumps(alert(number)).decode() for number in (1, 2)]
SYSLOG = "<34>1 2026-11-24T10:00:0{}.003Z gate-1 sshd 4321 - - Failed password for root from 192.0.2.7 port 22 ssh2\n"


@dataclass(frozen=True)
class Sent:
    """A shipper's request, with the word for the key in the snippet where the key is; and what is in it."""

    body: bytes
    events: int
    module: str
    path: str = "/ingest/v1/events"
    headers: tuple[tuple[str, str], ...] = (("Authorization", f"Bearer {KEY}"),)


def _vector() -> bytes:
    around = {"file": "/var/log/suricata/eve.json", "host": "edge", "source_type": "file"}
    return gzip.compress(ndjson(*({**around, "message": line, "timestamp": "2026-11-24T10:00:02.1Z"} for line in EVE)))


FALCO = {
    "uuid": "5f3c9a0e-0000-4000-8000-000000000001", "output": "10:00:00.1: Warning A shell", "priority": "Warning",
    "rule": "Terminal shell in container", "time": "2026-11-24T10:00:00.1Z", "source": "syscall",
    "output_fields": {"proc.name": "sh", "user.name": "root"}, "hostname": "node-1", "tags": ["shell"],
}  # fmt: skip
FIRING = {
    "status": "firing", "labels": {"alertname": "DiskFull", "severity": "critical"}, "annotations": {"summary": "Full"},
    "startsAt": "2026-11-24T10:00:00Z", "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "", "fingerprint": "ab12",
}  # fmt: skip
WAZUH = {
    "timestamp": "2026-11-24T10:00:00.123+0000", "id": "1763978400.1",
    "rule": {"level": 10, "id": "5712", "description": "sshd: brute force", "groups": ["sshd"]},
    "agent": {"id": "001", "name": "web-1"}, "manager": {"name": "wazuh"}, "decoder": {"name": "sshd"},
    "location": "/var/log/auth.log", "data": {"srcip": "192.0.2.7"},
}  # fmt: skip

BEARER = ("Authorization", f"Bearer {KEY}")
API_KEY = ("X-API-Key", KEY)
SENT: dict[Shipper, Sent] = {
    Shipper.CURL: Sent(
        ndjson(alert(1), alert(2)),
        2,
        "suricata",
        headers=(BEARER, ("Content-Type", "application/x-www-form-urlencoded")),
    ),
    Shipper.VECTOR: Sent(
        _vector(),
        2,
        "suricata",
        headers=(BEARER, ("Content-Type", "application/x-ndjson"), ("Content-Encoding", "gzip")),
    ),
    Shipper.FLUENT_BIT: Sent(
        gzip.compress(ndjson(*({"date": "2026-11-24T10:00:02.1Z", "log": line} for line in EVE))),
        2,
        "suricata",
        headers=(API_KEY, ("Content-Type", "application/x-ndjson"), ("Content-Encoding", "gzip")),
    ),
    Shipper.LOGSTASH: Sent(
        gzip.compress(
            orjson.dumps([{"@timestamp": "2026-11-24T10:00:02Z", "@version": "1", "message": line} for line in EVE])
        ),
        2,
        "suricata",
        headers=(BEARER, ("Content-Type", "application/json"), ("Content-Encoding", "gzip")),
    ),
    Shipper.RSYSLOG: Sent(
        "\n".join(SYSLOG.format(second) for second in (1, 2)).encode(),
        2,
        "syslog",
        headers=(API_KEY, ("Content-Type", "text/plain")),
    ),
    Shipper.FALCOSIDEKICK: Sent(
        orjson.dumps(FALCO), 1, "falco", headers=(BEARER, ("Content-Type", "application/json; charset=utf-8"))
    ),
    Shipper.ALERTMANAGER: Sent(
        orjson.dumps(
            {
                "version": "4",
                "groupKey": "{}:{}",
                "status": "firing",
                "receiver": "eventsec",
                "truncatedAlerts": 0,
                "groupLabels": {},
                "commonLabels": {},
                "commonAnnotations": {},
                "externalURL": "",
                "alerts": [FIRING],
            }
        ),
        1,
        "alertmanager",
        headers=(BEARER, ("Content-Type", "application/json")),
    ),
    Shipper.WAZUH: Sent(
        orjson.dumps(
            {
                "severity": 2,
                "pretext": "WAZUH Alert",
                "title": "sshd: brute force",
                "text": None,
                "rule_id": "5712",
                "timestamp": WAZUH["timestamp"],
                "id": WAZUH["id"],
                "all_fields": WAZUH,
            }
        ),
        1,
        "wazuh",
        path=f"/ingest/v1/hook/{KEY}",
        headers=(("Content-Type", "application/json"),),
    ),
}


@pytest.mark.parametrize("shipper", Shipper)
async def test_what_a_shipper_sends_is_taken_in(
    shipper: Shipper, door: Client, sensor: Registered, rabbitmq: Rabbitmq
) -> None:
    sent = SENT[shipper]
    headers = {name: value.replace(KEY, sensor.key) for name, value in sent.headers}
    reply = await door.http.post(sent.path.replace(KEY, sensor.key), content=sent.body, headers=headers)
    assert reply.status_code == 202, reply.text
    found = [item.event for envelope in await taken(rabbitmq, "events.received", EventBatch) for item in envelope.items]
    assert [event.module for event in found] == [sent.module] * sent.events
    assert len({event.id for event in found}) == sent.events


@pytest.mark.parametrize("shipper", Shipper)
@pytest.mark.parametrize("door", [DOOR, "http://10.0.0.5:8080", "https://example.org/soc"])
def test_a_snippet_leads_there_with_that_key(shipper: Shipper, door: str) -> None:
    text, sent, parts = snippet(shipper, door).text, SENT[shipper], urlsplit(door)
    assert not re.search("@[A-Z]+@", text)
    assert (parts.path + sent.path).lstrip("/") in text
    assert parts.hostname is not None
    assert parts.hostname in text
    assert str(parts.port or 443) in text or door in text
    named = dict(sent.headers)
    assert ("X-API-Key" in text) == ("X-API-Key" in named)
    assert text.count(KEY) == 1
