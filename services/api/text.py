"""What the API takes as text, names, formats and moments: bounded, and such as Postgres can store."""

from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints

from shared import clock
from shared.domain import severity
from shared.normalise import pipeline

MAX_NAME = 200
MAX_WORD = 256


def printable(text: str) -> str:
    """The text itself. Raises ValueError for control characters (U+0000 among them) and lone surrogates."""
    if not text.isprintable():
        raise ValueError("control characters are not allowed")
    return text


def known_format(name: str) -> str:
    """The name itself. Raises ValueError when no format of ours has it."""
    if not pipeline.is_format(name):
        raise ValueError(f"one of: {', '.join(pipeline.FORMATS)}")
    return name


def known_severity(given: object) -> object:
    """The number itself, or its digit. Raises ValueError for anything else, words too."""
    if str(given) not in map(str, severity.WORDS):
        raise ValueError(f"a severity is {min(severity.WORDS)} to {max(severity.WORDS)}")
    return given


Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NAME),
    AfterValidator(printable),
]
Word = Annotated[str, StringConstraints(min_length=1, max_length=MAX_WORD), AfterValidator(printable)]
Format = Annotated[Word, AfterValidator(known_format)]
Severity = Annotated[int, Field(ge=min(severity.WORDS), le=max(severity.WORDS)), BeforeValidator(known_severity)]
Moment = Annotated[AwareDatetime, AfterValidator(clock.utc)]
