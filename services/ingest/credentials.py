"""Where a sender may put its key: several header forms, or the path where it can set no header."""

import base64
import binascii
import re
from collections.abc import Callable

from services.ingest.refusals import Refused

MAX_KEY = 512

# What the API shows of keys and tokens, and enough behind it that the rest is not guessed.
_OURS = re.compile(r"(ev[st]_[A-Za-z0-9_-]{8})[A-Za-z0-9_-]{16,}")


def key_of(authorization: bytes | None, x_api_key: bytes | None) -> str:
    """The key a request shows; schemes in any case, the first usable form counts.

    Raises Refused `no_key` where there is none. Says nothing about whether the key is any good.
    """
    key = _from_authorization(authorization) if authorization else None
    if key is None and x_api_key:
        key = _text(x_api_key)
    if key is None or not 0 < len(key) <= MAX_KEY:
        raise Refused("no_key")
    return key


def shown_of(key: str) -> str | None:
    """The beginning of a key, as lists of keys show it; of what is none of ours nothing, for it may be a password."""
    ours = _OURS.fullmatch(key)
    return ours[1] if ours else None


def _from_authorization(value: bytes) -> str | None:
    scheme, _, rest = value.strip().partition(b" ")
    read = _SCHEMES.get(scheme.lower())
    return read(rest.strip()) if read is not None else None


def _text(value: bytes) -> str | None:
    return value.strip().decode("latin-1") or None


def _second_of_pair(value: bytes) -> str | None:
    """`id:key` or `user:password` in base64: the part after the first colon."""
    try:
        pair = base64.b64decode(value + b"=" * (-len(value) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    _, colon, key = pair.partition(b":")
    return _text(key) if colon else None


def _api_key(value: bytes) -> str | None:
    """Elasticsearch's base64 of `id:key`; or the bare key, as people write it by hand."""
    return _second_of_pair(value) or _text(value)


_SCHEMES: dict[bytes, Callable[[bytes], str | None]] = {
    b"bearer": _text,
    b"apikey": _api_key,
    b"basic": _second_of_pair,
}
