"""Wazuh 5 findings: ECS documents whose rule, agent and decoder stand under `wazuh`."""

from typing import Any

from shared.domain import severity
from shared.normalise import ecs_fields, mitre
from shared.normalise.decode import JsonObject
from shared.normalise.reading import Context, Format, Reading, first_text, get, inner, listed

GROUPING = "wazuh5@1"


def matches(record: JsonObject) -> bool:
    """`wazuh` with a `rule` that has a level or a title."""
    rule = inner(record, "wazuh").get("rule")
    return type(rule) is dict and ("level" in rule or "title" in rule)


def type_of(record: JsonObject) -> str:
    """The integration that decoded the event."""
    return first_text(get(record, "wazuh", "integration", "name")) or "finding"


def read(record: JsonObject, context: Context) -> Reading:
    """The finding's meaning."""
    wazuh = inner(record, "wazuh")
    rule, agent = inner(wazuh, "rule"), inner(wazuh, "agent")
    rule_id, title = first_text(rule.get("id")), first_text(rule.get("title"))
    level = severity.NUMBERS.get(str(rule.get("level")).strip().lower())
    event, event_id = inner(record, "event"), first_text(get(record, "event", "id"))
    fields = ecs_fields.taken(record, context.zone)
    fields.update(_fields(wazuh, fields, rule_id, title))
    fields["message"] = first_text(fields.get("message"), event.get("original"), title)
    own_id = first_text(context.document_id, record.get("_id"), event_id)
    return Reading(
        kind="alert",
        severity=level or severity.MEDIUM,
        title=title or f"Wazuh rule {rule_id}",
        module="wazuh",
        dataset="wazuh.findings",
        fields=fields,
        time=ecs_fields.time(record, context.zone),
        # One event has a finding for each rule that it meets, and they all carry the event's id.
        identity=(own_id, rule_id, first_text(agent.get("id"))),
        has_id=own_id is not None,
        by_content=True,
        by_ordinal=own_id is None,
        grouping=GROUPING,
        group_by=(rule_id, first_text(agent.get("id")), fields.get("source.ip")),
        by_title=rule_id is None,
        rule_id=rule_id,
        tags=[
            *([] if level else ["severity_unmapped"]),
            *ecs_fields.tags(record),
            *(tag for tag in listed(rule.get("tags")) if type(tag) is str),
            *_compliance(inner(rule, "compliance")),
        ],
        attack=_attack(inner(rule, "mitre")),
        digest_of=record if "original" in event else None,
        kept=_without_original(record, event) if "original" in event else None,
        source_id=own_id,
    )


def _without_original(record: JsonObject, event: JsonObject) -> JsonObject:
    # The raw record is what the rest was decoded from; whoever wants it has the event's original.
    return {**record, "event": {name: value for name, value in event.items() if name != "original"}}


def _fields(wazuh: JsonObject, ecs: dict[str, Any], rule_id: str | None, title: str | None) -> dict[str, Any]:
    agent, integration = inner(wazuh, "agent"), inner(wazuh, "integration")
    host = inner(agent, "host")
    return {
        "rule.id": rule_id,
        "rule.name": title,
        "rule.category": first_text(integration.get("category")),
        "agent.id": first_text(agent.get("id")),
        "agent.name": first_text(agent.get("name")),
        "host.name": first_text(ecs.get("host.name"), host.get("hostname"), agent.get("name")),
        "host.id": first_text(ecs.get("host.id"), agent.get("id")),
        "host.ip": ecs.get("host.ip") or host.get("ip"),
        "observer.vendor": "Wazuh",
        "observer.product": "Wazuh",
        "observer.type": "hids",
        "observer.name": first_text(get(wazuh, "cluster", "node"), get(wazuh, "manager", "name")),
    }


def _attack(named: JsonObject) -> mitre.Attack | None:
    technique, closer = inner(named, "technique"), inner(named, "subtechnique")
    tactic = inner(named, "tactic")
    return mitre.attack(
        techniques=[*listed(technique.get("id")), *listed(closer.get("id"))],
        names=[*listed(technique.get("name")), *listed(closer.get("name"))],
        tactics=listed(tactic.get("id")) or listed(tactic.get("name")),
    )


def _compliance(standards: JsonObject) -> list[str]:
    return [f"{name}_{item}" for name, items in standards.items() for item in listed(items) if type(item) is str]


FORMAT = Format(
    name="wazuh5",
    shape="a finding with `wazuh.rule` (its `level` and `title`)",
    groupings={GROUPING: ("rule.id", "agent.id", "source.ip")},
    matches=matches,
    read=read,
    type_of=type_of,
)
