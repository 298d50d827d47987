"""OCSF events: findings of the classes that are detections are alerts, every other class is telemetry."""

from datetime import datetime
from typing import Any

from shared.domain import severity
from shared.normalise import clock_rules, mitre, ocsf_fields
from shared.normalise.conform import integer, slug
from shared.normalise.decode import JsonObject
from shared.normalise.ecs_fields import SEVERITIES
from shared.normalise.reading import Context, Format, Reading, first_text, get, inner, listed

GROUPING = "ocsf@1"
GROUPING_OF_EVENTS = "ocsf.events@1"

SECURITY_FINDING, DETECTION_FINDING, INCIDENT_FINDING = 2001, 2004, 2005
# By class: the field and the numbers by which a finding says that it is over, or that its source has put it aside.
_OVER: dict[int, tuple[str, frozenset[int]]] = {
    SECURITY_FINDING: ("state_id", frozenset({3, 4})),
    DETECTION_FINDING: ("status_id", frozenset({3, 4, 5, 6})),
    INCIDENT_FINDING: ("status_id", frozenset({4, 5})),
}
_CLOSE = 3
_FATAL = 6
MAX_PARTS = 20
# Of `metadata`: when and through whom the event came here.
_ON_THE_WAY = frozenset({"processed_time", "processed_time_dt", "logged_time", "logged_time_dt", "loggers"})


def matches(record: JsonObject) -> bool:
    """A `class_uid`, and `metadata` that names the product or the schema's version."""
    metadata = record.get("metadata")
    return "class_uid" in record and type(metadata) is dict and ("product" in metadata or "version" in metadata)


def type_of(record: JsonObject) -> str:
    """The class's number."""
    return first_text(record.get("class_uid")) or "0"


def read(record: JsonObject, context: Context) -> Reading:
    """The event's meaning."""
    number, metadata, finding = integer(record.get("class_uid")), inner(record, "metadata"), _finding(record)
    is_alert = _is_alert(record, number)
    rule_id, title = _rule(metadata, finding), first_text(finding.get("title"))
    fields = ocsf_fields.fields(record, finding, context.zone)
    fields |= {"rule.id": rule_id, "rule.name": title or _analytic_name(finding)}
    level = _severity(record)
    identity = (rule_id, *_identity(record, metadata, finding))
    has_id = first_text(metadata.get("uid"), finding.get("uid")) is not None
    product = first_text(get(metadata, "product", "name"), get(metadata, "product", "vendor_name"))
    return Reading(
        kind="alert" if is_alert else "telemetry",
        severity=level or (severity.MEDIUM if is_alert else severity.INFORMATIONAL),
        title=_title(record, fields) or f"OCSF event of class {number}",
        module=slug(product or "ocsf"),
        dataset="ocsf.events" if number is None else f"ocsf.{number}",
        fields=fields,
        time=_time(record, finding, context),
        identity=identity,
        has_id=has_id,
        # A later version may differ in anything, and is the same finding's next event rather than a conflict.
        by_content=True,
        by_ordinal=not has_id,
        **_group(record, finding, fields, is_finding=bool(finding)),
        rule_id=rule_id,
        tags=[
            *([] if level or not is_alert else ["severity_unmapped"]),
            *(tag for tag in listed(metadata.get("labels")) if type(tag) is str),
        ],
        digest_of=_digested(record, metadata),
        attack=_attack(record, finding),
        observables=ocsf_fields.observables(record),
        source_id=first_text(finding.get("uid"), metadata.get("uid")),
        source_url=first_text(finding.get("src_url")),
    )


def _finding(record: JsonObject) -> JsonObject:
    """What the finding says of itself; the older class 2001 calls it `finding`."""
    return inner(record, "finding_info") or inner(record, "finding")


def _digested(record: JsonObject, metadata: JsonObject) -> JsonObject | None:
    """The event without what differs each time it is passed on; None where there is nothing of that."""
    if _ON_THE_WAY.isdisjoint(metadata):
        return None
    return {**record, "metadata": {name: found for name, found in metadata.items() if name not in _ON_THE_WAY}}


def _is_alert(record: JsonObject, number: int | None) -> bool:
    """A detection that stands. A check that was passed, or a finding closed at its source, is a state."""
    if _is_passed(record):
        return False
    if number not in _OVER:
        return record.get("is_alert") is True
    name, over = _OVER[number]
    return integer(record.get("activity_id")) != _CLOSE and integer(record.get(name)) not in over


def _is_passed(record: JsonObject) -> bool:
    return str(record.get("status_code")).upper() == "PASS"


def _severity(record: JsonObject) -> int | None:
    if _is_passed(record):
        # What it says is how bad it would have been.
        return severity.INFORMATIONAL
    number = integer(record.get("severity_id"))
    if number is not None and 0 < number <= _FATAL:
        return severity.clamp(number)
    return SEVERITIES.get((first_text(record.get("severity")) or "").strip().lower())


def _time(record: JsonObject, finding: JsonObject, context: Context) -> datetime | None:
    """The event's time: milliseconds by the standard, seconds by some; told apart by their size."""
    given = (record.get("time"), record.get("time_dt"), finding.get("modified_time"), finding.get("created_time"))
    for value in (*given, record.get("start_time")):
        # Some write the date with slashes.
        plain = value.replace("/", "-") if type(value) is str else value
        if (found := clock_rules.read(plain, context.zone)) is not None:
            return found
    return None


def _rule(metadata: JsonObject, finding: JsonObject) -> str | None:
    return first_text(get(finding, "analytic", "uid"), metadata.get("event_code"), _analytic_name(finding))


def _analytic_name(finding: JsonObject) -> str | None:
    return first_text(get(finding, "analytic", "name"))


def _title(record: JsonObject, fields: dict[str, Any]) -> str | None:
    return first_text(
        fields["rule.name"], record.get("message"), record.get("type_name"), record.get("class_name"), fields["rule.id"]
    )


def _resources(record: JsonObject) -> list[str]:
    held = [one for one in (*listed(record.get("resources")), record.get("resource")) if type(one) is dict]
    return [name for one in held[:MAX_PARTS] if (name := first_text(one.get("uid"), one.get("name"))) is not None]


def _identity(record: JsonObject, metadata: JsonObject, finding: JsonObject) -> tuple[Any, ...]:
    # A finding's own id is that of its check with some products, so that the resource belongs to it.
    own, finding_id = first_text(metadata.get("uid")), first_text(finding.get("uid"))
    return (own, finding_id, *_resources(record), record.get("activity_id"))


def _group(record: JsonObject, finding: JsonObject, fields: dict[str, Any], *, is_finding: bool) -> dict[str, Any]:
    rule, actor = fields["rule.id"] or fields["rule.name"], (fields["source.ip"], fields["user.name"])
    if is_finding:
        finding_id = first_text(finding.get("uid"))
        return {
            "grouping": GROUPING,
            "group_by": (finding_id, rule, *_resources(record)),
            "by_title": finding_id is None and rule is None,
        }
    return {
        "grouping": GROUPING_OF_EVENTS,
        "group_by": (record.get("class_uid"), record.get("activity_id"), rule, *actor, fields["host.name"]),
        "by_title": False,
    }


def _attack(record: JsonObject, finding: JsonObject) -> mitre.Attack | None:
    found = [one for one in (*listed(finding.get("attacks")), *listed(record.get("attacks"))) if type(one) is dict]
    techniques = [inner(one, part) for one in found[:MAX_PARTS] for part in ("technique", "sub_technique")]
    tactics = [one for each in found[:MAX_PARTS] for one in (each.get("tactic"), *listed(each.get("tactics")))]
    return mitre.attack(
        techniques=[one.get("uid") for one in techniques],
        names=[one.get("name") for one in techniques],
        tactics=[first_text(one.get("uid"), one.get("name")) for one in tactics if type(one) is dict],
    )


FORMAT = Format(
    name="ocsf",
    shape="an OCSF event with `class_uid` and `metadata` (its `product` or `version`)",
    groupings={
        GROUPING: ("alert.source_id", "rule.id", "host.id"),
        GROUPING_OF_EVENTS: ("event.code", "event.action", "rule.id", "source.ip", "user.name", "host.name"),
    },
    matches=matches,
    read=read,
    type_of=type_of,
)
