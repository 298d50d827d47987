"""From the names of Windows event data to ECS: the one table for Winlogbeat's documents and for raw Windows events."""

from typing import Any

import msgspec

from shared.normalise import addresses, mitre, windows_ids
from shared.normalise.conform import integer, slug
from shared.normalise.decode import JsonObject
from shared.normalise.reading import first_text, listed

MAX_TEXT = 4096

# ECS name, then the names of event data that mean it: the first that says anything counts.
_NAMES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("process.executable", ("Image", "NewProcessName", "SourceImage", "ProcessName", "Application")),
    ("process.command_line", ("CommandLine",)),
    ("process.parent.executable", ("ParentImage", "ParentProcessName")),
    ("process.parent.command_line", ("ParentCommandLine",)),
    ("file.path", ("TargetFilename", "ImageLoaded", "ImagePath", "ServiceFileName", "RelativeTargetName")),
    ("registry.path", ("TargetObject",)),
    ("source.ip", ("SourceIp", "IpAddress", "SourceAddress", "ClientAddress")),
    ("source.port", ("SourcePort", "IpPort")),
    ("source.domain", ("SourceHostname",)),
    ("destination.ip", ("DestinationIp", "DestAddress")),
    ("destination.port", ("DestinationPort", "DestPort")),
    ("destination.domain", ("DestinationHostname",)),
    ("dns.question.name", ("QueryName",)),
)
_NUMBERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("process.pid", ("NewProcessId", "SourceProcessId", "ProcessId", "ProcessID")),
    ("process.parent.pid", ("ParentProcessId",)),
)
_LAST_PARTS = (
    ("process.name", "process.executable"),
    ("process.parent.name", "process.parent.executable"),
    ("file.name", "file.path"),
)
_OBJECTS = {"File": "file.path", "Key": "registry.path"}
# How Windows writes that there is none: of a text, of an account, of a process.
_NOTHING = frozenset({"", "-", "N/A", "NULL", "S-1-0-0", "0x0"})
_PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "ipv6-icmp"}
# The user of these is who logs in or out, whoever reports it.
_LOGONS = frozenset({4624, 4625, 4634, 4647, 4768, 4769, 4771, 4776})
# Of the session of 4778 and 4779, and of the account that wrote to the log.
_ACCOUNT = (("AccountName",), ("AccountDomain", "Domain"), ("UserID",))
# In these `TargetUserName` is the group.
_MEMBERS = frozenset({4728, 4729, 4732, 4733, 4756, 4757})
_AUDIT_SUCCESS, _AUDIT_FAILURE = 1 << 53, 1 << 52
_HASHES = frozenset({"md5", "sha1", "sha256"})


class WindowsEvent(msgspec.Struct):
    """A Windows event, whoever collected it. `data` holds its event data by name; `account` the logging account."""

    code: int | None
    provider: str
    channel: str
    computer: str | None
    record_id: str | None
    data: JsonObject
    keywords: Any = None
    account: tuple[Any, Any, Any] = (None, None, None)

    @property
    def family(self) -> str:
        """See `windows_ids.family`."""
        return windows_ids.family(self.provider, self.channel)

    @property
    def dataset(self) -> str:
        """The log: by its family, or by its channel where that is none we know."""
        if self.family != "windows":
            return f"windows.{self.family}"
        return slug(f"windows.{self.channel.rpartition('Microsoft-Windows-')[2] or 'events'}")


def fields(event: WindowsEvent) -> dict[str, Any]:
    """The ECS fields of an event."""
    data, code, family = event.data, event.code, event.family
    found: dict[str, Any] = {name: _said(data, keys) for name, keys in _NAMES}
    for name, keys in _NUMBERS:
        found[name] = _number(_said(data, keys))
    if family == "security" and code == 4688:
        found["process.parent.pid"] = _number(data.get("ProcessId"))
    thing = _OBJECTS.get(str(data.get("ObjectType")))
    if thing is not None:
        found[thing] = found[thing] or _said(data, ("ObjectName",))
    for name, path in _LAST_PARTS:
        found[name] = found[path].rpartition("\\")[2] or None if type(found[path]) is str else None
    found["file.name"] = found["file.name"] or _said(data, ("PipeName",))
    found.update(_users(event, family))
    found.update(hashes(data.get("Hashes") or data.get("Hash")))
    found.update(_network(data, found))
    meaning = windows_ids.meaning(family, code)
    if meaning is not None:
        found["event.category"] = meaning.category or None
        found["event.type"] = meaning.type or None
        found["event.action"] = meaning.action
    found["event.code"] = None if code is None else str(code)
    found["event.outcome"] = _outcome(event)
    found["host.name"] = event.computer
    found["host.os.type"] = "windows"
    found["observer.vendor"] = "Microsoft"
    found["observer.product"] = "Sysmon" if family == "sysmon" else "Windows"
    return found


def title(event: WindowsEvent, message: str | None) -> str:
    """Our words for the event; the first line of its message, or its id, where we have none."""
    meaning = windows_ids.meaning(event.family, event.code)
    if meaning is not None:
        return meaning.title
    first = (message or "")[:MAX_TEXT].strip().partition("\n")[0].strip(" \r:")
    return first or f"Windows event {event.code} of {event.channel or event.provider}"


def attack(rule_name: Any) -> mitre.Attack | None:
    """ATT&CK in Sysmon's `RuleName`, written as `technique_id=T1036,technique_name=Masquerading`."""
    if type(rule_name) is not str or "technique_id=" not in rule_name[:MAX_TEXT]:
        return None
    pairs = [part.strip().partition("=") for part in rule_name[:MAX_TEXT].split(",")]
    return mitre.attack(
        techniques=[value for name, _, value in pairs if name == "technique_id"],
        names=[value for name, _, value in pairs if name == "technique_name"],
    )


def hashes(text: Any) -> dict[str, str]:
    """Sysmon's `SHA1=…,MD5=…,SHA256=…,IMPHASH=…`."""
    if type(text) is not str:
        return {}
    pairs = (part.partition("=") for part in text[:1024].split(","))
    return {f"file.hash.{name.lower()}": value.lower() for name, _, value in pairs if name.lower() in _HASHES and value}


def _said(data: JsonObject, keys: tuple[str, ...]) -> Any:
    for key in keys:
        value = data.get(key)
        if value is not None and not (type(value) is str and value.strip() in _NOTHING):
            return value
    return None


def _number(value: Any) -> int | None:
    """A process id: decimal as Sysmon writes it, or hexadecimal as the Security log does."""
    return integer(_hexadecimal(value) if type(value) is str and value[:2] == "0x" else value)


def _hexadecimal(text: str) -> int | None:
    try:
        return int(text, 16) if len(text) <= 18 else None
    except ValueError:
        return None


def _users(event: WindowsEvent, family: str) -> dict[str, Any]:
    data, code = event.data, event.code
    subject = tuple(_said(data, (f"Subject{part}",)) for part in ("UserName", "DomainName", "UserSid"))
    target = (_said(data, ("TargetUserName",)), _said(data, ("TargetDomainName",)), _said(data, ("TargetUserSid",)))
    target_name = target[0]
    if family == "security" and code in _MEMBERS:
        target_name = _said(data, ("MemberName", "MemberSid"))
    logs_in = family == "security" and code in _LOGONS
    candidates: tuple[tuple[Any, ...], ...] = (
        (target, subject) if logs_in else (subject, _split(_said(data, ("User", "SourceUser"))))
    )
    if family != "sysmon":
        # Sysmon logs as SYSTEM whoever acted.
        account = tuple(_said(data, keys) for keys in _ACCOUNT)
        candidates = (*candidates, account, event.account)
    name, domain, sid = next((one for one in candidates if first_text(one[0])), (None, None, None))
    return {"user.name": name, "user.domain": domain, "user.id": sid, "user.target.name": target_name}


def _split(user: Any) -> tuple[Any, Any, Any]:
    if type(user) is not str:
        return None, None, None
    domain, _, name = user.rpartition("\\")
    return name, domain or None, None


def _network(data: JsonObject, found: dict[str, Any]) -> dict[str, Any]:
    protocol = first_text(_said(data, ("Protocol",)))
    initiated = str(data.get("Initiated")).lower()
    answers = [one for part in _parts(data.get("QueryResults")) if (one := addresses.read(part.strip())) is not None]
    return {
        "network.transport": _PROTOCOLS.get(protocol, protocol.lower()) if protocol else None,
        "network.direction": {"true": "egress", "false": "ingress"}.get(initiated),
        "network.protocol": "dns" if found["dns.question.name"] else None,
        "dns.resolved_ip": [one.text for one in answers] or None,
        "source.address": None if found["source.ip"] else _said(data, ("WorkstationName", "Workstation")),
    }


def _parts(text: Any) -> list[str]:
    return text[:MAX_TEXT].split(";") if type(text) is str else []


def _outcome(event: WindowsEvent) -> str | None:
    """Whether an audited action succeeded: in words, as in Winlogbeat and NXLog, or as bits of the keywords."""
    words = [str(word).lower().replace("_", " ") for word in (*listed(event.keywords), event.data.get("EventType"))]
    if "audit failure" in words:
        return "failure"
    if "audit success" in words:
        return "success"
    bits = _bits(event.keywords)
    if bits & _AUDIT_FAILURE:
        return "failure"
    return "success" if bits & _AUDIT_SUCCESS else None


def _bits(keywords: Any) -> int:
    if type(keywords) is int:
        return keywords & ((1 << 64) - 1)
    return (_hexadecimal(keywords) or 0) if type(keywords) is str else 0
