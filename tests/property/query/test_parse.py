"""Laws of the query language that need no server."""

from hypothesis import given
from hypothesis import strategies as st

from shared.query.errors import QueryError
from shared.query.parse import quoted
from shared.query.to_opensearch import compile_opensearch
from shared.query.to_predicate import compile_predicate
from shared.query.tree import Has, Is
from tests.unit.query.given import FIELDS, parse

PIECES = st.sampled_from(
    [*FIELDS.fields, *'():"[]{}<>=*?\\/~^+- ', " AND ", " OR ", " NOT ", " TO ", "now", "10.0.0.1", "2026-11-24", "a"]
)
TEXTS = st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=60)


@given(TEXTS)
def test_any_text_is_a_query_or_a_marked_error(text: str) -> None:
    try:
        node = parse(text)
    except QueryError as error:
        assert 0 <= error.position <= len(text)
        assert error.position + error.length <= len(text)
        return
    compile_opensearch(node)
    assert compile_predicate(node)({}) in (True, False)


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=60).filter(str.isprintable))
def test_a_quoted_value_means_itself(value: str) -> None:
    assert parse(f"host.name:{quoted(value)}") == Has(FIELDS.fields["host.name"], Is(value))


@given(TEXTS)
def test_a_document_answers_a_query_or_its_negation(text: str) -> None:
    try:
        node, negated = parse(text), parse(f"NOT ({text})")
    except QueryError:
        return
    document = {"title": "a b", "host": {"name": "a"}, "count": 5, "source": {"ip": "10.0.0.1"}}
    if text.strip():
        assert compile_predicate(node)(document) is not compile_predicate(negated)(document)
