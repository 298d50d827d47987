"""Fits raw values to the mapping: what a document says under a name is always of that name's type.

Formats hand over what the sensor wrote, of whatever type, under dotted ECS names; here each value is turned
into its field's type or left out, so that no document is ever refused by its index.
"""

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson

from shared.normalise import addresses, observables
from shared.normalise.addresses import Address
from shared.normalise.fields import ECS_FIELDS, TEXT_BYTES
from shared.normalise.observables import Observables
from shared.normalise.reading import Ready

MAX_LIST = 100
MAX_SLUG = 64
_NO_SLUG = re.compile(r"[^a-z0-9._-]+")
_SURELY_SHORT = TEXT_BYTES // 4
_LEAST, _GREATEST = -(1 << 63), (1 << 63) - 1
_TEXT_KINDS = frozenset({"keyword", "wildcard", "match_only_text"})


def place(fields: dict[str, Any], document: dict[str, Any], found: Observables) -> bool:
    """Put each field where it belongs in the nested document; True if some text was clipped.

    A tuple is a format's own words and needs no fitting, nor does an Address; None is "not there".
    The loop is the door's hottest: the common types are told apart in it, all else is fitted by call.
    """
    clipped = False
    plan, text, long = _PLAN, _text, _long
    for name, given in fields.items():
        if given is None:
            continue
        prefix, leaf, fit, observable = plan[name]
        value: Any = given
        if fit is text:
            if type(value) is str and 0 < len(value) <= _SURELY_SHORT:
                pass
            elif type(value) is not tuple:
                value, cut = _text(value)
                clipped = clipped or cut
        elif type(value) is Address:
            value = value.text
        elif fit is not long or type(value) is not int or not _LEAST <= value <= _GREATEST:
            value = fit(value)
        if value is None:
            _keep_raw_address(name, given, document)
            continue
        spot = document.get(prefix)
        if spot is None:
            spot = _spot(prefix, document)
        spot[leaf] = value
        if observable is not None:
            found.add(observable, given if type(given) is Address else value, name)
    return clipped


def ready(fields: dict[str, Any]) -> Ready:
    """The fields fitted once for many records."""
    document: dict[str, Any] = {}
    found = Observables()
    clipped = place(fields, document, found)
    return Ready(document, [(*pair, seen) for pair, seen in zip(found.pairs(), found.fields(), strict=True)], clipped)


def clip(text: str, limit: int = TEXT_BYTES) -> str:
    """The text cut to `limit` bytes of UTF-8, never inside a character."""
    if len(text) * 4 <= limit:
        return text
    raw = text.encode()
    return text if len(raw) <= limit else raw[:limit].decode(errors="ignore")


def written(moment: datetime) -> str:
    """`clock.isoformat` of a moment in UTC, by orjson, whose date writer takes a tenth of the time."""
    text = orjson.dumps(moment, option=orjson.OPT_UTC_Z).decode()
    return f"{text[1:24]}Z" if moment.microsecond else f"{text[1:20]}.000Z"


def slug(text: str) -> str:
    """A short lower-case word for a module or dataset."""
    return _slug(text[:MAX_SLUG])


@lru_cache(maxsize=1024)
def _slug(text: str) -> str:
    return _NO_SLUG.sub("_", text.lower()).strip("_.") or "other"


def scalar(value: Any) -> str | None:
    """A scalar as text; None for anything that is not one, or is empty."""
    kind = type(value)
    if kind is str:
        return value or None
    if kind is bool:
        return "true" if value else "false"
    return str(value) if kind is int or kind is float else None


def integer(value: Any) -> int | None:
    """A whole number of 64 bits signed, from a number or its digits."""
    kind = type(value)
    if kind is str:
        if not (0 < len(value) <= 20 and value.isascii() and value.lstrip("-").isdigit()):
            return None
        try:
            value = int(value)
        except ValueError:
            return None
    elif kind is float and abs(value) < 1 << 53:
        value = round(value)
    elif kind is not int:
        return None
    return value if _LEAST <= value <= _GREATEST else None


def _text(value: Any) -> tuple[Any, bool]:
    if type(value) is list:
        texts = [text for item in value[:MAX_LIST] if (text := scalar(item)) is not None]
        short = [clip(text) for text in texts]
        return short or None, len(value) > MAX_LIST or short != texts
    text = scalar(value)
    if text is None:
        return None, False
    short_text = clip(text)
    return short_text, len(short_text) != len(text)


def _each(one: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def fit(value: Any) -> Any:
        if type(value) is list:
            return [fitted for item in value[:MAX_LIST] if (fitted := one(item)) is not None] or None
        return one(value)

    return fit


def _ip(value: Any) -> str | None:
    return address.text if (address := addresses.read(value)) is not None else None


def _date(value: Any) -> str | None:
    return written(value) if isinstance(value, datetime) else None


def _float(value: Any) -> float | None:
    return float(value) if type(value) in {int, float} else None


def _labels(value: Any) -> dict[str, str] | None:
    if type(value) is not dict:
        return None
    texts = ((clip(key, 512), scalar(item)) for key, item in list(value.items())[:MAX_LIST])
    return {key: clip(text) for key, text in texts if key and text is not None} or None


_long = _each(integer)

_FITS: dict[str, Callable[[Any], Any]] = {
    "ip": _each(_ip),
    "long": _long,
    "date": _date,
    "float": _float,
    "flat_object": _labels,
}


def _plan(name: str, kind: str) -> tuple[str, str, Callable[[Any], Any], str | None]:
    prefix, _, leaf = name.rpartition(".")
    return prefix, leaf, _text if kind in _TEXT_KINDS else _FITS[kind], observables.FIELDS.get(name)


_PLAN = {name: _plan(name, kind) for name, kind in ECS_FIELDS.items() if name != "sensor"}
_RAW_ADDRESS = {"source.ip": "source", "destination.ip": "destination"}


def _keep_raw_address(name: str, value: Any, document: dict[str, Any]) -> None:
    if name in _RAW_ADDRESS and (text := scalar(value)) is not None:
        document.setdefault(_RAW_ADDRESS[name], {})["address"] = clip(text)


def _spot(prefix: str, document: dict[str, Any]) -> dict[str, Any]:
    """The object at a dotted prefix that `document` has not at its root; the root itself for ''."""
    if prefix in _ROOTS:
        spot = document[prefix] = {}
        return spot
    spot = document
    for part in prefix.split(".") if prefix else ():
        spot = spot.setdefault(part, {})
    return spot


_ROOTS = frozenset(prefix for prefix, *_ in _PLAN.values() if prefix and "." not in prefix)
