"""The clocks of alerts and incidents over severities, calendars, pauses and events: by hand, and counted slowly."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

import pytest

from shared.domain import severity as severities
from shared.domain.sla import (
    DEFAULT,
    MAX_MINUTES,
    BadPolicy,
    Clock,
    Policy,
    Reading,
    Run,
    Targets,
    alert_runs,
    incident_runs,
    next_moment,
    state,
    words,
)
from shared.domain.working_time import Pause
from shared.errors import Invalid
from tests import slow_clocks
from tests.clock_cases import CALENDARS, at, holidays, paused, read, rows

POLICY: dict[str, Any] = {
    "critical": {"acknowledge": 20, "contain": 240, "resolve": 1440, "around_the_clock": True},
    "high": {"acknowledge": 60, "contain": 480, "resolve": 1200, "around_the_clock": False},
    "low": {"acknowledge": 480, "contain": None, "resolve": 2400},
}
MONDAY = at("2026-03-09 08:00")
"""Nine o'clock in Berlin."""

# What | calendar | severity | clock | received | now | met | holds | reviews | minutes elapsed | warns | due | stands
STATES = """
it runs                            | none          | critical | acknowledge | 2026-03-09 08:00 | 2026-03-09 08:14 | | | | 14 | 2026-03-09 08:15 | 2026-03-09 08:20 | running
three quarters of it               | none          | critical | acknowledge | 2026-03-09 08:00 | 2026-03-09 08:15 | | | | 15 | 2026-03-09 08:15 | 2026-03-09 08:20 | running warned
all but a minute of it             | none          | critical | acknowledge | 2026-03-09 08:00 | 2026-03-09 08:19 | | | | 19 | 2026-03-09 08:15 | 2026-03-09 08:20 | running warned
all of it                          | none          | critical | acknowledge | 2026-03-09 08:00 | 2026-03-09 08:20 | | | | 20 | 2026-03-09 08:15 | 2026-03-09 08:20 | running warned breached
overdue                            | none          | critical | acknowledge | 2026-03-09 08:00 | 2026-03-09 09:00 | | | | 60 | 2026-03-09 08:15 | 2026-03-09 08:20 | running warned breached
met in time                        | none          | critical | acknowledge | 2026-03-09 08:00 | 2026-03-12 08:00 | 2026-03-09 08:05 | | | 5 | 2026-03-09 08:15 | 2026-03-09 08:20 | met
met after the warning              | none          | critical | acknowledge | 2026-03-09 08:00 | 2026-03-12 08:00 | 2026-03-09 08:17 | | | 17 | 2026-03-09 08:15 | 2026-03-09 08:20 | met warned
met too late stays breached        | none          | critical | acknowledge | 2026-03-09 08:00 | 2026-03-12 08:00 | 2026-03-09 08:25 | | | 25 | 2026-03-09 08:15 | 2026-03-09 08:20 | met warned breached
met before the receipt             | none          | critical | contain     | 2026-03-09 08:00 | 2026-03-12 08:00 | 2026-03-09 07:00 | | | 0 | 2026-03-09 11:00 | 2026-03-09 12:00 | met
critical runs at the weekend       | Berlin office | critical | contain     | 2026-03-06 15:00 | 2026-03-07 15:00 | | | | 1440 | 2026-03-06 18:00 | 2026-03-06 19:00 | running warned breached
high waits for Monday              | Berlin office | high     | contain     | 2026-03-06 15:00 | 2026-03-07 15:00 | | | | 60 | 2026-03-09 13:00 | 2026-03-09 15:00 | running
high without a calendar does not   | none          | high     | contain     | 2026-03-06 15:00 | 2026-03-07 15:00 | | | | 1440 | 2026-03-06 21:00 | 2026-03-06 23:00 | running warned breached
over Easter                        | Berlin office | high     | contain     | 2026-04-02 14:00 | 2026-04-07 08:00 | | | | 120 | 2026-04-07 12:00 | 2026-04-07 14:00 | running
in the night that summer ends      | Berlin night  | high     | contain     | 2026-10-24 20:00 | 2026-10-25 02:00 | | | | 360 | 2026-10-25 02:00 | 2026-10-25 04:00 | running warned
in the night that summer begins    | Berlin night  | high     | contain     | 2026-03-28 21:00 | 2026-03-29 12:00 | | | | 420 | 2026-03-29 03:00 | 2026-03-29 21:00 | running warned
in Kathmandu                       | Kathmandu     | high     | acknowledge | 2026-06-05 10:45 | 2026-06-06 10:00 | | | | 30 | 2026-06-07 04:30 | 2026-06-07 04:45 | running
over the day Apia left out         | Apia office   | high     | contain     | 2011-12-30 01:00 | 2011-12-31 00:00 | | | | 120 | 2012-01-01 23:00 | 2012-01-02 01:00 | running
a hold stops it, due unknown       | Berlin office | high     | contain     | 2026-03-09 08:00 | 2026-03-09 12:00 | | 2026-03-09 10:00/ | | 120 | never | never | paused
a hold that begins now             | Berlin office | high     | contain     | 2026-03-09 08:00 | 2026-03-09 10:00 | | 2026-03-09 10:00/ | | 120 | never | never | paused
a hold after the warning           | Berlin office | high     | acknowledge | 2026-03-09 08:00 | 2026-03-09 12:00 | | 2026-03-09 08:50/ | | 50 | 2026-03-09 08:45 | never | paused warned
a hold after the breach            | Berlin office | high     | acknowledge | 2026-03-09 08:00 | 2026-03-09 12:00 | | 2026-03-09 09:30/ | | 90 | 2026-03-09 08:45 | 2026-03-09 09:00 | paused warned breached
a hold that is over counts out     | Berlin office | high     | contain     | 2026-03-09 08:00 | 2026-03-09 15:00 | | 2026-03-09 10:00/2026-03-09 12:00 | | 300 | 2026-03-09 16:00 | 2026-03-10 10:00 | running
a hold that ends now               | Berlin office | high     | contain     | 2026-03-09 08:00 | 2026-03-09 12:00 | | 2026-03-09 10:00/2026-03-09 12:00 | | 120 | 2026-03-09 16:00 | 2026-03-10 10:00 | running
a hold outside the hours           | Berlin office | high     | contain     | 2026-03-06 15:00 | 2026-03-09 15:00 | | 2026-03-07 10:00/2026-03-08 12:00 | | 480 | 2026-03-09 13:00 | 2026-03-09 15:00 | running warned breached
a hold on what is met              | Berlin office | high     | contain     | 2026-03-09 08:00 | 2026-03-09 15:00 | 2026-03-09 10:00 | 2026-03-09 11:00/ | | 120 | 2026-03-09 14:00 | 2026-03-09 16:00 | met
met during a hold                  | Berlin office | high     | contain     | 2026-03-09 08:00 | 2026-03-10 15:00 | 2026-03-09 13:00 | 2026-03-09 10:00/2026-03-09 14:00 | | 120 | 2026-03-10 10:00 | 2026-03-10 12:00 | met
met during a hold that goes on     | Berlin office | high     | contain     | 2026-03-09 08:00 | 2026-03-10 15:00 | 2026-03-09 13:00 | 2026-03-09 10:00/ | | 120 | never | never | met
met ahead of now                   | none          | critical | acknowledge | 2026-03-09 08:00 | 2026-03-09 08:10 | 2026-03-09 08:30 | | | 10 | 2026-03-09 08:15 | 2026-03-09 08:20 | met
a review does not stop containing  | Berlin office | high     | contain     | 2026-03-09 08:00 | 2026-03-09 12:00 | | | 2026-03-09 10:00/ | 240 | 2026-03-09 14:00 | 2026-03-09 16:00 | running
a review stops resolving           | Berlin office | high     | resolve     | 2026-03-09 08:00 | 2026-03-09 12:00 | | | 2026-03-09 10:00/ | 120 | never | never | paused
sent back, it goes on              | Berlin office | high     | resolve     | 2026-03-09 08:00 | 2026-03-10 12:00 | | | 2026-03-09 10:00/2026-03-09 14:00 | 480 | 2026-03-11 11:00 | 2026-03-11 16:00 | running
a review within a hold             | Berlin office | high     | resolve     | 2026-03-09 08:00 | 2026-03-09 15:00 | | 2026-03-09 09:00/2026-03-09 12:00 | 2026-03-09 10:00/2026-03-09 11:00 | 240 | 2026-03-11 10:00 | 2026-03-11 15:00 | running
resolved in time                   | Berlin office | high     | resolve     | 2026-03-09 08:00 | 2026-03-20 12:00 | 2026-03-11 10:00 | | | 1080 | 2026-03-10 15:00 | 2026-03-11 12:00 | met warned
reopened, as if never resolved     | Berlin office | high     | resolve     | 2026-03-09 08:00 | 2026-03-20 12:00 | | | | 4560 | 2026-03-10 15:00 | 2026-03-11 12:00 | running warned breached
raised to critical                 | Berlin office | critical | resolve     | 2026-03-09 08:00 | 2026-03-10 10:00 | | 2026-03-09 10:00/2026-03-09 12:00 | | 1440 | 2026-03-10 04:00 | 2026-03-10 10:00 | running warned breached
lowered to low, no longer breached | Berlin office | low      | resolve     | 2026-03-09 08:00 | 2026-03-10 10:00 | | 2026-03-09 10:00/2026-03-09 12:00 | | 480 | 2026-03-12 16:00 | 2026-03-16 10:00 | running
"""  # noqa: E501


EVENTS = {Clock.ACKNOWLEDGE: "acknowledged_at", Clock.CONTAIN: "contained_at", Clock.RESOLVE: "resolved_at"}


class Case(NamedTuple):
    """A line of the table."""

    calendar: str
    severity: str
    clock: str
    received: str
    now: str
    met: str
    holds: str
    reviews: str
    elapsed: str
    warns: str
    due: str
    stands: str

    @property
    def target(self) -> timedelta:
        return timedelta(minutes=POLICY[self.severity][self.clock])

    @property
    def met_at(self) -> datetime | None:
        return moment(self.met)

    def reading(self) -> Reading:
        events = dict.fromkeys(EVENTS.values()) | {EVENTS[Clock(self.clock)]: self.met_at}
        runs = incident_runs(**events, holds=paused(self.holds), reviews=paused(self.reviews))
        return state(
            Policy.read(POLICY),
            read(self.calendar),
            severity=severities.NUMBERS[self.severity],
            started_at=at(self.received),
            runs=runs,
            now=at(self.now),
        )[Clock(self.clock)]


def moment(text: str) -> datetime | None:
    return at(text) if text not in ("", "never") else None


def standing(reading: Reading) -> str:
    first = "met" if reading.met_at else "paused" if reading.paused else "running"
    return " ".join([first, *["warned"] * reading.warned, *["breached"] * reading.breached])


CASES = [pytest.param(Case(*row.values), id=row.id) for row in rows(STATES)]


@pytest.mark.parametrize("case", CASES)
def test_how_a_clock_stands(case: Case) -> None:
    reading = case.reading()
    assert standing(reading) == case.stands
    assert reading.paused is case.stands.startswith("paused")
    assert (reading.started_at, reading.target, reading.met_at) == (at(case.received), case.target, case.met_at)
    assert reading.elapsed == timedelta(minutes=int(case.elapsed))
    assert reading.remaining == case.target - reading.elapsed
    assert (reading.warn_at, reading.due_at) == (moment(case.warns), moment(case.due))
    assert reading.breached_at == (moment(case.due) if "breached" in case.stands else None)


@pytest.mark.parametrize("case", CASES)
def test_it_stands_so_when_counted_slowly(case: Case) -> None:
    reading, start = case.reading(), at(case.received)
    end = min(case.met_at or at(case.now), at(case.now))
    stopped = [*paused(case.holds), *(paused(case.reviews) if case.clock == "resolve" else [])]
    pauses = [one for one in stopped if one.start <= end]
    kept = None if POLICY[case.severity].get("around_the_clock") else CALENDARS[case.calendar]
    slowly = partial(slow_clocks.due, kept, holidays(case.calendar), start, pauses=pauses, within=timedelta(days=14))

    assert reading.elapsed == slow_clocks.elapsed(kept, holidays(case.calendar), start, end, pauses)
    assert reading.due_at == slowly(case.target)
    assert reading.warn_at == slowly(case.target * 3 / 4)
    assert reading.breached is (reading.elapsed >= case.target)
    assert reading.warned is (4 * reading.elapsed >= 3 * case.target)


def look(runs: dict[Clock, Run], minutes: float, severity: int = 5) -> dict[Clock, Reading]:
    now = MONDAY + timedelta(minutes=minutes)
    return state(Policy.read(POLICY), None, severity=severity, started_at=MONDAY, runs=runs, now=now)


def after(minutes: float) -> datetime:
    return MONDAY + timedelta(minutes=minutes)


def test_an_alert_has_one_clock_and_an_incident_three() -> None:
    alert = alert_runs(acknowledged_at=None, closed_at=None)
    incident = incident_runs(acknowledged_at=None, contained_at=None, resolved_at=None)
    assert list(look(alert, 1)) == [Clock.ACKNOWLEDGE]
    assert list(look(incident, 1)) == list(Clock)


def test_without_a_target_there_is_no_clock() -> None:
    incident = incident_runs(acknowledged_at=None, contained_at=None, resolved_at=None)
    assert list(look(incident, 1, severities.LOW)) == [Clock.ACKNOWLEDGE, Clock.RESOLVE]
    assert look(incident, 1, severities.MEDIUM) == {}


@pytest.mark.parametrize(
    ("acknowledged", "closed", "met"), [(None, None, None), (5, None, 5), (None, 7, 7), (5, 7, 5)], ids=str
)
def test_closing_an_alert_acknowledges_it(acknowledged: int | None, closed: int | None, met: int | None) -> None:
    moments = [None if one is None else after(one) for one in (acknowledged, closed, met)]
    runs = alert_runs(acknowledged_at=moments[0], closed_at=moments[1])
    assert look(runs, 60)[Clock.ACKNOWLEDGE].met_at == moments[2]


@pytest.mark.parametrize(
    ("acknowledged", "closed", "new_since", "met"),
    [
        (5, None, 30, None),
        (5, 7, 30, None),
        (40, None, 30, 40),
        (30, None, 30, 30),
        (5, 50, 30, 50),
    ],
    ids=["came again", "reopened", "acknowledged again", "reopened and acknowledged", "closed after it came again"],
)
def test_what_happened_before_an_alert_was_new_again_does_not_count(
    acknowledged: int, closed: int | None, new_since: int, met: int | None
) -> None:
    runs = alert_runs(
        acknowledged_at=after(acknowledged),
        closed_at=None if closed is None else after(closed),
        new_since=after(new_since),
    )
    assert look(runs, 60)[Clock.ACKNOWLEDGE].met_at == (None if met is None else after(met))


@pytest.mark.parametrize("case", CASES)
def test_it_stands_in_one_word(case: Case) -> None:
    reading = case.reading()
    words_of = case.stands.split()
    first = words_of[0]
    expected = first if first == "met" else "breached" if "breached" in words_of else first
    if expected == "running" and "warned" in words_of:
        expected = "warned"
    assert reading.standing == expected


def test_resolving_ends_every_clock_and_reopening_those_it_ended() -> None:
    resolved = incident_runs(acknowledged_at=after(5), contained_at=None, resolved_at=after(30))
    reopened = incident_runs(acknowledged_at=after(5), contained_at=None, resolved_at=None)
    assert [one.met_at for one in look(resolved, 60).values()] == [after(5), after(30), after(30)]
    assert [one.met_at for one in look(reopened, 60).values()] == [after(5), None, None]
    unseen = incident_runs(acknowledged_at=None, contained_at=None, resolved_at=after(30))
    acknowledge = look(unseen, 60)[Clock.ACKNOWLEDGE]
    assert (acknowledge.met_at, acknowledge.breached_at) == (after(30), after(20))


def test_the_next_moments_are_all_there_are() -> None:
    runs = incident_runs(acknowledged_at=None, contained_at=None, resolved_at=None)
    now, found = MONDAY, []
    while (upcoming := next_moment(look(runs, (now - MONDAY) / timedelta(minutes=1)), now)) is not None:
        found.append(int((upcoming - MONDAY) / timedelta(minutes=1)))
        now = upcoming
    assert found == [15, 20, 180, 240, 1080, 1440]


@pytest.mark.parametrize(
    ("acknowledged", "holds", "minutes", "expected"),
    [
        (None, [], 14, 15),
        (None, [], 15, 20),
        (10, [], 14, 180),
        (10, [], 1440, None),
        (None, [Pause(after(10))], 12, None),
        (None, [Pause(after(10), after(70))], 75, 80),
    ],
    ids=["to warn", "at the warning", "met", "all are over", "paused", "after a pause"],
)
def test_the_next_moment(acknowledged: int | None, holds: list[Pause], minutes: int, expected: int | None) -> None:
    first = None if acknowledged is None else after(acknowledged)
    runs = incident_runs(acknowledged_at=first, contained_at=None, resolved_at=None, holds=holds)
    upcoming = next_moment(look(runs, minutes), after(minutes))
    assert upcoming == (None if expected is None else after(expected))


@pytest.mark.parametrize(
    ("acknowledged", "minutes", "expected"),
    [
        (None, 14, []),
        (None, 15, ["acknowledge 5 warned"]),
        (None, 20, ["acknowledge 5 breached"]),
        (25, 180, ["contain 5 warned"]),
        (None, 240, ["acknowledge 5 breached", "contain 5 breached"]),
    ],
    ids=str,
)
def test_the_latest_of_each_clock_that_runs_is_told(
    acknowledged: int | None, minutes: int, expected: list[str]
) -> None:
    first = None if acknowledged is None else after(acknowledged)
    runs = incident_runs(acknowledged_at=first, contained_at=None, resolved_at=None)
    assert [str(word) for word in words(look(runs, minutes), 5)] == expected


def test_what_a_policy_says_is_what_is_stored() -> None:
    stored = Policy.read(POLICY).as_json()
    assert stored == {**POLICY, "low": {**POLICY["low"], "around_the_clock": False}}
    assert Policy.read(stored) == Policy.read(POLICY)
    assert Policy.read(DEFAULT.as_json()) == DEFAULT


def test_the_policy_to_begin_with() -> None:
    day = 24 * 60
    minutes = {
        severities.word(number): tuple(targets.minutes.get(clock) for clock in Clock)
        for number, targets in DEFAULT.targets.items()
    }
    assert minutes == {
        "critical": (15, 240, day),
        "high": (60, 480, 3 * day),
        "medium": (240, day, 5 * day),
        "low": (day, None, 10 * day),
        "informational": (day, None, 10 * day),
    }
    assert [number for number, targets in DEFAULT.targets.items() if targets.around_the_clock] == [severities.CRITICAL]


@pytest.mark.parametrize(
    "kept",
    [
        None,
        [],
        {"urgent": {}},
        {5: {}},
        {"critical": None},
        {"critical": 15},
        {"critical": {"respond": 15}},
        *({"critical": {"acknowledge": minutes}} for minutes in (0, -1, 1.5, "15", True, MAX_MINUTES + 1)),
        {"critical": {"around_the_clock": 1}},
    ],
    ids=str,
)
def test_policies_that_are_refused(kept: Any) -> None:
    with pytest.raises(BadPolicy) as error:
        Policy.read(kept)
    assert isinstance(error.value, Invalid)
    assert error.value.code == "bad_sla_policy"


WHOLE = DEFAULT.as_json()
NO_MINUTES = dict.fromkeys(("acknowledge", "contain", "resolve"))


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"low": NO_MINUTES},
        {"low": {"acknowledge": 60, "contain": 60, "resolve": 60}},
        {"low": {"acknowledge": None, "contain": 60, "resolve": None}},
    ],
    ids=str,
)
def test_policies_that_may_be_set(change: dict[str, Any]) -> None:
    assert Policy.written(WHOLE | change) == Policy.read(WHOLE | change)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"critical": None}, "^critical is missing"),
        ({"low": {"acknowledge": 60, "resolve": 60}}, "^low: contain is missing"),
        ({"high": {"acknowledge": 600, "contain": 60, "resolve": 30}}, "^high: acknowledge has 600 .* contain 60;"),
        ({"high": {"acknowledge": 60, "contain": 600, "resolve": 30}}, "^high: contain has 600 .* resolve 30;"),
        ({"high": {"acknowledge": 60, "contain": None, "resolve": 30}}, "^high: acknowledge has 60 .* resolve 30;"),
    ],
    ids=str,
)
def test_policies_that_may_not_be_set(change: dict[str, Any], said: str) -> None:
    with pytest.raises(BadPolicy, match=said):
        Policy.written(WHOLE | change)


def test_each_severity_has_to_be_named() -> None:
    for word in WHOLE:
        with pytest.raises(BadPolicy, match=f"^{word} is missing"):
            Policy.written({name: targets for name, targets in WHOLE.items() if name != word})


def test_the_longest_target_is_reached_by_people_who_work_forty_hours_a_week() -> None:
    policy = Policy({1: Targets({Clock.RESOLVE: MAX_MINUTES})})
    runs = {Clock.RESOLVE: Run(None)}
    reading = state(policy, read("Berlin office"), severity=1, started_at=MONDAY, runs=runs, now=MONDAY)
    assert reading[Clock.RESOLVE].due_at is not None
