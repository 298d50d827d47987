"""What is wrong with an input: where in what was sent, and what is expected there, in words of ours alone."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

# Members of ours are named like this; anything else in a location is the caller's own text.
_OUR_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")

# Kinds of validation errors whose message is made of our limits alone, never of what was sent.
_SAID_AS_IS = re.compile(
    r"missing|extra_forbidden|value_error|enum|literal_error|timezone_aware|(string|bytes)_too_(short|long)|too_(short|long)"
    r"|string_pattern_mismatch|(greater|less)_than(_equal)?|finite_number|[a-z]+_type|(int|float|bool)_parsing|json_invalid"
)


_MOMENT = "A moment is written as in RFC 3339: 2026-11-24T12:00:00Z."
_ID = "An id is expected, a UUID, as lists show them."
_PEOPLE = {"assignee_id", "owner_id", "user_id"}
_DURATION = "A duration is written as in ISO 8601, PT5M for five minutes, or as a number of seconds."
_EXPECTED = {
    **dict.fromkeys(("uuid_parsing", "uuid_type"), _ID),
    **dict.fromkeys(("time_delta_parsing", "time_delta_type"), _DURATION),
    **dict.fromkeys(
        (
            "datetime_parsing",
            "datetime_from_date_parsing",
            "datetime_type",
            "datetime_object_invalid",
            "timezone_aware",
        ),
        _MOMENT,
    ),
}
"""Of kinds of validation errors whose own message quotes the input, or says too little: what was expected."""

_TAGS = ("type", "kind")
"""The members that say which of several forms a body, or a part of it, has."""


def entry(
    found: Mapping[str, Any], body: Any = None, members: Callable[[Sequence[Any]], Sequence[str]] = lambda _: ()
) -> dict[str, str]:
    """Where and what, in words of ours: no values of the caller's are repeated, and no names that could be anything.

    `members` gives those that the object at a place of the body can have.
    """
    where, *path = found["loc"]
    if where != "body":
        name = str(path[0]) if path else ""
        known = {"in": str(where), "parameter": name if _OUR_NAME.fullmatch(name.lower().replace("-", "_")) else ""}
        return known | {"code": found["type"], "detail": _message(found)}
    pointer = _pointer(path, body, missing=found["type"] == "missing")
    detail = _message(found)
    if found["type"] in ("union_tag_invalid", "union_tag_not_found"):
        pointer += f"/{found['ctx']['discriminator'].strip(chr(39))}"
    elif found["type"] == "extra_forbidden" and (expected := members(path[:-1])):
        detail = f"There is no such member; expected: {', '.join(expected)}."
    return {"pointer": pointer, "code": found["type"], "detail": detail}


def _pointer(path: Sequence[Any], body: Any, *, missing: bool) -> str:
    """The place in what was sent. Validation names in between which form it read, which is no place."""
    pointer, at = "#", body
    for index, part in enumerate(path):
        last = index == len(path) - 1
        if isinstance(at, dict) and not last and part in (at.get(one) for one in _TAGS):
            continue
        if isinstance(part, str) and not _OUR_NAME.fullmatch(part):
            break
        if (isinstance(at, dict) and part in at) or (isinstance(at, list) and isinstance(part, int) and part < len(at)):
            at = at[part]
        elif not (last and missing):
            continue
        pointer += f"/{part}"
    return pointer


def members(document: Mapping[str, Any], schema: Mapping[str, Any], path: Sequence[Any]) -> list[str]:
    """The members that the object at this place of a body can have, by the API's own description."""
    at = [*_forms(document, schema)]
    for part in path:
        at = [one for form in at if (below := _below(form, part)) for one in _forms(document, below)]
    return sorted({name for form in at for name in form.get("properties", ())})


def _forms(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    yield schema
    for one in schema.get("anyOf", ()):
        yield from _forms(document, one)


def _below(form: Mapping[str, Any], part: Any) -> Mapping[str, Any] | None:
    if isinstance(part, int):
        return form.get("items")
    chosen = form.get("discriminator", {}).get("mapping", {}).get(part)
    return {"$ref": chosen} if chosen is not None else form.get("properties", {}).get(part)


def _message(found: Mapping[str, Any]) -> str:
    kind, context = found["type"], found.get("ctx", {})
    if kind == "json_invalid" and "error" in context:
        return f"The body is no JSON: {context['error']}, at character {found['loc'][-1]}."
    if kind == "union_tag_invalid":
        return f"Input should be one of {context['expected_tags']}"
    if kind == "union_tag_not_found":
        return "Field required"
    if kind in _EXPECTED:
        hint = " Those of people are at GET /users." if found["loc"][-1] in _PEOPLE else ""
        return _EXPECTED[kind] + hint
    if not _SAID_AS_IS.fullmatch(kind):
        return "Not a valid value."
    return str(found["msg"]).removeprefix("Value error, ")
