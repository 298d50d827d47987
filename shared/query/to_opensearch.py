"""A query as OpenSearch's DSL, in filter context: which documents, never how well."""

from datetime import datetime
from typing import Any

from shared import clock
from shared.query.fields import Field, Type
from shared.query.tree import Among, And, Between, Has, Inside, Is, Like, Node, Not, Or, Present, Scalar, Test, Words
from shared.query.words import lowered

Clause = dict[str, Any]

_CASELESS = frozenset({Type.KEYWORD, Type.WILDCARD, Type.CHOICE})


def compile_opensearch(node: Node) -> Clause:
    """The clause of a query, to stand in a `filter`."""
    match node:
        case And(parts):
            return {"bool": {"filter": [compile_opensearch(part) for part in parts]}} if parts else {"match_all": {}}
        case Or(parts):
            if not parts:
                return {"match_none": {}}
            return {"bool": {"should": [compile_opensearch(part) for part in parts], "minimum_should_match": 1}}
        case Not(part):
            return {"bool": {"must_not": [compile_opensearch(part)]}}
        case Has(field, test):
            return _tested(field, test)


def _tested(field: Field, test: Test) -> Clause:
    name = field.in_document
    match test:
        case Present():
            return {"exists": {"field": name}}
        # The automaton that OpenSearch makes of no letters, whatever their case, finds nothing at all.
        case Is(value) if field.type in _CASELESS and value != "":
            return {"term": {name: {"value": _cased(field, str(value)), "case_insensitive": True}}}
        case Is(value):
            return {"term": {name: {"value": _plain(value)}}}
        case Among(values):
            return {"terms": {name: sorted(map(str, values))}}
        case Like(parts):
            value = "".join(_escaped(_cased(field, part)) if isinstance(part, str) else part.sign for part in parts)
            return {"wildcard": {name: {"value": value, "case_insensitive": True}}}
        case Between(low, high, low_included, high_included):
            bounds: Clause = {} if low is None else {"gte" if low_included else "gt": _plain(low)}
            if high is not None:
                bounds["lte" if high_included else "lt"] = _plain(high)
            return {"range": {name: bounds}}
        case Inside(networks):
            return {"terms": {name: [str(network) for network in networks]}}
        case Words(words, prefix):
            return _words(name + field.sub, words, prefix=prefix)


def _words(name: str, words: tuple[str, ...], *, prefix: bool) -> Clause:
    if prefix:
        return {"prefix": {name: {"value": words[0]}}}
    if len(words) == 1:
        return {"term": {name: {"value": words[0]}}}
    return {"match_phrase": {name: {"query": " ".join(words)}}}


def _cased(field: Field, text: str) -> str:
    """As the mapping keeps it: left to itself OpenSearch would lower a query by other rules than the values."""
    return lowered(text) if field.type is Type.WILDCARD else text


def _escaped(part: str) -> str:
    return part.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?")


def _plain(value: Scalar) -> Any:
    if isinstance(value, datetime):
        return clock.isoformat(value)
    return value if isinstance(value, bool | int | float) else str(value)
