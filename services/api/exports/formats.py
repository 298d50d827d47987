"""How rows are written down: a JSON object a line, or CSV that no spreadsheet takes for formulas."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import orjson

Format = Literal["csv", "ndjson"]

MEDIA_TYPES: dict[Format, str] = {"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}

# What makes a spreadsheet take a cell for a formula, or leave the cell (OWASP, CSV Injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def ndjson(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Each row an object on a line of its own."""
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


def table(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, header: bool) -> bytes:
    """RFC 4180, with a line of names if `header`; lists in one cell, by spaces."""
    text = io.StringIO()
    writer = csv.writer(text)
    if header:
        writer.writerow(columns)
    writer.writerows([cell(row.get(name)) for name in columns] for row in rows)
    return text.getvalue().encode()


def cell(value: Any) -> Any:
    """A value as a cell, as JSON writes it; text that could be a formula is made plain by an apostrophe in front."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        value = " ".join(map(str, value))
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
