"""Zeek's records: notices and hits of its intelligence as alerts, weird and every other log as telemetry."""

from typing import Any

from shared.domain import severity
from shared.normalise import clock_rules, zeek_logs
from shared.normalise.conform import slug
from shared.normalise.decode import JsonObject
from shared.normalise.reading import Context, Format, Reading, first_text, listed
from shared.normalise.zeek_fields import column, fields_of, told

NOTICES = "zeek_json@1"
INDICATORS = "zeek_json.intel@1"
TELEMETRY = "zeek_json.telemetry@1"

INTEL = "intel"
_ALERTS = frozenset({"notice", "notice_alarm", INTEL})
_NOTICES_TWICE = {"notice_alarm": "notice"}

_NOTICE_SEVERITIES = {
    "SSL::Invalid_Server_Cert": severity.LOW,
    "SSL::Invalid_Ocsp_Response": severity.LOW,
    "SSL::Certificate_Expired": severity.LOW,
    "SSL::Certificate_Expires_Soon": severity.LOW,
    "SSL::Certificate_Not_Valid_Yet": severity.LOW,
    "SSL::Weak_Key": severity.LOW,
    "SSL::Old_Version": severity.LOW,
    "SSL::Weak_Cipher": severity.LOW,
    "SSH::Password_Guessing": severity.HIGH,
    "SSH::Login_By_Password_Guesser": severity.HIGH,
    "SSH::Interesting_Hostname_Login": severity.MEDIUM,
    "SSH::Watched_Country_Login": severity.MEDIUM,
    "FTP::Bruteforcing": severity.HIGH,
    "FTP::Site_Exec_Success": severity.HIGH,
    "HTTP::SQL_Injection_Attacker": severity.HIGH,
    "HTTP::SQL_Injection_Victim": severity.HIGH,
    "Intel::Notice": severity.HIGH,
    "TeamCymruMalwareHashRegistry::Match": severity.HIGH,
    "Traceroute::Detected": severity.LOW,
}
_PREFIX_SEVERITIES = {
    "Heartbleed": severity.HIGH,
    "CaptureLoss": severity.INFORMATIONAL,
    "PacketFilter": severity.INFORMATIONAL,
    "Weird": severity.LOW,
}
_LOUD_ACTIONS = frozenset({"Notice::ACTION_ALARM", "Notice::ACTION_PAGE", "ACTION_ALARM", "ACTION_PAGE"})
# What only some of Zeek's writers add, and the time in whichever spelling, which is in the id by itself: a record is
# the same one from a JSON log, a JSON stream or a file of columns.
_UNDIGESTED = frozenset({"_path", "@stream", "_write_ts"})
_UNDIGESTED_TIMED = _UNDIGESTED | {"ts"}


def matches(record: JsonObject) -> bool:
    """`ts` with the stream's name, or with a connection's ids in either spelling, or with a log's own columns."""
    if "ts" not in record:
        return False
    if type(record.get("_path")) is str or type(record.get("@stream")) is str:
        return True
    if "uid" in record and ("id.orig_h" in record or "id_orig_h" in record):
        return True
    return ("note" in record and ("actions" in record or "suppress_for" in record)) or not _OWN.isdisjoint(record)


# Of the logs that have no connection, words that nobody else's records would have beside a `ts`.
_OWN = frozenset(
    {
        "certificate.serial", "compile_ts", "native_file_system", "percent_lost", "pkts_proc", "seen.indicator",
        "software_type", "tx_hosts",
    }
)  # fmt: skip


def type_of(record: JsonObject) -> str:
    """The stream, such as `notice`, as far as the record itself tells it."""
    return _stream(record, "")


def read(record: JsonObject, context: Context) -> Reading:
    """The log line's meaning."""
    stream = _stream(record, context.stream)
    log = zeek_logs.LOGS.get(stream, zeek_logs.OTHER)
    is_alert = stream in _ALERTS
    fields = fields_of(stream, log, record)
    name, detail = _rule(stream, record)
    ends = (fields["source.ip"], fields["destination.ip"], fields["destination.port"])
    if name is not None:
        fields["event.category"] = log.category if is_alert else ("network", "intrusion_detection")
        fields["event.action"] = fields["rule.id"] = fields["rule.name"] = name
        fields.setdefault("rule.category", name.partition("::")[0] if "::" in name else None)
    title, fields["message"] = _words(stream, log, name, record)
    grouping, group_by = _group(stream, name, ends)
    uid = record.get("uid")
    time = clock_rules.read(record.get("ts"), context.zone)
    by_content = name is None or uid is None
    undigested = _UNDIGESTED if time is None else _UNDIGESTED_TIMED
    return Reading(
        kind="alert" if is_alert else "telemetry",
        severity=_severity(stream, name, record) if is_alert else severity.INFORMATIONAL,
        title=title,
        module="zeek",
        dataset=slug(f"zeek.{stream}"),
        fields=fields,
        time=time,
        # The stream may be the shipper's word, and content tells as much; an alarm is its notice written twice.
        identity=(None if by_content else _NOTICES_TWICE.get(stream, stream), uid, name, detail),
        by_content=by_content,
        grouping=grouping,
        group_by=group_by,
        by_title=is_alert and name is None,
        rule_id=name,
        digest_of={key: value for key, value in record.items() if key not in undigested},
        tags=[action for action in listed(record.get("actions")) if type(action) is str],
    )


def _stream(record: JsonObject, shipped: str) -> str:
    named = first_text(record.get("_path"), record.get("@stream"))
    if named is not None:
        return named.lower()[:40]
    # `notice.log`, `notice.2026-11-23.log`, `zeek.notice`
    for word in shipped.split("."):
        if word in zeek_logs.LOGS:
            return word
    if "note" in record and "sig_id" not in record:
        return "notice"
    if "name" in record and ("notice" in record or "addl" in record):
        return "weird"
    return zeek_logs.by_columns(record) or "log"


def _rule(stream: str, record: JsonObject) -> tuple[str | None, Any]:
    """What fired, and what else tells the record from others of its connection."""
    if stream == INTEL:
        return first_text(column(record, "seen.indicator")), column(record, "seen.where")
    name = "note" if stream in _ALERTS else "name" if stream == "weird" else None
    return None if name is None else first_text(record.get(name)), column(record, "sub", "addl")


def _group(stream: str, name: str | None, ends: tuple[Any, Any, Any]) -> tuple[str, tuple[Any, ...]]:
    if stream == INTEL:
        return INDICATORS, (name, ends[0])
    if name is not None or stream in _ALERTS:
        return NOTICES, (name, *ends)
    return TELEMETRY, (stream, *ends)


def _severity(stream: str, name: str | None, record: JsonObject) -> int:
    if stream == INTEL or any(
        type(action) is str and action in _LOUD_ACTIONS for action in listed(record.get("actions"))
    ):
        return severity.HIGH
    if name is None:
        return severity.MEDIUM
    return _NOTICE_SEVERITIES.get(name) or _PREFIX_SEVERITIES.get(name.partition("::")[0], severity.MEDIUM)


def _words(stream: str, log: zeek_logs.Log, name: str | None, record: JsonObject) -> tuple[str, str]:
    words = told(log, record)
    if name is None:
        title = f"Zeek {stream} {words}".rstrip()
        return title, title
    if stream == INTEL:
        return f"Intelligence hit: {name}", words
    return (f"Weird: {name}" if stream == "weird" else name), f"{name}: {words}" if words else name


FORMAT = Format(
    name="zeek_json",
    shape="an object with `ts`, and `_path`, `@stream` or a connection's `uid` and `id.orig_h`",
    groupings={
        NOTICES: ("rule.id", "source.ip", "destination.ip", "destination.port"),
        INDICATORS: ("rule.id", "source.ip"),
        TELEMETRY: ("event.dataset", "source.ip", "destination.ip", "destination.port"),
    },
    matches=matches,
    read=read,
    type_of=type_of,
    programs=("zeek", "bro"),
)
