"""Finds what an index made from the list of fields would refuse or leave out of a document."""

import re
from collections.abc import Callable
from ipaddress import ip_address
from math import isfinite
from typing import Any

import orjson

from shared.normalise.fields import ALERT_FIELDS, ECS_FIELDS, TEXT_BYTES

_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z")
_KINDS = {**ECS_FIELDS, **ALERT_FIELDS}


def faults(document: bytes) -> list[str]:
    """The names whose values do not fit their type, or that are not listed."""
    return [name for name, value in _leaves(orjson.loads(document), "") if not _fits(name, value)]


def _leaves(value: dict[str, Any], prefix: str) -> list[tuple[str, Any]]:
    found = []
    for key, item in value.items():
        name = prefix + key
        if name == "alert.observables":
            found += [leaf for each in item for leaf in _leaves(each, f"{name}.")]
        elif isinstance(item, dict) and _KINDS.get(name) != "flat_object":
            found += _leaves(item, f"{name}.")
        else:
            found.append((name, item))
    return found


def _fits(name: str, value: Any) -> bool:
    kind = _KINDS.get(name)
    if kind is None:
        return False
    values = value if isinstance(value, list) else [value]
    return bool(values) and all(_CHECKS[kind](each) for each in values)


def _text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value.encode()) <= TEXT_BYTES and "\0" not in value


def _is_ip(value: Any) -> bool:
    try:
        return isinstance(value, str) and "%" not in value and bool(ip_address(value))
    except ValueError:
        return False


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "keyword": _text,
    "wildcard": _text,
    "match_only_text": _text,
    "flat_object": lambda value: isinstance(value, dict),
    "ip": _is_ip,
    "long": lambda value: type(value) is int and -(1 << 63) <= value < 1 << 63,
    "byte": lambda value: type(value) is int and 1 <= value <= 5,
    "float": lambda value: type(value) in {int, float} and isfinite(value),
    "boolean": lambda value: type(value) is bool,
    "date": lambda value: isinstance(value, str) and bool(_DATE.match(value)),
}
