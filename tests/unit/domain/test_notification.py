"""Quiet hours on a wall clock, and who may hear of what."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.notification import Kind, Manner, QuietHours, hearers, quiet_until
from shared.domain.permissions import Role
from shared.notices import MAX_SUBJECT, one_line

NIGHT = QuietHours.read({"from": "22:00", "to": "07:00", "zone": "Europe/Vienna", "days": [0, 1, 2, 3, 4]})
NOON = QuietHours.read({"from": "12:00", "to": "13:00", "zone": "UTC", "days": [3]})


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-11-26T20:59", None),
        ("2026-11-26T21:00", "2026-11-27T06:00"),
        ("2026-11-27T05:59", "2026-11-27T06:00"),
        ("2026-11-27T06:00", None),
        ("2026-11-28T03:00", "2026-11-28T06:00"),  # Friday's night ends on Saturday
        ("2026-11-28T23:00", None),  # Saturday's is none
        ("2026-03-29T23:00", None),  # Sunday
        ("2026-10-23T20:30", "2026-10-24T05:00"),  # summer time
    ],
)
def test_a_night_is_quiet_on_the_wall_clock(moment: str, end: str | None) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert quiet_until(NIGHT, at) == (end and datetime.fromisoformat(end).replace(tzinfo=UTC))


def test_the_night_in_which_clocks_change_ends_on_the_wall_clock() -> None:
    every = NIGHT._replace(days=frozenset(range(7)))
    assert quiet_until(every, datetime(2026, 10, 24, 21, tzinfo=UTC)) == datetime(2026, 10, 25, 6, tzinfo=UTC)


def test_a_target_is_quiet_while_all_its_routes_are() -> None:
    noon = datetime(2026, 11, 26, 12, tzinfo=UTC)
    minute = timedelta(minutes=1)
    assert Manner((NOON, NOON), minute).quiet_until(noon) == noon + timedelta(hours=1)
    assert Manner((NOON, None), minute).quiet_until(noon) is None
    assert Manner((NOON, NIGHT), minute).quiet_until(noon) is None
    assert Manner((), minute).quiet_until(noon) is None


def test_only_who_may_see_the_thing_hears_of_it() -> None:
    assert Role.OPERATOR not in hearers(Kind.ALERT_CRITICAL)
    assert Role.VIEWER in hearers(Kind.ALERT_CRITICAL)
    assert hearers(Kind.DISK_FORECAST) == [Role.OPERATOR, Role.ADMIN]


def test_a_subject_is_one_line() -> None:
    assert one_line("a\r\nBcc: x\0\u202e  b") == "a Bcc: x b"
    assert len(one_line("x" * 1000)) == MAX_SUBJECT
