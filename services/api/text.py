"""What the API takes as text, names, formats and moments: bounded, and such as Postgres can store."""

import re
from datetime import timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from shared import clock
from shared.domain import severity
from shared.models.alert_note import MAX_NOTE
from shared.normalise import pipeline

MAX_NAME = 200
NOT_BLANK = r"\S"
MAX_WORD = 256

_SEVERITIES = f"a severity is one of {', '.join(f'{number} ({word})' for number, word in severity.WORDS.items())}"
_NUMBER = re.compile(r"[-+]?[0-9.]+")


def printable(text: str) -> str:
    """The text itself. Raises ValueError for control characters (U+0000 among them) and lone surrogates."""
    if not text.isprintable():
        raise ValueError("control characters are not allowed")
    return text


def whole(span: timedelta) -> timedelta:
    """The span in whole seconds: what `duration` means in a description (RFC 3339) knows no parts of one."""
    return timedelta(seconds=round(span.total_seconds()))


def duration(span: timedelta) -> str:
    """`P1DT2H0M5S`, of whole seconds: RFC 3339, appendix A, without years and months, which vary in length."""
    minutes, seconds = divmod(span.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    # No part may be left out between two others.
    parts = [(hours, "H"), (minutes, "M"), (seconds, "S")]
    while parts and not parts[0][0]:
        parts.pop(0)
    while parts and not parts[-1][0]:
        parts.pop()
    days = f"{span.days}D" if span.days else ""
    time = "T" + "".join(f"{number}{unit}" for number, unit in parts) if parts else ""
    return f"P{days}{time}" if days or time else "PT0S"


def storable(text: str) -> str:
    """The text itself, lines and tabs too. Raises ValueError for what Postgres cannot keep."""
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("control characters are not allowed")
    return text


def known_format(name: str) -> str:
    """The name itself. Raises ValueError when no format of ours has it."""
    if not pipeline.is_format(name):
        raise ValueError(f"one of: {', '.join(pipeline.FORMATS)}")
    return name


def known_zone(name: str) -> str:
    """The name itself. Raises ValueError when there is no such time zone."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise ValueError("an IANA time zone, such as Europe/Vienna") from None
    return name


def known_severity(given: object) -> object:
    """The number itself, or its digit. Raises ValueError for anything else, words too."""
    if str(given).removesuffix(".0") not in map(str, severity.WORDS):
        raise ValueError(_SEVERITIES)
    return given


def severity_not_in_words(given: object) -> object:
    """The number itself. Raises ValueError for text, which says what its number is."""
    if isinstance(given, str):
        raise ValueError(_SEVERITIES)
    return not_in_words(given)


def not_in_words(given: object) -> object:
    """The number itself. Raises ValueError for text and for true and false, which would be read as one."""
    if isinstance(given, str | bool):
        raise ValueError("a whole number")
    return given


def in_words(given: object) -> object:
    """The moment itself. Raises ValueError for a number, of which nobody can say whether it counts milliseconds."""
    if isinstance(given, int | float) or (isinstance(given, str) and _NUMBER.fullmatch(given)):
        raise ValueError("a moment is written as in RFC 3339: 2026-11-24T12:00:00Z")
    return given


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


def optional(**more: Any) -> Any:
    """A member that may be left out and, if it is there, may not be null."""
    return Field(default=None, json_schema_extra=_without_default, **more)


Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NAME, pattern=NOT_BLANK),
    AfterValidator(printable),
]
NoteText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NOTE, pattern=NOT_BLANK),
    AfterValidator(storable),
]
Word = Annotated[str, StringConstraints(min_length=1, max_length=MAX_WORD), AfterValidator(printable)]
Zone = Annotated[Word, AfterValidator(known_zone)]
Format = Annotated[Word, AfterValidator(known_format), Field(json_schema_extra={"enum": list(pipeline.FORMATS)})]
SeverityDigit = Annotated[int, Field(ge=min(severity.WORDS), le=max(severity.WORDS)), BeforeValidator(known_severity)]
AsNumber = BeforeValidator(not_in_words)
Severity = Annotated[SeverityDigit, BeforeValidator(severity_not_in_words)]
Duration = Annotated[
    timedelta,
    AfterValidator(whole),
    PlainSerializer(duration, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "duration"}, mode="serialization"),
]
Moment = Annotated[AwareDatetime, BeforeValidator(in_words), AfterValidator(clock.utc)]
