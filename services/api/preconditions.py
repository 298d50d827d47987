"""`If-Match`: a change is made to the thing that its caller saw, or not at all."""

import re
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Header

from shared.errors import IfMatchNeeded, Invalid, Stale

_TAG = re.compile(r'(?:W/)?"([0-9]{1,18})"')

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=64,
        json_schema_extra={"pattern": r'^(\*|(W/)?"[0-9]{1,18}")$'},
        description="The ETag of the thing as the caller saw it, or `*` for however it is now.",
    ),
]


class BadTag(Invalid):
    """If-Match is neither `*` nor an ETag of ours, which is sent with its quotation marks: `If-Match: "3"`."""

    code = "bad_if_match"


def named(given: str | None) -> int | None:
    """The revision that the header names, if it names one."""
    tag = _TAG.fullmatch((given or "").strip())
    return None if tag is None else int(tag[1])


def check(given: str | None, revision: int, current: Callable[[], Any]) -> None:
    """Raises IfMatchNeeded, BadTag, and Stale with what `current` makes when the revision is another one."""
    if given is None:
        raise IfMatchNeeded
    if given.strip() == "*":
        return
    seen = named(given)
    if seen is None:
        raise BadTag
    if seen != revision:
        raise Stale(current=current())


def etag(revision: int) -> str:
    """The header's value for a revision."""
    return f'"{revision}"'
