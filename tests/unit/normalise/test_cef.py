"""CEF: escapes, values with spaces and `=`, whose time, whose severity, alert or log, identity and groups."""

from datetime import UTC, datetime

import pytest

from shared.normalise import cef, device_events
from tests.unit.normalise.given import RECEIVED_AT, at, event, lines

SCAN, TRAFFIC, MAIL, WAZUH = lines("cef.txt")


def given(extension: str, severity: str = "5", name: str = "Thing happened", header: str = "") -> bytes:
    return f"{header}CEF:0|Example|Guard|1|100|{name}|{severity}|{extension}".encode()


def test_a_whole_record() -> None:
    found = event(SCAN)
    assert (found.kind, found.severity, found.title, found.rule_id) == ("alert", 4, "Port scan \\ sweep", "100210")
    assert (found.module, found.dataset) == ("example_works", "cef.example_works.guard_gate")
    assert found.time.isoformat() == "2026-11-20T14:00:00.250000+00:00"
    assert found.techniques == ["T1046"]
    expected = {
        "message": "Many ports\nin a row", "event.action": "Blocked", "event.type": ["denied"], "event.severity": 8,
        "event.category": ["intrusion_detection"], "source.ip": "198.51.100.7", "source.port": 40111,
        "source.bytes": 120,
        "destination.ip": "10.4.0.9", "destination.port": 22, "destination.bytes": 4096, "host.name": "gate-1",
        "host.ip": "10.4.0.1", "user.name": "ann", "user.domain": "EXAMPLE", "user.id": "u-7",
        "user.target.name": "bob",
        "network.transport": "tcp", "network.direction": "inbound", "agent.id": "D-1",
        "observer.vendor": "Example Works",
        "observer.product": "Guard | Gate", "observer.version": "4.2", "observer.name": "gate-1",
        "labels": {"Policy name": "Deny all = default", "Note": "see T1046 and CVE-2024-12345"},
        "vulnerability.id": ["CVE-2024-12345"], "alert.source_id": "E-901", "tags": None,
    }  # fmt: skip
    assert {path: at(found, path) for path in expected} == expected


@pytest.mark.parametrize(("vendor", "expected"), [("Example", (100, 200)), ("Fortinet", (200, 100))])
def test_whose_bytes(vendor: str, expected: tuple[int, int]) -> None:
    found = event(given("rt=1795183202000 in=100 out=200").replace(b"|Example|", f"|{vendor}|".encode()))
    assert (at(found, "source.bytes"), at(found, "destination.bytes")) == expected


def test_a_connection_is_a_log_and_has_the_web_in_it() -> None:
    found = event(TRAFFIC)
    assert (found.kind, found.title, found.severity) == ("telemetry", "TRAFFIC end", 2)
    expected = {
        "url.full": "https://shop.example/a?b=c&d=e", "url.domain": "shop.example", "url.path": "/a",
        "http.request.method": "GET", "user_agent.original": "Mozilla/5.0 (Example)", "network.protocol": "ssl",
        "event.type": ["allowed"], "event.start": "2026-11-20T14:00:01.000Z", "host.name": "gate-2",
    }  # fmt: skip
    assert {path: at(found, path) for path in expected} == expected


def test_mail_with_several_recipients_and_a_path_that_was_not_escaped() -> None:
    found = event(MAIL)
    assert at(found, "email.from.address") == "eve@example.net"
    assert at(found, "email.to.address") == ["ann@example.org", "bob@example.org"]
    assert (at(found, "file.path"), at(found, "file.name")) == ("C:\\Temp\\new.exe", "new.exe")
    assert at(found, "file.hash.md5") == "d41d8cd98f00b204e9800998ecf8427e"


@pytest.mark.parametrize(
    ("extension", "expected"),
    [
        ("msg=a b=c", {"msg": "a", "b": "c"}),
        ("msg=x y z act=block", {"msg": "x y z", "act": "block"}),
        ("request=/a?b=c&d=e f=g", {"request": "/a?b=c&d=e", "f": "g"}),
        (r"msg=Id\=1 and \\ and \r\n end\|", {"msg": "Id=1 and \\ and \r\n end|"}),
        ('act="DROP" cat="two words"', {"act": "DROP", "cat": "two words"}),
        (r"filePath=C:\\new\\x", {"filePath": "C:\\new\\x"}),
        (r"filePath=C:\new\x", {"filePath": "C:\\new\\x"}),
        (
            r"suser=CORP\nancy duser=CORP\\rob cs1=a\nb\=c",
            {
                "suser": r"CORP\nancy",
                "duser": r"CORP\rob",
                "cs1": r"a\nb=c",
            },
        ),
        ("src= dst=192.0.2.1", {"dst": "192.0.2.1"}),
        ("duser=ann duser=eve", {"duser": "ann"}),
        ("ad.vd=root Key[0]=v", {"ad.vd": "root", "Key[0]": "v"}),
        (" lost words src=192.0.2.1", {"src": "192.0.2.1"}),
        ("", {}),
    ],
)
def test_the_extension(extension: str, expected: dict[str, str]) -> None:
    parsed = cef.parse(f"CEF:0|v|p|1|id|name|5|{extension}")
    assert parsed is not None
    assert parsed["extension"] == expected


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("CEF:0|v|p|1|id|name|5", "name"),
        (r"CEF:0|v|p|1|id|a \| b|5|x=y", "a | b"),
        (r"CEF:0|v|p|1|id|ends in \\|5|x=y", "ends in \\"),
        ("CEF: 0|v|p|1|id|name|5|", "name"),
        ("CEF:CEF:0|v|p|1|id|name|5|", "name"),
        ("CEF:1.2|v|p|1|id|name|5|", "name"),
        ("CEF:0|v|p|1|id|name", None),
        ("CEF:0|v|p|1|id|name|5 tail", "name"),
        ("CEF:x|v|p|1|id|name|5|", None),
    ],
)
def test_the_header(line: str, name: str | None) -> None:
    parsed = cef.parse(line)
    assert (parsed and parsed["name"]) == name


@pytest.mark.parametrize(
    ("value", "level"),
    [(str(number), level) for number, level in enumerate((2, 2, 2, 2, 3, 3, 3, 4, 4, 5, 5))]
    + [("5.0", 3), ("8.9", 4), ("10.0", 5), ("0.0", 2)]
    + [("Unknown", 1), ("low", 2), ("Medium", 3), ("HIGH", 4), ("Very-High", 5)],
)
def test_the_severity(value: str, level: int) -> None:
    found = event(given("rt=1795183202000", value))
    assert (found.severity, at(found, "tags")) == (level, None)


@pytest.mark.parametrize("value", ["-1", "11", "11.5", "MAJOR", "Warning", "Error", "Log", "https", "5.0.1"])
def test_a_severity_that_no_table_knows(value: str) -> None:
    for name, kind in (("Malware found", "alert"), ("Thing happened", "alert"), ("Session opened", "telemetry")):
        found = event(given("rt=1795183202000", value, name))
        assert (found.kind, found.severity, at(found, "tags")) == (kind, 3, ["severity_unmapped"])


@pytest.mark.parametrize("value", ["", "None", "-"])
def test_no_severity_at_all(value: str) -> None:
    found = event(given("rt=1795183202000", value, "Malware found"))
    assert (found.kind, found.severity, at(found, "tags")) == ("alert", 3, ["severity_unmapped"])
    for name in ("Session opened", "Thing happened"):
        quiet = event(given("rt=1795183202000", value, name))
        assert (quiet.kind, quiet.severity, at(quiet, "tags")) == ("telemetry", 1, None)


@pytest.mark.parametrize(("level", "ours"), [(0, 1), (3, 1), (4, 2), (6, 2), (7, 3), (11, 3), (12, 4), (15, 5)])
def test_wazuhs_levels(level: int, ours: int) -> None:
    found = event(WAZUH.replace(b"|12|", f"|{level}|".encode()))
    assert (found.severity, at(found, "event.severity")) == (ours, level)


@pytest.mark.parametrize(
    ("name", "severity", "kind"),
    [
        ("Virus found", "2", "alert"),
        ("traffic:forward close", "3", "telemetry"),
        ("traffic:forward close", "8", "alert"),
        ("LogonReports", "1", "telemetry"),
        ("ADAPAlerts", "1", "alert"),
        ("Anything else", "1", "alert"),
        ("Anything else", "", "telemetry"),
        ("Login after brute force", "1", "alert"),
        ("web-infection", "4", "alert"),
        ("Device / Beaconing", "5", "alert"),
        ("Webshell upload", "6", "alert"),
        ("Keylogger removed from device", "3", "alert"),
        ("Credential theft on user account", "6", "alert"),
        ("Credential dumping by process", "6", "alert"),
        ("Privilege abuse by admin user", "6", "alert"),
        ("DNS tunneling", "6", "alert"),
        ("Golden ticket: Kerberos logon", "6", "alert"),
        ("Impossible travel logon", "6", "alert"),
        ("Kerberos service ticket for user", "6", "telemetry"),
        ("Credential of user validated", "6", "telemetry"),
        ("Logon", "6", "telemetry"),
    ],
)
def test_alert_or_log(name: str, severity: str, kind: str) -> None:
    assert event(given("rt=1795183202000", severity, name)).kind == kind


@pytest.mark.parametrize(
    ("extension", "header", "time", "unclocked"),
    [
        ("rt=Nov 20 2026 15:00:02 start=1", "", "14:00:02", False),
        ("rt=DATE start=1795183202000", "", "14:00:02", False),
        ("rt=Nov 20 2026 15:00:02 dtz=America/New_York", "", "20:00:02", False),
        ("rt=Nov 20 15:00:02", "", "14:00:02", True),
        ("rt=Nov 20 15:00:02", "<1>1 2026-11-20T14:00:05Z g a 1 - - ", "14:00:05", False),
        ("rt=DATE", "<1>1 2026-11-20T14:00:05Z g a 1 - - ", "14:00:05", False),
        ("rt=DATE", "<1>Nov 20 15:00:05 g ", "14:00:05", True),
        ("FTNTFGTeventtime=1795183202000000000", "", "14:00:02", False),
    ],
)
def test_whose_time(extension: str, header: str, time: str, unclocked: bool) -> None:
    found = event(given(extension, header=header))
    assert found.time.strftime("%H:%M:%S") == time
    assert (found.id.int >> 80 == 0) == unclocked
    later = event(given(extension, header=header), received_at=datetime(2026, 11, 22, tzinfo=UTC))
    assert (found.id, found.twin_id) == (later.id, later.twin_id)


def test_the_devices_zone_is_for_all_its_times() -> None:
    found = event(given("rt=Nov 20 2026 15:00:02 start=Nov 20 2026 15:00:01 dtz=America/New_York"))
    assert at(found, "event.start") == "2026-11-20T20:00:01.000Z"


def test_no_time_at_all() -> None:
    found = event(given("src=192.0.2.1"))
    assert (found.time, found.id.version, at(found, "tags")) == (RECEIVED_AT, 7, ["time_missing"])


def test_what_tells_records_apart() -> None:
    line = given("rt=1795183202000 src=192.0.2.1")
    assert event(line, ordinal=0).id != event(line, ordinal=1).id
    assert event(line).id != event(line + b" dpt=1").id
    numbered = given("rt=1795183202000 externalId=7")
    assert event(numbered, ordinal=0).id != event(numbered, ordinal=1).id
    assert event(numbered).id != event(numbered + b" dpt=1").id
    first, second = (given("src=192.0.2.1", header=f"<1>Nov 20 15:00:0{second} g ") for second in (5, 6))
    assert event(first).id != event(second).id
    assert event(first).digest == event(second).digest


@pytest.mark.parametrize("line", [given("src=192.0.2.1"), b"LEEF:1.0|V|P|1|E|src=192.0.2.1"])
def test_a_known_moment_is_the_same_in_every_spelling(line: bytes) -> None:
    spelled = ("2026-11-20T14:00:02Z", "2026-11-20T14:00:02+00:00", "2026-11-20T15:00:02.000+01:00")
    assert len({event(f"<134>1 {time} g a 1 - - ".encode() + line).id for time in spelled}) == 1
    yearless = (b"<134>Nov 20 15:00:02 g ", b"<134>Nov 20 15:00:03 g ")
    assert len({event(header + line).id for header in yearless}) == 2


def test_a_number_that_may_be_a_kinds_identifies_no_event() -> None:
    line = given("externalId=4625 src=192.0.2.1")
    assert event(line).id != event(line).id
    assert at(event(line), "tags") == ["time_missing"]
    assert at(event(line), "alert.source_id") == "4625"


@pytest.mark.parametrize(
    ("words", "type_"),
    [
        *((word, "denied") for word in (
            "Blocked", "deny", "DENIED", "drop-all", "block-url", "reset-both", "Reset", "request rejected",
            "userBlocked", "ActionQuarantine", "prevented", "Process Terminated",
        )),
        *((word, "allowed") for word in (
            "allow", "Permitted", "pass", "passed", "passthrough", "DELIVERED", "forwarded",
        )),
        *((word, None) for word in (
            "Identified", "Credential Access", "Password Reset", "resident", "Delete", "File cleaned", "not blocked",
            "NotBlocked", "Unblocked", "un-blocked", "Password Changed", "bypass", "Dropbox upload", "Not Allowed", "",
        )),
    ],
)  # fmt: skip
def test_what_the_device_did(words: str, type_: str | None) -> None:
    assert device_events.permitted(words) == (None if type_ is None else (type_,))


def test_what_groups() -> None:
    base = given("rt=1795183202000 src=192.0.2.1 dst=192.0.2.2 duser=ann")
    same = event(base.replace(b"202000", b"203000") + b" spt=7").fingerprint
    assert event(base).fingerprint == same
    for changed in (b"src=192.0.2.9", b"dst=192.0.2.9", b"duser=bob"):
        key = changed.partition(b"=")[0]
        part = next(
            each for each in base.split() if each.endswith(key + b"=" + each.partition(b"=")[2]) and key in each
        )
        assert event(base.replace(part, changed)).fingerprint != same
    assert event(base.replace(b"|100|", b"|101|")).fingerprint != same


@pytest.mark.parametrize(
    ("url", "full", "domain", "path"),
    [
        ("/a/b?c=d", None, None, "/a/b"),
        ("shop.example/a", None, "shop.example", "/a"),
        ("http://[bad", None, None, None),
    ],
)
def test_requests(url: str, full: str | None, domain: str | None, path: str | None) -> None:
    found = event(given(f"rt=1795183202000 request={url}"))
    assert at(found, "url.original") == url
    assert (at(found, "url.full"), at(found, "url.domain"), at(found, "url.path")) == (full, domain, path)


def test_accounts_words_for_nothing_hosts_without_an_address_and_folders() -> None:
    found = event(given(r"rt=1795183202000 suser=EXAMPLE\\ann reason=N/A shost=pc-9 filePath=C:\\Temp\\ fname=a.exe"))
    expected = {
        "user.name": "ann", "user.domain": "EXAMPLE", "event.reason": None, "source.address": "pc-9", "source.ip": None,
        "file.path": "C:\\Temp\\a.exe", "file.name": "a.exe",
    }  # fmt: skip
    assert {path: at(found, path) for path in expected} == expected


@pytest.mark.parametrize(
    ("extension", "outcome"),
    [
        ("act=blocked", "failure"),
        ("act=allow", "success"),
        ("act=seen", None),
        ("act=allow outcome=Failed", "failure"),
        ("categoryOutcome=/Success", "success"),
    ],
)
def test_outcomes(extension: str, outcome: str | None) -> None:
    assert at(event(given(f"rt=1795183202000 {extension}")), "event.outcome") == outcome


def test_a_type_can_be_left_out() -> None:
    assert cef.type_of(cef.parse("CEF:0|v|p|1|TRAFFIC|end|3|") or {}) == "TRAFFIC"
