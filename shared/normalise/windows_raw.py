"""Windows events as JSON, the way collectors other than Beats write them.

Flat, with the event data among the rest (NXLog, Fluent Bit, forwarded events), or nested as the event's own XML is
(`Event` with its `System` and `EventData`).
"""

from datetime import UTC, datetime
from typing import Any

from shared.domain import severity
from shared.normalise import clock_rules, windows_fields
from shared.normalise.conform import integer
from shared.normalise.decode import JsonObject
from shared.normalise.ecs_fields import SEVERITIES
from shared.normalise.reading import Context, Format, Reading, first_text, inner, listed
from shared.normalise.windows_fields import WindowsEvent

GROUPING = "windows@1"

_SOURCES = ("SourceName", "ProviderName", "Provider", "Channel")
_COMPUTERS = ("Computer", "Hostname", "ComputerName", "MachineName")
_RECORD_IDS = ("RecordNumber", "EventRecordID", "EventRecordId", "RecordId")
_HEADER = frozenset(
    {
        *_SOURCES, *_COMPUTERS, *_RECORD_IDS, "EventID", "Level", "Severity", "Keywords", "SystemTime", "TimeCreated",
        "EventTime", "TimeGenerated", "@timestamp",
    }
)  # fmt: skip
"""What is the event's own in the nested shape, whatever names its data has."""
# Windows counts its levels from 1, the worst; 0 is what is always logged.
_LEVELS = {1: severity.CRITICAL, 2: severity.HIGH, 3: severity.MEDIUM}


def matches(record: JsonObject) -> bool:
    """An `EventID` with its source and its computer, or `Event` with `System`."""
    if "EventID" in record:
        return any(name in record for name in _SOURCES) and any(type(record.get(name)) is str for name in _COMPUTERS)
    return "EventID" in inner(inner(record, "Event"), "System")


def type_of(record: JsonObject) -> str:
    """The channel and the event's id, such as `Security:4624`."""
    flat = _flat(record)
    return f"{first_text(flat.get('Channel'), flat.get('SourceName')) or 'windows'}:{_code(flat)}"[:128]


def read(record: JsonObject, context: Context) -> Reading:
    """The event's meaning."""
    flat = _flat(record)
    event = _event(flat)
    message = first_text(flat.get("Message"), flat.get("message"))
    fields = windows_fields.fields(event)
    fields["message"] = message
    fields["rule.id"] = fields["event.code"]
    rule_name = flat.get("RuleName")
    fields["rule.name"] = rule_name if type(rule_name) is str and rule_name not in {"-", ""} else None
    return Reading(
        kind="telemetry",
        severity=_severity(flat),
        title=windows_fields.title(event, message),
        module=event.family,
        dataset=event.dataset,
        fields=fields,
        time=_time(flat, context),
        identity=(event.computer, event.channel, event.provider, event.record_id, fields["event.code"]),
        has_id=event.record_id is not None,
        # Record numbers begin anew when a log is cleared, and some collectors leave them out.
        by_content=True,
        by_ordinal=event.record_id is None,
        grouping=GROUPING,
        group_by=(event.family, fields["event.code"], event.computer, fields["user.name"]),
        by_title=event.code is None,
        rule_id=fields["event.code"],
        tags=[tag for tag in listed(record.get("tags")) if type(tag) is str],
        attack=windows_fields.attack(rule_name),
        source_id=event.record_id,
    )


def _event(flat: JsonObject) -> WindowsEvent:
    return WindowsEvent(
        code=_code(flat),
        provider=first_text(flat.get("SourceName"), flat.get("ProviderName"), flat.get("Provider")) or "",
        channel=first_text(flat.get("Channel")) or "",
        computer=first_text(*(flat.get(name) for name in _COMPUTERS)),
        record_id=first_text(*(flat.get(name) for name in _RECORD_IDS)),
        data=flat,
        keywords=flat.get("Keywords"),
    )


def _code(flat: JsonObject) -> int | None:
    return integer(flat.get("EventID"))


def _severity(flat: JsonObject) -> int:
    word = first_text(flat.get("Severity"), flat.get("Level")) or ""
    return (
        _LEVELS.get(integer(flat.get("Level")) or 0) or SEVERITIES.get(word.strip().lower()) or severity.INFORMATIONAL
    )


def _time(flat: JsonObject, context: Context) -> datetime | None:
    """Sysmon's own time, which is UTC whatever the others' zone; then the log's, then the collector's."""
    return (
        clock_rules.read(flat.get("UtcTime"), UTC)
        or clock_rules.read(flat.get("SystemTime"), UTC)
        or clock_rules.read(flat.get("TimeCreated"), context.zone)
        or clock_rules.read(flat.get("EventTime"), context.zone)
        or clock_rules.read(flat.get("TimeGenerated"), context.zone)
        or clock_rules.read(flat.get("@timestamp"), context.zone)
    )


def _flat(record: JsonObject) -> JsonObject:
    """The event with its XML's levels taken out; the record itself where it is flat already."""
    if "EventID" in record:
        return record
    event = inner(record, "Event")
    system = inner(event, "System")
    data = _data(event.get("EventData")) or _data(event.get("UserData"))
    # Data may be named as anything, also as the header's parts: those are the event's, and nobody else's word.
    flat = {name: value for name, value in data.items() if name not in _HEADER}
    flat.update((name, _text(value)) for name, value in system.items())
    flat["SourceName"] = _attribute(system.get("Provider"), "Name")
    flat["SystemTime"] = _attribute(system.get("TimeCreated"), "SystemTime")
    flat["UserID"] = _attribute(system.get("Security"), "UserID")
    flat["Message"] = inner(event, "RenderingInfo").get("Message")
    return flat


def _data(held: Any) -> JsonObject:
    """Event data by name: an object already, or a list of `Data` with their names as attributes."""
    if type(held) is not dict:
        return {}
    entries = held.get("Data")
    if entries is None:
        # User data has one more level, named as the provider likes.
        only = next(iter(held.values()), None) if len(held) == 1 else None
        return {name: _text(value) for name, value in (only if type(only) is dict else held).items()}
    named = ((_attribute(one, "Name"), _text(one)) for one in listed(entries) if type(one) is dict)
    return {name: value for name, value in named if name is not None}


def _attribute(element: Any, name: str) -> str | None:
    """An attribute of an XML element, by the ways there are of writing one in JSON."""
    if type(element) is not dict:
        return first_text(element) if name == "Name" else None
    return first_text(
        element.get(name),
        element.get(f"@{name}"),
        inner(element, "#attributes").get(name),
        inner(element, "$").get(name),
    )


def _text(element: Any) -> Any:
    """The text of an XML element, which is an object where it has attributes too."""
    if type(element) is not dict:
        return element
    return first_text(element.get("#text"), element.get("_"), element.get("$t"))


FORMAT = Format(
    name="windows",
    shape="a Windows event: `EventID` with `Channel` and `Computer` or `Hostname`, or `Event` with its `System`",
    groupings={GROUPING: ("event.module", "event.code", "host.name", "user.name")},
    matches=matches,
    read=read,
    type_of=type_of,
    # What the collector adds on the way, and says otherwise when it sends again.
    undigested=frozenset({"@timestamp", "@version", "EventReceivedTime", "port"}),
)
