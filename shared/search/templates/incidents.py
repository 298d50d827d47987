"""The fields of an incident's document: the columns of its row, who may see it, and what hangs on it."""

from shared.search.templates.properties import Properties, field, observables, properties

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
    "tags": "keyword",
    "fields": "flat_object",
    "occurred_at": "date",
    "detected_at": "date",
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
    return {
        **properties(COLUMNS, searched_by_word=SEARCHED_BY_WORD),
        "member_ids": field("keyword"),
        "notes": {"type": "match_only_text"},
        "observables": observables(),
    }
