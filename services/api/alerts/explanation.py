"""Spells out an alert's explanation: which rule at which version, how often, over which fields."""

from collections.abc import Mapping

from services.api.alerts.schemas import RuleApplied
from shared.normalise import pipeline

FOLD = "fold."


def expand(counted: Mapping[str, int]) -> list[RuleApplied]:
    """The entries of `explanation`, the most frequent first."""
    return [_entry(word, count) for word, count in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))]


def _entry(word: str, count: int) -> RuleApplied:
    """`fold.suricata_eve@1` and `fold.suricata_eve@1+title`: name, version, and what joined the fields."""
    rule, _, version = word.partition("@")
    version, _, more = version.partition("+")
    return RuleApplied(rule=f"{rule}+{more}" if more else rule, version=version, count=count, fields=_fields(word))


def _fields(word: str) -> list[str]:
    if not word.startswith(FOLD):
        return []
    try:
        return pipeline.fingerprint_fields(word.removeprefix(FOLD))
    except KeyError:  # a grouping of a program newer or older than this one
        return []
