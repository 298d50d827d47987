"""From a list of dotted names with types to the `properties` of a mapping."""

from collections.abc import Iterable, Mapping
from typing import Any

from shared.query.fields import MOST_CHARACTERS, Type

Properties = dict[str, Any]

TEXT: Properties = {"type": "match_only_text"}

_PARAMETERS: dict[str, Properties] = {
    "keyword": {"ignore_above": MOST_CHARACTERS[Type.KEYWORD]},
    # `doc_values` is said aloud because its default changed in OpenSearch 3.4. Without the normalizer É would find
    # neither É nor é: `case_insensitive` makes the query's letters small, and of the values only A to Z.
    "wildcard": {"ignore_above": MOST_CHARACTERS[Type.WILDCARD], "doc_values": True, "normalizer": "lowercase"},
}


def properties(fields: Mapping[str, str], *, searched_by_word: Iterable[str] = ()) -> Properties:
    """The nested `properties` for flat dotted names; those searched by word get a `.text` subfield.

    `nested` becomes a plain object: as nested each observable would be a Lucene document of its own,
    several times the index for one kind of query, and exact pairs are found through `related.*`.
    """
    root: Properties = {}
    by_word = frozenset(searched_by_word)
    for name in sorted(fields):
        *parents, leaf = name.split(".")
        level = root
        for parent in parents:
            level = level.setdefault(parent, {}).setdefault("properties", {})
        if fields[name] not in ("nested", "object"):
            level[leaf] = field(fields[name], by_word=name in by_word)
    return root


def field(kind: str, *, by_word: bool = False) -> Properties:
    """One field of that type with the parameters we always give it."""
    mapped = {"type": kind, **_PARAMETERS.get(kind, {})}
    if by_word:
        mapped["fields"] = {"text": TEXT}
    return mapped
