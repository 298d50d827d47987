"""Any JSON object we have no better format for: ECS names are taken over, common names are understood."""

from typing import Any

from shared.domain import severity
from shared.normalise import ecs_fields
from shared.normalise.conform import slug
from shared.normalise.decode import JsonObject
from shared.normalise.ecs_fields import value
from shared.normalise.reading import Context, Format, Reading, first_text

GROUPING = "json@1"

# Good enough to show, too loose to fold by.
_TITLES = ("title", "name", "summary", "reason", "type", "kind")
_TITLE_KEYS = 5

_SEVERITY_PLACES = (
    ("alert", "severity"),
    ("event", "severity_label"),
    ("kibana", "alert", "severity"),
    ("severity",),
    ("log", "level"),
    ("level",),
    ("priority",),
)


def matches(record: JsonObject) -> bool:
    """Every object will do."""
    return True


def type_of(record: JsonObject) -> str:
    """The dataset the record names, or `json`."""
    return first_text(value(record, "event", "dataset")) or "json"


def read(record: JsonObject, context: Context) -> Reading:
    """The object's meaning as far as its names tell it."""
    fields = context.placed(ecs_fields.taken(record, context.zone))
    is_alert = value(record, "event", "kind") == "alert"
    level, known = _severity(record, is_alert)
    rule_id = first_text(fields.get("rule.id"))
    rule = rule_id or first_text(fields.get("rule.name"))
    event_id = first_text(value(record, "event", "id"))
    document_id = first_text(context.document_id, record.get("_id"))
    own_id = document_id or event_id
    module = slug(first_text(value(record, "event", "module")) or "json")
    return Reading(
        kind="alert" if is_alert else "telemetry",
        severity=level,
        title=_title(record, fields) or rule_id or f"JSON record: {', '.join(list(record)[:_TITLE_KEYS])}",
        module=module,
        dataset=slug(first_text(value(record, "event", "dataset")) or f"{module}.events"),
        fields=fields,
        time=ecs_fields.time(record, context.zone),
        identity=() if own_id is None else (own_id,),
        has_id=own_id is not None,
        # Some write the id of a session there, or of a kind of event, that many records share.
        by_content=document_id is None,
        by_ordinal=document_id is None,
        grouping=GROUPING,
        group_by=(module, rule, fields.get("host.name"), fields.get("source.ip")),
        by_title=rule is None,
        rule_id=rule_id,
        tags=ecs_fields.tags(record) + ([] if known else ["severity_unmapped"]),
        attack=ecs_fields.attack(record),
        source_id=event_id or document_id,
        source_url=first_text(value(record, "event", "url")),
    )


def _title(record: JsonObject, fields: dict[str, Any]) -> str | None:
    named = (fields.get(name) for name in ("rule.name", "message", "event.action"))
    return first_text(*named, *(record.get(name) for name in _TITLES))


def _severity(record: JsonObject, is_alert: bool) -> tuple[int, bool]:
    found = ecs_fields.worded_severity(record, _SEVERITY_PLACES)
    if found is not None:
        return found, True
    return (severity.MEDIUM, False) if is_alert else (severity.INFORMATIONAL, True)


FORMAT = Format(
    name="json",
    shape="one JSON object",
    groupings={GROUPING: ("event.module", "rule.name", "host.name", "source.ip")},
    matches=matches,
    read=read,
    type_of=type_of,
)
