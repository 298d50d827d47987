"""Cursors and pages."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api import pagination
from services.api.pagination import BadCursor
from shared import ids

UTC_MOMENTS = st.datetimes(timezones=st.just(UTC))


@given(st.text().filter(lambda text: "\0" not in text), st.integers(-(2**31) + 1, 2**31 - 1), UTC_MOMENTS, st.uuids())
def test_a_cursor_comes_back_as_it_went(text: str, number: int, moment: datetime, one_id: UUID) -> None:
    text = text.encode("utf-8", "ignore").decode()
    values = (text, number, moment, one_id)
    assert pagination.decode(pagination.encode(values), str, int, datetime, UUID) == values


@given(st.text() | st.binary().map(lambda data: pagination.encode((data.hex(),))))
def test_what_is_no_cursor_is_refused_and_never_breaks_anything(cursor: str) -> None:
    with pytest.raises(BadCursor):
        pagination.decode(cursor, datetime, UUID)


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59.999-00:01", "2026-11-24T12:00:00", "", 5, None]
)
def test_a_moment_has_a_zone_and_a_date_in_utc(moment: Any) -> None:
    with pytest.raises(BadCursor):
        pagination.decode(pagination.encode((moment,)), datetime)


def test_a_page_is_cut_where_the_next_begins() -> None:
    rows = [("a", ids.NIL), ("b", ids.NIL), ("c", ids.NIL)]
    page, cursor = pagination.cut(rows, 2, lambda row: row)
    assert page == rows[:2]
    assert cursor is not None
    assert pagination.decode(cursor, str, UUID) == rows[1]
    assert pagination.cut(rows, 3, lambda row: row) == (rows, None)
    assert pagination.cut([], 3, lambda row: row) == ([], None)
