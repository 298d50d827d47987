"""Which format a line of text is of, and the record it makes: marks at its beginning, syslog's header, or neither.

Without a hint, whoever can write into a log line must not be able to pose as a sensor: a mark counts at the line's
very beginning or directly behind a syslog header, and nowhere in a message. Without a `<PRI>`, any log line's time and
words look like a header: there the mark has to stand behind time and host, with no program's name before it.
"""

from shared.normalise import formats, syslog, text
from shared.normalise.decode import JsonObject
from shared.normalise.reading import Format


def recognised(line: str, wanted: Format | None, *, marks: bool = True) -> tuple[JsonObject, Format] | None:
    """The line's record and its format; None where the hint's format, `wanted`, is another and nothing else fits.

    A hint gives way to a mark, and a line format's hint to a `<PRI>` as well. A JSON format's does not: the record of
    its sensor that was cut on its way would pass for a message. `marks` is false for lines of programs of any kind.
    """
    if wanted is text.FORMAT:
        return {"message": line}, text.FORMAT
    header, body = syslog.peel(line)
    marks = marks and ("priority" in header or "app" not in header or wanted in formats.OF_LINES)
    for candidate in formats.MARKED if marks else ():
        # Behind a program's name is what the program was told, by whomever.
        within = line if "app" not in header else ""
        record = _marked(within, body, candidate, hinted=candidate is wanted)
        if record is not None:
            return ({**record, "syslog": header} if header else record), candidate
    if wanted is not None and wanted.mark and body.startswith(wanted.mark):
        return None
    if "priority" in header and (wanted is None or wanted in formats.OF_LINES):
        return {"syslog": header, "message": body}, syslog.FORMAT
    if wanted is None:
        return {"message": line}, text.FORMAT
    return ({"syslog": header, "message": body}, syslog.FORMAT) if header and wanted is syslog.FORMAT else None


def _marked(within: str, body: str, candidate: Format, *, hinted: bool) -> JsonObject | None:
    """The record that the body is; with its hint, also what stands within the line, or a body that lost its mark."""
    if candidate.parse is None:
        return None
    if body.startswith(candidate.mark):
        return candidate.parse(body)
    if not hinted:
        return None
    at = within.find(candidate.mark)
    return candidate.parse(within[at:] if at >= 0 else body)
