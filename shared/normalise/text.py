"""Text lines: the words, and the time and names where the line begins with some."""

import re
from datetime import datetime

from shared.normalise import clock_rules, identity, syslog
from shared.normalise.decode import JsonObject
from shared.normalise.reading import Context, Format, Reading, never

GROUPING = "text@1"

_ISO = re.compile(
    r"\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?)\]?(?:\s|\Z)", re.A
)


def type_of(record: JsonObject) -> str:
    """`text`."""
    return "text"


def read(record: JsonObject, context: Context) -> Reading:
    """The meaning of `record["message"]`, one line."""
    line = record["message"]
    header, time, certain, rest = _head(line, context)
    names = context.placed(syslog.fields(header))
    title = rest.strip() or line.strip() or "Empty line"
    return Reading(
        kind="telemetry",
        severity=syslog.level_of(header)[0],
        title=title,
        module="text",
        dataset="text.lines",
        fields={"message": line, **names},
        time=time,
        time_is_certain=certain,
        identity=(),
        # A date without a year still tells the line from its like, though it may not go into the id's time.
        has_id=not certain,
        by_content=True,
        by_ordinal=True,
        grouping=GROUPING,
        group_by=(names["host.name"], names["process.name"], identity.without_numbers(title[:256])),
        keep_record=False,
    )


def _head(line: str, context: Context) -> tuple[JsonObject, datetime | None, bool, str]:
    """What stands before the words: syslog's header, or a time alone, behind which the next word may be anything."""
    if found := _ISO.match(line):
        return {}, clock_rules.read(found[1].replace(",", "."), context.zone), True, line[found.end() :]
    header, rest = syslog.peel(line)
    return header, *syslog.moment(header, context), rest


FORMAT = Format(
    name="text",
    shape="a line of text",
    groupings={GROUPING: ("host.name", "process.name", "message")},
    matches=never,
    read=read,
    type_of=type_of,
)
