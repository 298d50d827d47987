"""The tags of alerts, incidents and observables: which are the same, and how many there may be."""

from collections.abc import Iterable, Sequence

from shared.errors import Invalid

MAX_TAGS = 50


def tagged(tags: Sequence[str], add: Iterable[str], remove: Iterable[str]) -> list[str]:
    """The tags after some were added and others taken off. Raises Invalid `too_many_tags`.

    Those that differ in case alone are one, as it was written first.
    """
    gone = {tag.casefold() for tag in remove}
    kept: dict[str, str] = {}
    for tag in (*tags, *add):
        kept.setdefault(tag.casefold(), tag)
    found = [tag for folded, tag in kept.items() if folded not in gone]
    if len(found) > MAX_TAGS:
        raise Invalid(f"There are at most {MAX_TAGS} tags.", code="too_many_tags")
    return found
