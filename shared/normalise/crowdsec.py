"""CrowdSec alerts, as its HTTP notifications and its local API write them; a post is a list of them."""

from collections.abc import Iterable
from typing import Any

from shared.domain import severity
from shared.normalise import clock_rules, mitre
from shared.normalise.conform import slug
from shared.normalise.decode import JsonObject
from shared.normalise.reading import Context, Format, Reading, first_text, inner, listed

GROUPING = "crowdsec@1"

# By a word of the scenario's name: our level, ATT&CK's technique and tactic. The first that is in it counts.
_SCENARIOS: tuple[tuple[str, int, str, str], ...] = (
    ("cve", severity.HIGH, "T1190", "TA0001"),
    ("rce", severity.HIGH, "T1190", "TA0001"),
    ("backdoor", severity.HIGH, "T1190", "TA0001"),
    ("sqli", severity.HIGH, "T1190", "TA0001"),
    ("xss", severity.MEDIUM, "T1190", "TA0001"),
    ("bf", severity.MEDIUM, "T1110", "TA0006"),
    ("bruteforce", severity.MEDIUM, "T1110", "TA0006"),
    ("probing", severity.LOW, "T1595", "TA0043"),
    ("scan", severity.LOW, "T1595", "TA0043"),
    ("crawl", severity.LOW, "T1595", "TA0043"),
    ("enum", severity.LOW, "T1595", "TA0043"),
)
_ADDRESSES = frozenset({"ip", "range"})


def matches(record: JsonObject) -> bool:
    """A `scenario` with its `source`, and the count of events that filled its bucket."""
    return (
        type(record.get("scenario")) is str
        and type(record.get("source")) is dict
        and ("events_count" in record or "scenario_hash" in record)
    )


def type_of(record: JsonObject) -> str:
    """The scenario."""
    return str(record.get("scenario"))[:128]


def read(record: JsonObject, context: Context) -> Reading:
    """The alert's meaning."""
    scenario, source = str(record["scenario"]), inner(record, "source")
    origin = first_text(source.get("value"), source.get("ip"))
    stopped, started = record.get("stop_at"), record.get("start_at")
    level, technique, tactic = _judged(scenario)
    simulated = record.get("simulated") is True
    message = first_text(record.get("message"))
    return Reading(
        kind="alert",
        severity=severity.INFORMATIONAL if simulated else level,
        title=f"{scenario} by {origin}" if origin else scenario,
        module="crowdsec",
        dataset=slug(f"crowdsec.{scenario.rpartition('/')[2][:64]}"),
        fields=_fields(record, source) | {"rule.id": scenario, "rule.name": scenario, "message": message},
        time=clock_rules.read(stopped or started or record.get("created_at"), context.zone),
        identity=(first_text(record.get("machine_id")), scenario, origin, started, stopped),
        by_content=started is None and stopped is None,
        digest_of=_digested(record),
        grouping=GROUPING,
        group_by=(scenario, origin),
        rule_id=scenario,
        tags=["simulated"] if simulated else [],
        attack=mitre.attack(techniques=[technique], tactics=[tactic]) if technique else None,
    )


def _digested(record: JsonObject) -> JsonObject:
    """The alert without what the local API says anew in each answer: how long its decisions still last."""
    decisions = [
        {name: said for name, said in one.items() if name not in _OF_THE_ANSWER} if type(one) is dict else one
        for one in listed(record.get("decisions"))
    ]
    return {**record, "decisions": decisions}


_OF_THE_ANSWER = frozenset({"created_at", "duration", "id", "uuid"})


def _judged(scenario: str) -> tuple[int, str, str]:
    words = scenario.lower().replace("/", "-").replace("_", "-").split("-")
    for word, level, technique, tactic in _SCENARIOS:
        if word in words:
            return level, technique, tactic
    return severity.MEDIUM, "", ""


def _fields(record: JsonObject, source: JsonObject) -> dict[str, Any]:
    events = [one for one in (*listed(record.get("events")), *listed(record.get("Events"))) if type(one) is dict]
    said = _said(events[:1])
    is_address = str(source.get("scope")).lower() in _ADDRESSES
    blocked = any(type(one) is dict and one.get("type") == "ban" for one in listed(record.get("decisions")))
    return {
        "event.category": ("intrusion_detection", "network"),
        "event.type": ("denied",) if blocked else ("info",),
        "event.start": clock_rules.read(record.get("start_at")),
        "event.end": clock_rules.read(record.get("stop_at")),
        "rule.version": first_text(record.get("scenario_version")),
        "observer.vendor": "CrowdSec",
        "observer.product": "CrowdSec",
        "observer.type": "ids",
        "observer.name": first_text(record.get("machine_id")),
        "source.ip": first_text(source.get("ip")) or (first_text(source.get("value")) if is_address else None),
        "user.target.name": said.get("target_user"),
        "network.protocol": said.get("service"),
        "url.path": said.get("http_path"),
        "user_agent.original": said.get("http_user_agent"),
    }


def _said(events: Iterable[JsonObject]) -> dict[str, str]:
    """What the first event's list of keys and values says; a key that is there twice counts once."""
    found: dict[str, str] = {}
    for event in events:
        for one in listed(event.get("meta")):
            if type(one) is dict and type(key := one.get("key")) is str and type(value := one.get("value")) is str:
                found.setdefault(key, value)
    return found


FORMAT = Format(
    name="crowdsec",
    shape="an alert with `scenario`, `source` and `events_count`",
    groupings={GROUPING: ("rule.id", "source.ip")},
    matches=matches,
    read=read,
    type_of=type_of,
    programs=("crowdsec",),
)
