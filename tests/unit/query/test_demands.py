"""Looking a query up by what it demands never leaves out one that the document answers."""

import random

import pytest

from shared.query.demands import key_of
from shared.query.errors import QueryError
from shared.query.fields import Catalogue
from shared.query.parse import parse
from shared.query.to_predicate import ReadOnce, compile_predicate, read_in
from shared.query.values import Reader
from shared.search.catalogue import EVENTS, KEYS
from tests.integration.query import generator

READER = Reader(now=generator.NOW)


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("rule.id:A", ("rule.id", {"a"})),
        ("severity:low (rule.id:a fingerprint:B)", ("fingerprint", {"b"})),
        ("rule.id:(a OR B)", ("rule.id", {"a", "b"})),
        ("(rule.id:a fingerprint:x) OR (rule.id:b host.name:y)", ("rule.id", {"a", "b"})),
        ("rule.id:a OR severity:low", None),
        ("rule.id:a OR host.name:b", None),
        ("NOT rule.id:a", None),
        ("rule.id:a*", None),
        ("rule.id:*", None),
        ("event.module:a", None),
        ("", None),
    ],
)
def test_what_a_query_demands(query: str, key: tuple[str, set[str]] | None) -> None:
    found = key_of(parse(query, EVENTS, READER), KEYS)
    assert (None if found is None else (found.field.name, set(found.values))) == key


def test_whatever_is_asked() -> None:
    rng = random.Random(1)
    fields = [*KEYS, EVENTS.fields["severity"], EVENTS.fields["event.module"]]
    offered = Catalogue("event", {one.name: one for one in fields}, ("rule.name",))
    events = [generator.event(rng, fields) for _ in range(200)]
    keyed = 0
    for _ in range(500):
        text = generator.query(offered, rng)
        try:
            node = parse(text, offered, READER)
        except QueryError:
            continue
        key, holds = key_of(node, KEYS), compile_predicate(node)
        keyed += key is not None
        for document in events:
            once = ReadOnce(document)
            assert holds(once) is holds(document)
            if key is not None and holds(document):
                assert key.values.intersection(read_in(once, key.field)), text
    assert keyed > 50
