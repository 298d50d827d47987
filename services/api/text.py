"""What the API takes as text, names and moments: bounded, and such as Postgres can store."""

from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, StringConstraints

from shared import clock

MAX_NAME = 200
MAX_WORD = 256


def printable(text: str) -> str:
    """The text itself. Raises ValueError for control characters (U+0000 among them) and lone surrogates."""
    if not text.isprintable():
        raise ValueError("control characters are not allowed")
    return text


Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NAME),
    AfterValidator(printable),
]
Word = Annotated[str, StringConstraints(min_length=1, max_length=MAX_WORD), AfterValidator(printable)]
Moment = Annotated[AwareDatetime, AfterValidator(clock.utc)]
