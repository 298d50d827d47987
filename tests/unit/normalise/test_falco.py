"""Falco: priorities, containers, ATT&CK tags, both spellings of its fields."""

import pytest

from shared.normalise.event import Rejected
from tests.unit.normalise.given import at, event, lines, outcome

SHELL, SECRET, OUTBOUND, OLD = lines("falco.ndjson")


def test_an_alert() -> None:
    found = event(SHELL)
    assert (found.kind, found.severity, found.dataset) == ("alert", 3, "falco.syscall")
    assert found.title == found.rule_id == "Example shell in container"
    assert found.time.isoformat() == "2026-11-20T11:00:00.123000+00:00"
    assert found.techniques == ["T1059.004"]
    assert at(found, "threat.tactic.id") == ["TA0002"]
    assert at(found, "tags") == ["container", "maturity_stable"]
    assert at(found, "container.image.name") == "registry.example/shop:1.2"
    assert at(found, "orchestrator.resource.name") == "shop-1"
    assert at(found, "process.parent.name") == "nginx"


def test_outside_of_containers_and_words_for_nothing() -> None:
    found = event(SECRET)
    assert at(found, "container") is None
    assert at(found, "orchestrator") is None
    assert at(found, "file.path") == "/etc/shadow"
    assert at(found, "event.category") == ["process", "file"]
    assert at(found, "threat.tactic.name") == ["Credential Access"]


def test_flattened_fields_and_a_time_among_them() -> None:
    found = event(OUTBOUND)
    assert found.time.isoformat() == "2025-11-20T11:00:02+00:00"
    assert at(found, "destination.ip") == "198.51.100.60"
    assert at(found, "event.category") == ["process", "network"]
    assert found.severity == 4


def test_sidekicks_uuid_is_of_the_receipt_and_does_not_count() -> None:
    again = OUTBOUND.replace(b"11111111-2222", b"99999999-2222")
    assert event(OUTBOUND).id == event(again).id
    assert event(OUTBOUND).digest == event(again).digest


def test_sidekicks_post_is_falcos_under_its_own_name_too() -> None:
    sent = event(SIDEKICK, hint="falcosidekick")
    assert sent == event(SIDEKICK) == event(SIDEKICK, hint="falco")
    assert (sent.rule_id, sent.module, sent.severity) == ("Example write below etc", "falco", 4)
    assert at(sent, "process.command_line") == "tee /etc/example.conf"
    assert at(sent, "container.image.name") == "registry.example/shop:1.2"
    assert sent.techniques == ["T1543"]
    assert at(sent, "tags") == ["filesystem"]


def test_sidekicks_post_with_next_to_nothing_in_it() -> None:
    bare = event({**SIDEKICK, "output_fields": {"custom": ""}, "tags": None, "hostname": ""}, hint="falcosidekick")
    assert (bare.rule_id, bare.severity) == ("Example write below etc", 4)
    assert at(bare, "process") is None
    refused = outcome({"rule": "x"}, hint="falcosidekick")
    assert isinstance(refused, Rejected)
    assert "(format falco)" in refused.detail


SIDEKICK = {
    "uuid": "11111111-2222-3333-4444-666666666666",
    "output": "11:00:04.000000004: Error Example file below /etc opened for writing",
    "priority": "Error",
    "rule": "Example write below etc",
    "time": "2026-11-20T11:00:04.000000004Z",
    "source": "syscall",
    "hostname": "node-c",
    "tags": ["", "filesystem", "T1543", ""],
    "output_fields": {
        "container_id": "eeeeffff0000", "container_image_repository": "registry.example/shop",
        "container_image_tag": "1.2", "evt_time": 1763636404000000004, "fd_name": "/etc/example.conf",
        "proc_cmdline": "tee /etc/example.conf", "proc_name": "tee", "user_name": "root",
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("priority", "severity"),
    [("Emergency", 5), ("ALERT", 5), ("critical", 5), ("Error", 4), ("Warning", 3), ("Notice", 2),
     ("Informational", 1), ("Debug", 1), ("Odd", 3)],
)  # fmt: skip
def test_severity(priority: str, severity: int) -> None:
    found = event(SHELL.replace(b'"Warning"', f'"{priority}"'.encode()))
    assert found.severity == severity
    assert ("severity_unmapped" in at(found, "tags")) == (priority == "Odd")


def test_an_old_version_without_host() -> None:
    assert at(event(OLD), "host") is None


def test_two_alerts_a_nanosecond_apart_are_two() -> None:
    later = SHELL.replace(b'00.123456789Z"', b'00.123456790Z"')
    assert event(SHELL).id != event(later).id
