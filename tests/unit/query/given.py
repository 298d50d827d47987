"""A catalogue with one field of each type, and a reader on a fixed day."""

from datetime import UTC, datetime
from uuid import UUID

from shared.query.fields import Field, Type, catalogue
from shared.query.parse import parse as parsed
from shared.query.to_predicate import Document, compile_predicate
from shared.query.tree import Node
from shared.query.values import Reader

NOW = datetime(2026, 11, 24, 12, 30, 15, tzinfo=UTC)
ANN = UUID("01890000-0000-7000-8000-000000000001")
READER = Reader(now=NOW, people={"me": ANN, "ann@example.org": ANN})
LASTING = Reader(now=NOW, people={"ann@example.org": ANN}, lasting=True)

FIELDS = catalogue(
    "thing",
    [
        Field("title", Type.TEXT, sub=".text"),
        Field("rule.name", Type.KEYWORD, path="title"),
        Field("host.name", Type.KEYWORD),
        Field("url.path", Type.WILDCARD),
        Field("status", Type.CHOICE, choices=("new", "closed")),
        Field("severity", Type.SEVERITY),
        Field("count", Type.INTEGER),
        Field("score", Type.FLOAT),
        Field("again", Type.BOOLEAN),
        Field("last_seen", Type.TIME),
        Field("source.ip", Type.ADDRESS),
        Field("destination.ip", Type.ADDRESS),
        Field("observable.ip", Type.ADDRESS),
        Field("id", Type.ID),
        Field("assignee", Type.PERSON, path="assignee_id"),
    ],
    free=("title", "host.name", "observable.ip"),
    open_parents=("sensor",),
)


def parse(text: str, reader: Reader = READER) -> Node:
    """The tree of a query over those fields."""
    return parsed(text, FIELDS, reader)


def answers(text: str, document: Document, reader: Reader = READER) -> bool:
    """True when the document answers the query."""
    return compile_predicate(parse(text, reader))(document)
