"""ECS documents: what Beats, Elastic Agent and others write that know ECS themselves.

Their fields are taken as they are. Winlogbeat 8 and later parse nothing at the sensor, so that the meaning of a Windows
event is to be had from `winlog` alone. Sensors' records that a Beat only carries are unwrapped before.
"""

from typing import Any

from shared.domain import severity
from shared.normalise import ecs_fields, mitre, windows_fields
from shared.normalise.conform import integer, slug
from shared.normalise.decode import JsonObject
from shared.normalise.reading import Context, Format, Reading, first_text, get, inner, listed
from shared.normalise.windows_fields import WindowsEvent

GROUPING = "ecs@1"

_KINDS = ("event.kind", "event.category", "event.type", "event.action", "event.code", "event.outcome")
# What a Beat says of a line that it does not understand is none of these.
_SAID = frozenset(name.removeprefix("event.") for name in _KINDS)
# Objects that Beats do not add to a line of their own accord.
_OBJECTS = (
    "source", "destination", "client", "server", "network", "process", "file", "url", "http", "dns", "tls", "user",
    "rule", "threat", "registry", "email", "vulnerability",
)  # fmt: skip
_ALERT_KINDS = frozenset({"alert", "signal"})
_SEVERITY_PLACES = (
    ("wazuh", "rule", "level"),
    ("kibana", "alert", "severity"),
    ("event", "severity_label"),
    ("alert", "severity"),
    ("severity",),
)
_LOG_LEVEL = (("log", "level"),)
# The datasets whose `event.severity` is known to be a score of 0 to 100, by the bands of Elastic's rules.
_SCORED = frozenset({"endpoint.alerts", "endpoint"})
_SURICATA = {1: severity.HIGH, 2: severity.MEDIUM, 3: severity.LOW}
# Of each event's own, what a second reading of the same log changes.
_READ_TIMES = frozenset({"created", "ingested"})
# What a Beat says of the machine it runs on, or of the file, and says otherwise after a change there: of these only
# what tells one machine, container, file or place in a file from another makes a document another.
_OF_THE_MACHINE: dict[str, tuple[str, ...]] = {
    "agent": ("id",), "cloud": (), "container": ("id",), "host": ("id", "name", "hostname"),
    "log": ("level", "offset"),
}  # fmt: skip
_INSTEAD = (
    ("rule.id", ("kibana", "alert", "rule", "uuid")),
    ("rule.name", ("kibana", "alert", "rule", "name")),
    ("message", ("kibana", "alert", "reason")),
    ("message", ("event", "original")),
    ("host.name", ("host", "hostname")),
    ("file.path", ("dll", "path")),
    ("file.name", ("dll", "name")),
    ("rule.id", ("rule", "uuid")),
    ("observer.name", ("observer", "hostname")),
    ("http.response.status_code", ("http", "response", "status")),
)
_OS_TYPES = {
    "debian": "linux",
    "redhat": "linux",
    "suse": "linux",
    "arch": "linux",
    "darwin": "macos",
    "windows": "windows",
}
_HASHES = ("md5", "sha1", "sha256")


def matches(record: JsonObject) -> bool:
    """A Windows event of a Beat, or a time or version of ECS with an `event` or objects that say what happened."""
    if "ecs.version" in record or type(record.get("winlog")) is dict:
        return True
    if "@timestamp" not in record and "ecs" not in record:
        return False
    event = record.get("event")
    if not _SAID.isdisjoint(event) if type(event) is dict else any(name in record for name in _KINDS):
        return True
    return "ecs" in record and any(type(record.get(name)) is dict for name in _OBJECTS)


def is_beats_agent(agent: Any) -> bool:
    """True for the `agent` of a Beat or of Elastic Agent, which is not the sensor's."""
    return type(agent) is dict and ("ephemeral_id" in agent or ("type" in agent and "version" in agent))


def type_of(record: JsonObject) -> str:
    """The dataset the document names, or its module."""
    places = (("event", "dataset"), ("data_stream", "dataset"), ("event", "module"))
    return first_text(*(ecs_fields.value(record, *place) for place in places)) or "ecs"


def read(record: JsonObject, context: Context) -> Reading:
    """The document's meaning."""
    kept, digested = _without_repeats(record, beats=context.is_beats or is_beats_agent(record.get("agent")))
    record = ecs_fields.nested(record)
    windows = _windows(record)
    fields = _fields(record, windows, context)
    is_alert = any(type(kind) is str and kind in _ALERT_KINDS for kind in listed(get(record, "event", "kind")))
    level, known = _severity(record, fields, is_alert)
    rule_id = first_text(fields.get("rule.id"))
    module = _module(record, windows)
    dataset = slug(_dataset(record) or (windows.dataset if windows is not None else f"{module}.events"))
    own_id, identity, by_content, by_ordinal = _identity(record, context, windows)
    rule = rule_id or first_text(fields.get("rule.name"))
    return Reading(
        kind="alert" if is_alert else "telemetry",
        severity=level,
        title=_title(fields, windows) or f"{dataset} event",
        module=module,
        dataset=dataset,
        fields=fields,
        time=ecs_fields.time(record, context.zone),
        identity=identity,
        has_id=bool(identity),
        by_content=by_content,
        by_ordinal=by_ordinal,
        grouping=GROUPING,
        group_by=(module, rule, fields.get("source.ip"), fields.get("host.name")),
        by_title=rule is None,
        rule_id=rule_id,
        tags=ecs_fields.tags(record) + ([] if known else ["severity_unmapped"]),
        attack=_attack(record, windows),
        digest_of=digested,
        observables=_related(record),
        kept=kept,
        source_id=own_id,
        source_url=first_text(get(record, "event", "url"), get(record, "kibana", "alert", "url")),
    )


def _fields(record: JsonObject, windows: WindowsEvent | None, context: Context) -> dict[str, Any]:
    """What the document says under our names; else what it says under near ones; else what `winlog` means."""
    fields = ecs_fields.taken(record, context.zone)
    for name, path in _INSTEAD:
        if fields.get(name) is None:
            fields[name] = first_text(get(record, *path))
    for part in ("process", "dll"):
        for kind in _HASHES:
            if fields.get(f"file.hash.{kind}") is None:
                fields[f"file.hash.{kind}"] = get(record, part, "hash", kind)
    if fields.get("host.os.type") is None:
        fields["host.os.type"] = _OS_TYPES.get(first_text(get(record, "host", "os", "family")) or "")
    fields["labels"] = record.get("labels")
    for name, said in windows_fields.fields(windows).items() if windows is not None else ():
        if fields.get(name) is None:
            fields[name] = said
    fields["rule.id"] = fields.get("rule.id") or fields.get("event.code")
    return fields


def _windows(record: JsonObject) -> WindowsEvent | None:
    log = record.get("winlog")
    if type(log) is not dict:
        return None
    account = inner(log, "user")
    return WindowsEvent(
        code=integer(log.get("event_id")) or integer(get(record, "event", "code")),
        provider=first_text(log.get("provider_name"), get(record, "event", "provider")) or "",
        channel=first_text(log.get("channel")) or "",
        computer=first_text(log.get("computer_name")),
        record_id=first_text(log.get("record_id")),
        data={**inner(log, "user_data"), **inner(log, "event_data")},
        keywords=log.get("keywords"),
        account=(account.get("name"), account.get("domain"), account.get("identifier")),
    )


def _severity(record: JsonObject, fields: dict[str, Any], is_alert: bool) -> tuple[int, bool]:
    found = ecs_fields.worded_severity(record, _SEVERITY_PLACES) or _scored(record, fields)
    found = found or ecs_fields.worded_severity(record, _LOG_LEVEL)
    if found is not None:
        return found, True
    return (severity.MEDIUM, False) if is_alert else (severity.INFORMATIONAL, True)


def _scored(record: JsonObject, fields: dict[str, Any]) -> int | None:
    """By `event.severity`, of whose numbers each source means something else."""
    number, dataset = integer(fields.get("event.severity")), _dataset(record)
    if number is None or dataset is None:
        return None
    if dataset == "suricata.eve":
        return _SURICATA.get(number)
    if dataset not in _SCORED or not 0 < number <= 100:
        return None
    bands = (level for level, score in reversed(severity.RISK_SCORES.items()) if number >= score)
    return next(bands, severity.INFORMATIONAL)


def _dataset(record: JsonObject) -> str | None:
    return first_text(get(record, "event", "dataset"), get(record, "data_stream", "dataset"))


def _module(record: JsonObject, windows: WindowsEvent | None) -> str:
    named = first_text(get(record, "event", "module"))
    if named is None and windows is not None:
        return windows.family
    return slug(named or (_dataset(record) or "ecs").partition(".")[0])


def _identity(
    record: JsonObject, context: Context, windows: WindowsEvent | None
) -> tuple[str | None, tuple[Any, ...], bool, bool]:
    """The source's own id, what makes the document itself, and whether its content and its ordinal do so too."""
    alert_id = first_text(get(record, "kibana", "alert", "uuid"))
    given = first_text(context.document_id, record.get("_id"), alert_id)
    if given is not None:
        # Kibana writes what becomes of an alert into the alert itself.
        return given, (given,), alert_id is not None, False
    event_id = first_text(get(record, "event", "id"))
    if event_id is not None:
        # One event can be behind alerts of several rules, and some write the id of a session that all its logs share.
        return event_id, (event_id,), True, True
    if windows is None or windows.record_id is None:
        return None, (), True, True
    # Record numbers begin anew when a log is cleared.
    return windows.record_id, (windows.computer, windows.channel, windows.record_id), True, False


def _title(fields: dict[str, Any], windows: WindowsEvent | None) -> str | None:
    message = first_text(fields.get("message"))
    if windows is not None:
        return windows_fields.title(windows, message)
    return first_text(fields.get("rule.name"), message, fields.get("event.action"), fields.get("event.reason"))


def _attack(record: JsonObject, windows: WindowsEvent | None) -> mitre.Attack | None:
    found = ecs_fields.attack(record) or _kibanas_attack(get(record, "kibana", "alert", "rule", "threat"))
    if found is None and windows is not None:
        found = windows_fields.attack(windows.data.get("RuleName") or get(record, "rule", "name"))
    return found


def _kibanas_attack(threats: Any) -> mitre.Attack | None:
    """ATT&CK as a rule of Elastic Security lists it: tactics, their techniques, and theirs."""
    entries = [one for one in listed(threats) if type(one) is dict]
    techniques = [one for entry in entries for one in listed(entry.get("technique")) if type(one) is dict]
    closer = [one for found in techniques for one in listed(found.get("subtechnique")) if type(one) is dict]
    return mitre.attack(
        techniques=[one.get("id") for one in (*techniques, *closer)],
        names=[one.get("name") for one in (*techniques, *closer)],
        tactics=[get(entry, "tactic", "id") for entry in entries],
    )


def _related(record: JsonObject) -> list[tuple[str, Any]]:
    kinds = (("ip", "ip"), ("hash", "hash"), ("user", "user"), ("hosts", "host"))
    return [(kind, found) for name, kind in kinds if (found := get(record, "related", name)) is not None]


def _without_repeats(record: JsonObject, *, beats: bool) -> tuple[JsonObject | None, JsonObject | None]:
    """The document without the raw record that it may hold again, and what of it a second reading does not change."""
    event = inner(record, "event")
    kept = digested = None
    if "original" in event:
        kept = {**record, "event": {name: found for name, found in event.items() if name != "original"}}
    if "ecs" in record or not _READ_TIMES.isdisjoint(event):
        digested = {name: found for name, found in record.items() if name != "ecs"}
        if event:
            digested["event"] = {name: found for name, found in event.items() if name not in _READ_TIMES}
    if beats:
        digested = _without_machine(record if digested is None else digested)
    if kept is not None and digested is None:
        digested = record
    return kept, digested


def _without_machine(record: JsonObject) -> JsonObject:
    whole = {name: found for name, found in record.items() if name not in _OF_THE_MACHINE}
    for name, telling in _OF_THE_MACHINE.items():
        part = inner(record, name)
        if left := {key: part[key] for key in telling if key in part}:
            whole[name] = left
    if (path := get(record, "log", "file", "path")) is not None:
        whole.setdefault("log", {})["path"] = path
    return whole


FORMAT = Format(
    name="ecs",
    shape="an ECS document: `winlog`, `ecs.version`, or a time and an `event` with its `kind`, `category` or `action`",
    groupings={GROUPING: ("event.module", "rule.id", "source.ip", "host.name")},
    matches=matches,
    read=read,
    type_of=type_of,
)
