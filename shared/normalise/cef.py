"""CEF, ArcSight's Common Event Format, as devices of every vendor write it."""

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from shared.normalise import device_events, line_times, mitre
from shared.normalise.conform import integer, slug
from shared.normalise.decode import JsonObject
from shared.normalise.reading import Context, Format, Reading, never

GROUPING = "cef@1"

_PART = r"\|((?:[^|\\]++|\\.)*+)"
# rsyslog takes `CEF:` for a program's name, and some devices write it twice.
_HEADER = re.compile(rf"(?:CEF: ?)*(\d+(?:\.\d+)?){_PART * 6}(?:\||\s*\Z)", re.DOTALL | re.A)
# Looked for behind a space before the extension: half the cost of looking back from each letter.
_KEY = re.compile(r"\s([A-Za-z_][\w.\[\]-]*+)=", re.A)
_BREAKS, _NO_BREAKS = {"n": "\n", "r": "\r"}, {"n": "\\n", "r": "\\r"}
_TEXTS = frozenset({"msg", "reason"})
_ESCAPE = re.compile(r"\\([\\=|nr])")
_SEPARATOR = re.compile(r"[/\\]")
_ADDRESSES = re.compile("[;,] ?")
_RAW_PATH = re.compile(r"[A-Za-z]:\\[^\\]")
_NAMES = ("vendor", "product", "version", "class_id", "name", "severity")

# The first of them that can be read: Fortinet's, which alone is free of zones, the receipt at the device, the
# activity's beginning and end, the receipt at ArcSight's agent and manager.
_TIMES = (
    "FTNTFGTeventtime", "FortinetFortiGateeventtime", "ad.eventtime", "rt", "deviceReceiptTime", "start", "startTime",
    "end", "endTime", "art", "mrt",
)  # fmt: skip
_LABELLED = (
    *(f"cs{number}" for number in range(1, 7)), *(f"cn{number}" for number in range(1, 4)),
    *(f"cfp{number}" for number in range(1, 5)), *(f"c6a{number}" for number in range(1, 5)),
    *(f"{kind}{number}" for kind in ("flexString", "flexNumber", "deviceCustomDate") for number in (1, 2, 3)),
)  # fmt: skip
_LABELS = tuple((key, f"{key}Label") for key in _LABELLED)
_TECHNIQUE = re.compile(r"\bT1\d{3}(?:\.\d{3})?\b", re.A)
_CVE = re.compile(r"\bCVE-\d{4}-\d{4,}\b", re.A)
_DIRECTIONS = {"0": "inbound", "1": "outbound"}


def parse(line: str) -> JsonObject | None:
    """The header's six parts and the extension's pairs, of a line that begins with `CEF:`; None for another.

    Values may hold spaces and `=`, so a value reaches to the next word that ends in `=`. Of equal keys the first
    counts: what somebody else wrote is more often found towards the end.
    """
    found = _HEADER.match(line)
    if found is None:
        return None
    rest = " " + line[found.end() :]
    pieces = _KEY.split(rest)
    pairs = zip(pieces[-2::-2], pieces[:0:-2], strict=True)
    extension = {key: text for key, value in pairs if (text := value.strip())}
    if "\\" in rest or '"' in rest:
        extension = {key: _unescaped(value, breaks=key in _TEXTS) for key, value in extension.items()}
    parts = {name: _unescaped(value).strip() for name, value in zip(_NAMES, found.groups()[1:], strict=True)}
    return {"cef": found[1], **parts, "extension": extension}


def _unescaped(value: str, *, breaks: bool = True) -> str:
    """The value; with line breaks where it is a text for people. Elsewhere `\\n` is seldom one: `CORP\\nancy`."""
    if value[0:1] == value[-1:] == '"' and len(value) > 2:
        value = value[1:-1]
    # A path with single backslashes was not escaped at all.
    if "\\" not in value or _RAW_PATH.match(value):
        return value
    plain = _BREAKS if breaks else _NO_BREAKS
    return _ESCAPE.sub(lambda escape: plain.get(escape[1], escape[1]), value)


def type_of(record: JsonObject) -> str:
    """The event class's id, such as `TRAFFIC`."""
    return str(record["class_id"])[:64]


def read(record: JsonObject, context: Context) -> Reading:
    """The event's meaning; its own time, or else the syslog header's."""
    given = device_events.told(record["extension"])
    if "dtz" in given and (zone := line_times.zone_of(given["dtz"])) is not None:
        context = msgspec.structs.replace(context, zone=zone)
    header: JsonObject = record.get("syslog", {})
    device = device_events.device(record)
    class_id, name = record["class_id"] or None, record["name"] or None
    time, certain, written = _time(given, header, context)
    judgement = device_events.judged(f"{class_id} {name} {given.get('cat', '')}")
    kind, level, unmapped = device_events.weighed(record["severity"], device.vendor, judgement)
    labels = _labels(given)
    told = " ".join((name or "", given.get("cat", ""), *labels.values()))
    fields = _fields(given, header, context) | device.fields() | _rule(record, given, labels, told)
    fields |= _bytes(given, device.vendor)
    fields["event.category"] = judgement.categories
    external = given.get("externalId")
    return Reading(
        kind=kind,
        severity=level,
        title=device_events.title(name, class_id, device.product),
        module=slug(device.vendor),
        dataset=slug(f"cef.{device.vendor[:24]}.{device.product}"),
        fields=fields,
        time=time,
        time_is_certain=certain,
        # Devices use externalId for other things too (Windows' kind of event, a session): it identifies no event.
        identity=(written,),
        has_id=not certain,
        by_content=True,
        by_ordinal=True,
        grouping=GROUPING,
        group_by=(
            device.vendor, device.product, class_id,
            fields["source.ip"], fields["destination.ip"], fields["user.target.name"] or fields["user.name"],
        ),
        by_title=class_id is None,
        rule_id=class_id,
        tags=unmapped,
        attack=mitre.attack(techniques=_TECHNIQUE.findall(told)) if "T1" in told else None,
        source_id=external,
    )  # fmt: skip


def _time(given: dict[str, str], header: JsonObject, context: Context) -> tuple[datetime | None, bool, str | None]:
    """The moment, whether it is certain, and the header's words for it where that is all there is."""
    without_year: datetime | None = None
    for key in _TIMES:
        if key in given:
            moment, certain = line_times.read(given[key], context.zone, context.received_at)
            if moment is not None and certain:
                return moment, True, None
            without_year = without_year or moment
    return device_events.headed(without_year, header, context)


def _rule(record: JsonObject, given: dict[str, str], labels: dict[str, str], told: str) -> dict[str, Any]:
    class_id, name = record["class_id"] or None, record["name"] or None
    return {
        "message": given.get("msg") or name or class_id,
        "rule.id": class_id,
        "rule.name": name or class_id,
        "rule.category": given.get("cat"),
        "event.severity": integer(record["severity"]),
        "labels": labels or None,
        "vulnerability.id": list(dict.fromkeys(_CVE.findall(told))) or None if "CVE-" in told else None,
    }


def _labels(given: dict[str, str]) -> dict[str, str]:
    return {given[label]: given[key] for key, label in _LABELS if label in given and key in given}


def _fields(given: dict[str, str], header: JsonObject, context: Context) -> dict[str, Any]:
    get = given.get
    action, application = get("act"), get("app")
    permission = device_events.permitted(action)
    return {
        **_hosts(given, header),
        **_people(given),
        **_things(given),
        **(_web(given) if "request" in given else {}),
        "event.action": action,
        "event.type": permission,
        "event.outcome": device_events.outcome(permission, get("outcome"), get("categoryOutcome")),
        "event.reason": get("reason"),
        "event.start": _certain(get("start") or get("startTime"), context),
        "event.end": _certain(get("end") or get("endTime"), context),
        "network.transport": device_events.transport(get("proto")),
        "network.protocol": application.lower() if application else None,
        "network.direction": _DIRECTIONS.get(get("deviceDirection", "")),
        "dns.question.name": get("destinationDnsDomain"),
        "http.request.method": get("requestMethod") or get("method"),
        "http.request.referrer": get("requestContext"),
        "user_agent.original": get("requestClientApplication"),
    }


def _certain(text: str | None, context: Context) -> datetime | None:
    if text is None:
        return None
    moment, certain = line_times.read(text, context.zone, context.received_at)
    return moment if certain else None


def _hosts(given: dict[str, str], header: JsonObject) -> dict[str, Any]:
    get = given.get
    device = get("dvchost") or header.get("host")
    return {
        "source.ip": get("src") or get("c6a2") or get("sourceAddress") or get("shost"),
        "source.port": get("spt"),
        "source.domain": get("shost"),
        "destination.ip": get("dst") or get("c6a3") or get("dhost"),
        "destination.port": get("dpt"),
        "destination.domain": get("dhost"),
        "host.name": get("dvchost") or get("dhost") or get("shost") or header.get("host"),
        "host.ip": get("dvc"),
        "observer.name": device,
        "agent.id": get("deviceExternalId"),
    }


def _bytes(given: dict[str, str], vendor: str) -> dict[str, Any]:
    """`in` is what the destination got of the source, by the standard; Fortinet writes what the source got."""
    sent, answered = given.get("in"), given.get("out")
    if vendor.lower().startswith("fortinet"):
        sent, answered = answered, sent
    return {"source.bytes": sent, "destination.bytes": answered}


def _people(given: dict[str, str]) -> dict[str, Any]:
    sender, target = given.get("suser"), given.get("duser")
    name, domain = device_events.account(sender)
    mail = bool(sender and target and "@" in sender and "@" in target)
    return {
        "user.name": name,
        "user.domain": given.get("sntdom") or domain,
        "user.id": given.get("suid"),
        "user.email": sender if sender and "@" in sender else None,
        "user.target.name": device_events.account(target)[0],
        "email.from.address": sender if mail else None,
        "email.to.address": _ADDRESSES.split(target) if mail and target else None,
    }


def _things(given: dict[str, str]) -> dict[str, Any]:
    get = given.get
    process, name, path = get("sproc") or get("deviceProcessName") or get("dproc"), get("fname"), get("filePath")
    if name and path is None and _is_path(name):
        path = name
    elif name and path and path[-1] in "/\\":
        path += name
    return {
        "process.name": _last(process),
        "process.executable": process if process and _is_path(process) else None,
        "process.pid": get("spid") or get("dpid") or get("dvcpid"),
        "file.name": _last(name or path),
        "file.path": path,
        "file.size": get("fsize"),
        **device_events.hashes(get("fileHash"), get("TrendMicroDsFileSHA256"), get("TrendMicroDsFileMD5")),
    }


def _is_path(text: str) -> bool:
    return "/" in text or "\\" in text


def _last(path: str | None) -> str | None:
    return _SEPARATOR.split(path)[-1] or path if path else None


def _web(given: dict[str, str]) -> dict[str, Any]:
    request = given["request"]
    if "\\" in request:
        return {"url.original": request}
    try:
        parts = urlsplit(request if "://" in request or request.startswith("/") else f"//{request}")
        domain = parts.hostname
    except ValueError:
        return {"url.original": request}
    return {
        "url.original": request,
        "url.full": request if parts.scheme and domain else None,
        "url.domain": domain,
        "url.path": parts.path or None,
    }


FORMAT = Format(
    name="cef",
    shape="a line that begins with `CEF:0|` and has seven parts between `|`, alone or behind a syslog header",
    groupings={
        GROUPING: ("observer.vendor", "observer.product", "rule.id", "source.ip", "destination.ip", "user.name")
    },
    matches=never,
    read=read,
    type_of=type_of,
    undigested=frozenset({"syslog"}),
    parse=parse,
    mark="CEF:",
)
