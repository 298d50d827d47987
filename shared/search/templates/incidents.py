"""The fields of an incident's document: the columns of its row, who may see it, and what hangs on it."""

from shared.search.templates.alerts import BY_TYPE
from shared.search.templates.properties import Properties, properties

COLUMNS: dict[str, str] = {
    "id": "keyword",
    "organization_id": "keyword",
    "number": "long",
    "title": "keyword",
    "summary": "match_only_text",
    "severity": "byte",
    "status": "keyword",
    "verdict": "keyword",
    "reason": "keyword",
    "assignee_id": "keyword",
    "reporter_id": "keyword",
    "reviewer_id": "keyword",
    "closed_by_id": "keyword",
    "tlp": "keyword",
    "pap": "keyword",
    "restricted": "boolean",
    "legal_hold": "boolean",
    "tags": "keyword",
    "techniques": "keyword",
    "fields": "flat_object",
    "alerts_count": "integer",
    "received_at": "date",
    "occurred_at": "date",
    "detected_at": "date",
    "acknowledged_at": "date",
    "contained_at": "date",
    "eradicated_at": "date",
    "recovered_at": "date",
    "resolved_at": "date",
    "closed_at": "date",
    "template_id": "keyword",
    "merged_into_id": "keyword",
    "created_at": "date",
    "updated_at": "date",
    "revision": "long",
    "version": "long",
}
"""Column of the table `incidents` to OpenSearch type: the names the query language knows."""

SEARCHED_BY_WORD = ("title",)


def mapped() -> Properties:
    """The properties of the `incidents` index."""
    fields = {**COLUMNS, **BY_TYPE, "observables": "keyword", "member_ids": "keyword", "notes": "match_only_text"}
    return properties(fields, searched_by_word=SEARCHED_BY_WORD)
