"""What a document must have to answer a query, so that of many queries only those are tried that it may answer."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from shared.query.fields import Field
from shared.query.to_predicate import reader_of
from shared.query.tree import And, Has, Is, Node, Or


class Key(NamedTuple):
    """A document that answers the query has one of these values in that field, as `reader_of` reads them."""

    field: Field
    values: frozenset[Any]


def key_of(node: Node, fields: Sequence[Field]) -> Key | None:
    """By the first of these fields for which the query demands a value; None where it does for none of them."""
    demanded = _demanded(node)
    return next((Key(field, demanded[field]) for field in fields if field in demanded), None)


def _demanded(node: Node) -> Mapping[Field, frozenset[Any]]:
    """Only what is in every way to answer the query: what all parts of an Or demand, what any part of an And does."""
    match node:
        case Has(field, Is(value)):
            return {field: frozenset({reader_of(field)(value)})}
        case And(parts):
            return {field: values for part in parts for field, values in _demanded(part).items()}
        case Or((first, *others)):
            rest = [_demanded(part) for part in others]
            return {
                field: values.union(*(one[field] for one in rest))
                for field, values in _demanded(first).items()
                if all(field in one for one in rest)
            }
    return {}
