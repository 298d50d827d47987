"""The fields of an alert's document: the columns of its row, and what hangs on it."""

from shared.normalise.fields import ECS_FIELDS
from shared.normalise.observables import FIELDS as OBSERVED
from shared.normalise.observables import TYPES
from shared.search.templates.properties import Properties, properties

COLUMNS: dict[str, str] = {
    "id": "keyword",
    "organization_id": "keyword",
    "fingerprint": "keyword",
    "fold_window": "integer",
    "title": "keyword",
    "severity": "byte",
    "sensor_severity": "byte",
    "severity_by_hand": "boolean",
    "status": "keyword",
    "verdict": "keyword",
    "reason": "keyword",
    "assignee_id": "keyword",
    "created_by_id": "keyword",
    "acknowledged_by_id": "keyword",
    "closed_by_id": "keyword",
    "count": "long",
    "first_seen": "date",
    "last_seen": "date",
    "last_fired_at": "date",
    "resolved_at": "date",
    "acknowledged_at": "date",
    "closed_at": "date",
    "again": "boolean",
    "new_since": "date",
    "incident_id": "keyword",
    "suppression_id": "keyword",
    "previous_alert_id": "keyword",
    "quiet_until": "date",
    "risk": "short",
    "tags": "keyword",
    "techniques": "keyword",
    "rule_id": "keyword",
    "module": "keyword",
    "dataset": "keyword",
    "sensor_id": "keyword",
    "observables_count": "integer",
    "observables_dropped": "integer",
    "created_at": "date",
    "updated_at": "date",
    "revision": "long",
    "version": "long",
}
"""Column of the table `alerts` to OpenSearch type: the names the query language knows."""

SEARCHED_BY_WORD = ("title",)


SEEN: dict[str, str] = {name: "keyword" if ECS_FIELDS[name] == "wildcard" else ECS_FIELDS[name] for name in OBSERVED}
"""ECS field to OpenSearch type: where the values that were seen in an alert's events stood.

Observables are short enough for `keyword`. `wildcard` would fold the case of all letters, and Postgres' answer differ.
"""

BY_TYPE: dict[str, str] = {f"observable.{kind}": "ip" if kind == "ip" else "keyword" for kind in TYPES}
"""The same values by their type, wherever they stood."""


def mapped() -> Properties:
    """The properties of the `alerts` index."""
    fields = {**COLUMNS, **SEEN, **BY_TYPE, "observables": "keyword", "notes": "match_only_text"}
    return properties(fields, searched_by_word=SEARCHED_BY_WORD)
