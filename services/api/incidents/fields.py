"""Custom fields: what a template says there is, and values that fit it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from shared import clock
from shared.errors import Invalid


class BadField(Invalid):
    """A custom field is none of the template's, or its value is none of its kind."""

    code = "bad_field"


def checked(definitions: Sequence[Mapping[str, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are kept, by name; null for one that is emptied. Raises BadField, naming the field."""
    known = {one["name"]: one for one in definitions}
    if unknown := sorted(given.keys() - known):
        offered = ", ".join(sorted(known)) or "none, for the incident has no template with fields"
        raise BadField(f"There is no field {unknown[0]}. Expected one of: {offered}.", field=unknown[0])
    return {name: None if value is None else _read(known[name], value) for name, value in given.items()}


def merged(kept: Mapping[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    """The values after some were changed; those emptied are gone."""
    return {name: value for name, value in {**kept, **changed}.items() if value is not None}


def required(definitions: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Name and label of those that closing needs."""
    return [(one["name"], one.get("label") or one["name"]) for one in definitions if one.get("required")]


def _read(definition: Mapping[str, Any], value: Any) -> Any:
    kind, choices = definition["kind"], definition.get("choices") or []
    if kind == "date" and isinstance(value, str):
        return _moment(definition, value)
    fits = {
        "text": isinstance(value, str),
        "number": isinstance(value, int | float) and not isinstance(value, bool),
        "boolean": isinstance(value, bool),
        "choice": value in choices,
        "choices": isinstance(value, list) and all(one in choices for one in value),
    }
    if not fits.get(kind, False):
        wanted = f"one of: {', '.join(choices)}" if kind in ("choice", "choices") else f"a {kind}"
        raise BadField(f"{definition['name']} takes {wanted}.", field=definition["name"])
    return value


def _moment(definition: Mapping[str, Any], value: str) -> str:
    try:
        return clock.isoformat(clock.utc(datetime.fromisoformat(value)))
    except ValueError:
        said = f"{definition['name']} takes a moment as in RFC 3339: 2026-11-24T12:00:00Z."
        raise BadField(said, field=definition["name"]) from None
