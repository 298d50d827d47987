"""The fields that queries may name, by kind of thing: from the lists that the templates are made of."""

from shared.domain.alert import STATUSES
from shared.domain.incident import Pap, Status, Tlp
from shared.domain.triage import Verdict
from shared.normalise.fields import ECS_FIELDS
from shared.query.fields import Catalogue, Field, Type, catalogue
from shared.search.templates import alerts

_TYPES: dict[str, Type] = {
    "keyword": Type.KEYWORD,
    "wildcard": Type.WILDCARD,
    "match_only_text": Type.TEXT,
    "long": Type.INTEGER,
    "byte": Type.INTEGER,
    "short": Type.INTEGER,
    "integer": Type.INTEGER,
    "float": Type.FLOAT,
    "boolean": Type.BOOLEAN,
    "date": Type.TIME,
    "ip": Type.ADDRESS,
}
_OPEN = tuple(name for name, kind in ECS_FIELDS.items() if kind == "flat_object")


def _ecs(name: str, kind: str) -> Field:
    return Field(name, _TYPES[kind])


def _alerts() -> Catalogue:
    own = [
        Field("id", Type.ID, "The alert's id"),
        Field("title", Type.TEXT, "Words of the title", sub=".text"),
        Field("rule.name", Type.KEYWORD, "The whole title", path="title"),
        Field("rule.id", Type.KEYWORD, "The sensor's rule", path="rule_id"),
        Field("severity", Type.SEVERITY, "informational, low, medium, high, critical, or 1 to 5"),
        Field("risk", Type.INTEGER, "0 to 100"),
        Field("status", Type.CHOICE, "Where it stands", choices=STATUSES),
        Field("verdict", Type.CHOICE, "What it turned out to be", choices=tuple(Verdict)),
        Field("reason", Type.KEYWORD, "Why it was closed so"),
        Field("assignee", Type.PERSON, "Whose it is", path="assignee_id"),
        Field("created_by", Type.PERSON, "Who made it by hand", path="created_by_id"),
        Field("acknowledged_by", Type.PERSON, "Who took it up", path="acknowledged_by_id"),
        Field("closed_by", Type.PERSON, "Who closed it", path="closed_by_id"),
        Field("count", Type.INTEGER, "Events folded into it"),
        Field("first_seen", Type.TIME, "Time of its first event"),
        Field("last_seen", Type.TIME, "Time of its latest event"),
        Field("resolved_at", Type.TIME, "When its source said it is over"),
        Field("acknowledged_at", Type.TIME, "When it was taken up"),
        Field("closed_at", Type.TIME, "When it was closed"),
        Field("created_at", Type.TIME, "When we opened it"),
        Field("updated_at", Type.TIME, "When it changed last"),
        Field("again", Type.BOOLEAN, "It came back after it had been acknowledged"),
        Field("new_since", Type.TIME, "When we received what made it new, or when it was reopened"),
        Field("tags", Type.KEYWORD, "Its tags"),
        Field("technique", Type.KEYWORD, "ATT&CK technique", path="techniques"),
        Field("threat.technique.id", Type.KEYWORD, path="techniques", hidden=True),
        Field("module", Type.KEYWORD, "Product that saw it"),
        Field("event.module", Type.KEYWORD, path="module", hidden=True),
        Field("dataset", Type.KEYWORD, "Kind of record within the product"),
        Field("event.dataset", Type.KEYWORD, path="dataset", hidden=True),
        Field("sensor_id", Type.ID, "The sensor's id"),
        Field("organization_id", Type.ID, "The organization's id"),
        Field("incident_id", Type.ID, "The incident it is linked to"),
        Field("suppression_id", Type.ID, "What suppressed it"),
        Field("notes", Type.TEXT, "Words of its notes"),
        Field("observable", Type.KEYWORD, "Any value seen in its events", path="observables"),
    ]
    seen = [Field(name, _TYPES[kind], "Seen there in its events") for name, kind in alerts.SEEN.items()]
    seen += [Field(name, _TYPES[kind], "Seen anywhere in its events") for name, kind in alerts.BY_TYPE.items()]
    return catalogue(
        "alert",
        [*own, *seen],
        free=("title", "rule.id", "tags", "notes", "observable", "observable.ip"),
    )


def _incidents() -> Catalogue:
    own = [
        Field("id", Type.ID, "The incident's id"),
        Field("number", Type.INTEGER, "The organization's number of it"),
        Field("title", Type.TEXT, "Words of the title", sub=".text"),
        Field("summary", Type.TEXT, "Words of the summary"),
        Field("notes", Type.TEXT, "Words of its notes"),
        Field("severity", Type.SEVERITY, "informational, low, medium, high, critical, or 1 to 5"),
        Field("status", Type.CHOICE, "Where it stands", choices=tuple(Status)),
        Field("verdict", Type.CHOICE, "What it turned out to be", choices=tuple(Verdict)),
        Field("reason", Type.KEYWORD, "Why it was closed so"),
        Field("assignee", Type.PERSON, "Whose it is", path="assignee_id"),
        Field("reporter", Type.PERSON, "Who opened it", path="reporter_id"),
        Field("reviewer", Type.PERSON, "Who reviews it", path="reviewer_id"),
        Field("closed_by", Type.PERSON, "Who closed it", path="closed_by_id"),
        Field("tlp", Type.CHOICE, "Who may be told", choices=tuple(Tlp)),
        Field("pap", Type.CHOICE, "What may be done with it", choices=tuple(Pap)),
        Field("restricted", Type.BOOLEAN, "Seen by its members alone"),
        Field("legal_hold", Type.BOOLEAN, "Kept from every deletion"),
        Field("tags", Type.KEYWORD, "Its tags"),
        Field("technique", Type.KEYWORD, "ATT&CK technique", path="techniques"),
        Field("threat.technique.id", Type.KEYWORD, path="techniques", hidden=True),
        Field("alerts_count", Type.INTEGER, "Alerts linked to it"),
        *(Field(name, Type.TIME, meaning) for name, meaning in _MOMENTS.items()),
        Field("template_id", Type.ID, "The template it was made of"),
        Field("merged_into_id", Type.ID, "The incident it was merged into"),
        Field("organization_id", Type.ID, "The organization's id"),
        Field("observable", Type.KEYWORD, "Any value in it", path="observables"),
    ]
    values = [Field(name, _TYPES[kind], "A value in it, of this type") for name, kind in alerts.BY_TYPE.items()]
    free = ("title", "summary", "notes", "tags", "observable", "observable.ip")
    return catalogue("incident", [*own, *values], free=free)


_MOMENTS = {
    "received_at": "When we received its first event",
    "occurred_at": "When it began",
    "detected_at": "When it was noticed",
    "acknowledged_at": "When somebody took it up",
    "contained_at": "When it was contained",
    "eradicated_at": "When its cause was gone",
    "recovered_at": "When all was as before",
    "resolved_at": "When it was resolved",
    "closed_at": "When it was closed",
    "created_at": "When it was opened",
    "updated_at": "When it changed last",
}


def _events() -> Catalogue:
    own = [
        Field("id", Type.ID, "The event's id", path="_id", stored=True),
        Field("severity", Type.SEVERITY, "informational to critical, or 1 to 5", path="alert.severity_id"),
        Field("title", Type.TEXT, "Words of the title", path="alert.title", sub=".text"),
        Field("alert_id", Type.ID, "The alert it was folded into", path="alert.id", stored=True),
        Field("fingerprint", Type.KEYWORD, "Equal in events that fold into one alert", path="alert.fingerprint"),
        Field("organization_id", Type.ID, path="organization.id", hidden=True),
        Field("sensor_id", Type.ID, "The sensor's id", path="alert.transport.sensor_id"),
    ]
    ecs = [_ecs(name, kind) for name, kind in ECS_FIELDS.items() if kind in _TYPES]
    return catalogue(
        "event",
        [*own, *ecs],
        free=("title", "message", "related.ip", "related.hosts", "related.user", "related.hash"),
        open_parents=_OPEN,
    )


ALERTS, EVENTS, INCIDENTS = _alerts(), _events(), _incidents()

KEYS = tuple(
    EVENTS.fields[name] for name in ("fingerprint", "rule.id", "rule.name", "source.ip", "host.name", "user.name")
)
"""Of each of these, few events share a value, the fewest first: by it suppressions are looked up."""
