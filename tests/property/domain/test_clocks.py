"""Any calendar, zone, pauses and moments: the clocks go as a slow count, minute by minute in UTC, says."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from dateutil.easter import easter
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shared.domain.calendar import Calendar
from shared.domain.sla import Clock, Policy, Run, Targets, due_at, late, next_moment, state
from shared.domain.working_time import Pause, due, elapsed
from tests import slow_clocks

MINUTE, TICK = timedelta(minutes=1), timedelta(milliseconds=1)
MINUTES_A_DAY = 24 * 60
RANGE = timedelta(days=5)

# A zone, and when it changed its offset: by an hour, by half of one, by a day, by a new standard time, and not at all.
CHANGES = [
    ("Europe/Berlin", "2026-03-29T01:00"),
    ("Europe/Berlin", "2026-10-25T01:00"),
    ("Europe/Berlin", "2026-12-25T12:00"),
    ("Europe/Berlin", "2027-03-28T01:00"),
    ("America/New_York", "2026-03-08T07:00"),
    ("America/New_York", "2026-11-01T06:00"),
    ("America/St_Johns", "2010-11-07T02:31"),
    ("Australia/Lord_Howe", "2026-04-04T15:00"),
    ("Australia/Lord_Howe", "2026-10-03T15:30"),
    ("Pacific/Apia", "2011-12-30T10:00"),
    ("Africa/Casablanca", "2026-02-15T02:00"),
    ("Asia/Pyongyang", "2018-05-04T15:00"),
    ("America/Caracas", "2016-05-01T07:00"),
    ("Asia/Kathmandu", "2026-06-05T12:00"),
    ("Asia/Kolkata", "2026-01-26T12:00"),
    ("UTC", "2026-12-31T23:59"),
]


def german(year: int) -> set[str]:
    """The public holidays of all of Germany, as its laws have had them since 1995 (but for 2017)."""
    fixed = [date(year, 1, 1), date(year, 5, 1), date(year, 10, 3), date(year, 12, 25), date(year, 12, 26)]
    moving = [easter(year) + timedelta(days=days) for days in (-2, 1, 39, 50)]
    return {day.isoformat() for day in (*fixed, *moving)}


def face(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@st.composite
def spans(draw: st.DrawFn, least: int = 0) -> list[list[str]]:
    edges = sorted(draw(st.sets(st.integers(0, MINUTES_A_DAY), min_size=2 * least, max_size=6)))
    return [[face(start), face(end)] for start, end in zip(edges[::2], edges[1::2], strict=False)]


@st.composite
def situations(draw: st.DrawFn) -> tuple[dict[str, Any] | None, datetime]:
    """A calendar or none, and a moment around which something is odd in its zone."""
    zone, change = draw(st.sampled_from(CHANGES))
    around = datetime.fromisoformat(change).replace(tzinfo=UTC)
    days = st.integers(-4, 5).map(lambda days: (around + timedelta(days=days)).date().isoformat())
    on = draw(st.dictionaries(days, spans(least=1), max_size=3))
    calendar = {
        "zone": zone,
        "hours": {name: draw(spans(least=1) if name == "wednesday" else spans()) for name in slow_clocks.WEEK},
        "holidays": draw(st.sampled_from([None, {"country": "DE"}])),
        "days_off": sorted(draw(st.sets(days, max_size=2)) - set(on)),
        "days_on": on,
    }
    return draw(st.sampled_from([calendar] * 9 + [None])), around


def off(calendar: dict[str, Any] | None, around: datetime) -> set[date]:
    public = calendar is not None and calendar["holidays"] is not None
    days = {day for year in (-1, 0, 1) for day in german(around.year + year)} if public else set()
    return {date.fromisoformat(day) for day in days}


minutes = st.integers(-int(RANGE / 2 / MINUTE), int(RANGE / 2 / MINUTE))
pairs = st.lists(st.tuples(minutes, minutes | st.none()), max_size=4)


def pauses_around(around: datetime, drawn: list[tuple[int, int | None]]) -> list[Pause]:
    """Some of them end before they begin, which is no pause."""
    return [Pause(around + one * MINUTE, None if other is None else around + other * MINUTE) for one, other in drawn]


def read(calendar: dict[str, Any] | None) -> Calendar | None:
    return None if calendar is None else Calendar.read(calendar)


@settings(max_examples=150, deadline=None)
@given(situations(), minutes, minutes, pairs)
def test_as_much_has_passed_as_a_slow_count_says(
    situation: tuple[dict[str, Any] | None, datetime], first: int, last: int, drawn: list[tuple[int, int | None]]
) -> None:
    calendar, around = situation
    between = around + first * MINUTE, around + last * MINUTE, pauses_around(around, drawn)
    assert elapsed(read(calendar), *between) == slow_clocks.elapsed(calendar, off(calendar, around), *between)


@settings(max_examples=150, deadline=None)
@given(situations(), minutes, st.integers(1, 3 * MINUTES_A_DAY), pairs)
def test_it_is_due_when_a_slow_count_says(
    situation: tuple[dict[str, Any] | None, datetime], first: int, target: int, drawn: list[tuple[int, int | None]]
) -> None:
    calendar, around = situation
    asked = around + first * MINUTE, target * MINUTE, pauses_around(around, drawn)
    slowly = slow_clocks.due(calendar, off(calendar, around), *asked, within=2 * RANGE)
    found = due(read(calendar), *asked)
    assert (found if found is None or found <= asked[0] + 2 * RANGE else None) == slowly


@settings(deadline=None)
@given(situations(), st.lists(st.integers(0, RANGE // TICK), min_size=3, max_size=3), pairs)
def test_time_adds_up_and_due_is_the_first_moment_to_the_millisecond(
    situation: tuple[dict[str, Any] | None, datetime], ticks: list[int], drawn: list[tuple[int, int | None]]
) -> None:
    calendar, around = read(situation[0]), situation[1]
    start, middle, end = (around - RANGE / 2 + tick * TICK for tick in sorted(ticks))
    pauses = pauses_around(around, drawn)
    passed = elapsed(calendar, start, end, pauses)
    assert elapsed(calendar, start, middle, pauses) + elapsed(calendar, middle, end, pauses) == passed

    assume(passed)
    moment = due(calendar, start, passed, pauses)
    assert moment is not None
    assert moment <= end
    assert elapsed(calendar, start, moment, pauses) == passed
    assert elapsed(calendar, start, moment - TICK, pauses) == passed - TICK


@settings(max_examples=150, deadline=None)
@given(situations(), st.integers(0, RANGE // TICK), st.integers(1, MINUTES_A_DAY), st.lists(minutes, max_size=5))
def test_which_are_late_is_what_each_says_by_itself(
    situation: tuple[dict[str, Any] | None, datetime], tick: int, target: int, starts: list[int]
) -> None:
    """The latest start too, and the first second after it."""
    calendar, around = read(situation[0]), situation[1]
    now = around - RANGE / 2 + tick * TICK
    policy = Policy({3: Targets({Clock.ACKNOWLEDGE: target * 4})})
    found = late(policy, calendar, Clock.ACKNOWLEDGE, severity=3, now=now)
    assert found is not None
    assert found.warned is not None
    assert found.breached is not None
    edges = [edge + step for edge in (found.warned, found.breached) for step in (timedelta(0), timedelta(seconds=1))]
    for start in [*edges, *(now + one * MINUTE for one in starts)]:
        runs = {Clock.ACKNOWLEDGE: Run(None)}
        reading = state(policy, calendar, severity=3, started_at=start, runs=runs, now=now)[Clock.ACKNOWLEDGE]
        moment = due_at(policy, calendar, Clock.ACKNOWLEDGE, severity=3, started_at=start)
        assert moment == reading.due_at
        for edge, reached in ((found.warned, reading.warned), (found.breached, reading.breached)):
            assert (start <= edge) == reached or edge < start < edge + timedelta(seconds=1)


@settings(max_examples=60, deadline=None)
@given(situations(), st.integers(1, 5), st.lists(st.integers(4, 2000), min_size=5, max_size=5), minutes, pairs)
def test_a_sweep_that_looks_at_its_moments_misses_nothing(
    situation: tuple[dict[str, Any] | None, datetime],
    severity: int,
    targets: list[int],
    first: int,
    drawn: list[tuple[int, int | None]],
) -> None:
    """It sees each warning and each breach at the moment that a slow count says.

    A pause that has not begun yet is not known, so some looks come before there is anything to see.
    """
    kept, around = situation
    words = ("informational", "low", "medium", "high", "critical")
    policy = {
        word: {"acknowledge": one * 4, "around_the_clock": word == "critical"}
        for word, one in zip(words, targets, strict=True)
    }
    start, target = around + first * MINUTE, targets[severity - 1] * 4 * MINUTE
    pauses = [one for one in pauses_around(around, drawn) if one.end is not None]

    seen: list[datetime] = []
    now: datetime | None = start
    while now is not None and now <= start + 2 * RANGE:
        runs = {Clock.ACKNOWLEDGE: Run(None, pauses)}
        readings = state(Policy.read(policy), read(kept), severity=severity, started_at=start, runs=runs, now=now)
        reading = readings[Clock.ACKNOWLEDGE]
        seen += [now] * (reading.warned + reading.breached - len(seen))
        now = next_moment(readings, now)

    calendar = None if severity == 5 else kept
    slowly = [
        slow_clocks.due(calendar, off(calendar, around), start, one, pauses, within=2 * RANGE)
        for one in (target * 3 / 4, target)
    ]
    assert seen == [one for one in slowly if one is not None]
