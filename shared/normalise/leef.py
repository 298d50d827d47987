"""LEEF 1.0 and 2.0, QRadar's Log Event Extended Format."""

import re
from datetime import datetime
from typing import Any

from shared.normalise import device_events, line_times
from shared.normalise.conform import integer, slug
from shared.normalise.decode import JsonObject
from shared.normalise.reading import Context, Format, Reading, never

GROUPING = "leef@1"

_HEADER = re.compile(r"(?:LEEF: ?)*([12])\.\d+" + r"\|([^|]*+)" * 4 + r"\|", re.A)
_DECLARED = re.compile(r"(?:(?:0?[xX]([0-9A-Fa-f]{1,4}))|([^\w\s=|])|(?=\|))\|", re.A)
_NAMES = ("vendor", "product", "version", "event_id")
_KEY = re.compile(r"(?:(?<=[\s|])|\A)([A-Za-z_][\w.-]*)=", re.A)
# How rsyslog writes the tab that is a control character to it.
_ESCAPED_TAB = "#011"


def parse(line: str) -> JsonObject | None:
    """The header's four parts and the attributes, of a line that begins with `LEEF:`; None for another."""
    found = _HEADER.match(line)
    if found is None:
        return None
    rest, declared = line[found.end() :], "\t"
    if found[1] == "2" and (told := _DECLARED.match(rest)):
        declared = chr(int(told[1], 16)) if told[1] else told[2] or "\t"
        rest = rest[told.end() :]
    parts = {name: value.strip() for name, value in zip(_NAMES, found.groups()[1:], strict=True)}
    return {"leef": found[1], **parts, "attributes": _attributes(rest, declared)}


def _attributes(rest: str, declared: str) -> dict[str, str]:
    """The pairs; of equal keys the first counts."""
    separator = next((each for each in (declared, "\t", _ESCAPED_TAB) if each in rest), None)
    if separator is None:
        # One attribute alone, or a device that separates by `|` or by spaces, whatever it should.
        pieces = _KEY.split(rest)
        pairs = [(key, value.rstrip("|")) for key, value in zip(pieces[1::2], pieces[2::2], strict=True)]
    else:
        parts = (each.partition("=") for each in rest.split(separator))
        pairs = [(key, value) for key, equals, value in parts if equals]
    found: dict[str, str] = {}
    for key, value in pairs:
        if value := value.strip():
            found.setdefault(key.strip(), value)
    return found


def type_of(record: JsonObject) -> str:
    """The event's id."""
    return str(record["event_id"])[:64]


def read(record: JsonObject, context: Context) -> Reading:
    """The event's meaning; its own time, or else the syslog header's."""
    given = device_events.told(record["attributes"])
    header: JsonObject = record.get("syslog", {})
    device, event_id = device_events.device(record), record["event_id"] or None
    time, certain, written = _time(given, header, context)
    name = given.get("name") or given.get("EventMessage") or given.get("msg") or given.get("policy")
    words = (event_id, name, given.get("cat"), given.get("action") or given.get("Action"), given.get("app"))
    judgement = device_events.judged(" ".join(word for word in words if word))
    kind, level, unmapped = device_events.weighed(given.get("sev"), device.vendor, judgement)
    fields = _fields(given, header) | device.fields() | _rule(event_id, name, given)
    fields["event.category"] = judgement.categories
    return Reading(
        kind=kind,
        severity=level,
        title=device_events.title(name, event_id, device.product),
        module=slug(device.vendor),
        dataset=slug(f"leef.{device.vendor[:24]}.{device.product}"),
        fields=fields,
        time=time,
        time_is_certain=certain,
        identity=(written,),
        has_id=not certain,
        by_content=True,
        by_ordinal=True,
        grouping=GROUPING,
        group_by=(
            device.vendor, device.product, event_id,
            fields["source.ip"], fields["destination.ip"], fields["user.name"],
        ),
        by_title=event_id is None,
        rule_id=event_id,
        tags=unmapped,
    )  # fmt: skip


def _rule(event_id: str | None, name: str | None, given: dict[str, str]) -> dict[str, Any]:
    return {
        "message": given.get("msg") or name,
        "rule.id": event_id,
        "rule.name": name or event_id,
        "rule.category": given.get("cat"),
        "event.code": event_id,
        "event.severity": integer(given.get("sev")),
    }


def _time(given: dict[str, str], header: JsonObject, context: Context) -> tuple[datetime | None, bool, str | None]:
    """The moment, whether it is certain, and the header's words for it where that is all there is."""
    own: tuple[datetime | None, bool] = (None, True)
    if told := given.get("devTime"):
        pattern = given.get("devTimeFormat")
        own = line_times.read_as(told, pattern, context.zone, context.received_at) if pattern else own
        if own[0] is None:
            own = line_times.read(told, context.zone, context.received_at)
    if own[0] is not None and own[1]:
        return *own, None
    return device_events.headed(own[0], header, context)


def _fields(given: dict[str, str], header: JsonObject) -> dict[str, Any]:
    get = given.get
    action, user = get("action") or get("disp") or get("Action"), get("usrName") or get("src_user")
    name, domain = device_events.account(user)
    application, permission = get("app"), device_events.permitted(action)
    url = get("url") or get("URL")
    return {
        "source.ip": get("src") or get("shost"),
        "source.port": get("srcPort"),
        "source.bytes": get("srcBytes") or get("sent_bytes"),
        "source.packets": get("srcPackets"),
        "source.domain": get("shost"),
        "destination.ip": get("dst") or get("dhost"),
        "destination.port": get("dstPort"),
        "destination.bytes": get("dstBytes") or get("rcvd_bytes"),
        "destination.packets": get("dstPackets"),
        "destination.domain": get("dhost") or get("dstname"),
        "host.name": get("identHostName") or get("sys_name") or get("host_name") or header.get("host"),
        "observer.name": header.get("host") or get("sys_name"),
        "user.name": name,
        "user.domain": get("domain") or domain,
        "user.email": user if user and "@" in user else None,
        "user.target.name": get("TargetUser") or get("duser") or get("accountName"),
        "network.transport": device_events.transport(get("proto")),
        "network.protocol": application.lower() if application else None,
        "event.action": action,
        "event.type": permission,
        "event.outcome": device_events.outcome(permission),
        "event.reason": get("reason") or get("Reason"),
        "url.original": url,
        "url.full": url if url and "://" in url else None,
        "url.domain": get("dstname"),
        "url.path": get("arg") if "dstname" in given else None,
        "http.request.method": get("op") if "dstname" in given else None,
        "file.path": get("File") or get("resource"),
        **device_events.hashes(get("fileHash")),
    }


FORMAT = Format(
    name="leef",
    shape="a line that begins with `LEEF:1.0|` or `LEEF:2.0|` and has four parts, alone or behind a syslog header",
    groupings={
        GROUPING: ("observer.vendor", "observer.product", "rule.id", "source.ip", "destination.ip", "user.name")
    },
    matches=never,
    read=read,
    type_of=type_of,
    undigested=frozenset({"syslog"}),
    parse=parse,
    mark="LEEF:",
)
