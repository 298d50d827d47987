"""Changes the words in the facts of an incident wherever they stand, for what no reader of a copy may find there."""

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any

from services.api.incidents.facts import Observable

# Words of ours, by which programs tell things apart.
_OURS = frozenset({"kind", "type", "status", "relation", "action", "decision", "media_type", "formula"})


def reworded(part: Any, change: Callable[[str], str]) -> Any:
    """The same with each text in it changed; the value of an observable stays, for that is its own to be marked."""
    if type(part) is str:
        return change(part)
    if isinstance(part, tuple | list):
        return type(part)(reworded(one, change) for one in part)
    if not is_dataclass(part) or isinstance(part, type):
        return part
    kept = _OURS | {"value"} if isinstance(part, Observable) else _OURS
    given = {one.name: getattr(part, one.name) for one in fields(part) if one.name not in kept}
    return replace(part, **{name: reworded(value, change) for name, value in given.items()})
