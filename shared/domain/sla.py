"""The clocks of alerts and incidents: what each has to reach by when, and where it stands.

Nothing of this is remembered from one look to the next, but what people were told. A clock is worked out from the
first event's receipt each time, so another severity, another calendar and a reopening all count from the start.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any, NamedTuple

from shared.domain import severity as severities
from shared.domain.calendar import Calendar
from shared.domain.working_time import Pause, due, elapsed, latest_start
from shared.errors import Invalid

WARNS_AT = 0.75
"""The part of a target after which people are warned."""

MAX_MINUTES = 90 * 24 * 60

_AROUND_THE_CLOCK = "around_the_clock"


class Clock(StrEnum):
    """What has to happen in time: to an alert the first, to an incident all three."""

    ACKNOWLEDGE = "acknowledge"
    CONTAIN = "contain"
    RESOLVE = "resolve"


class BadPolicy(Invalid):
    """The policy does not say clearly what has to happen by when."""

    code = "bad_sla_policy"


@dataclass(frozen=True)
class Targets:
    """Of one severity: the minutes each clock has, which count all day or by the calendar. No minutes, no clock.

    Making one raises BadPolicy.
    """

    minutes: Mapping[Clock, int]
    around_the_clock: bool = False

    def __post_init__(self) -> None:
        if not all(type(one) is int and 0 < one <= MAX_MINUTES for one in self.minutes.values()):
            raise BadPolicy(f"A target is a whole number of minutes, from 1 to {MAX_MINUTES}.")
        if not isinstance(self.around_the_clock, bool):
            raise BadPolicy("Around the clock is true or false.")


@dataclass(frozen=True)
class Policy:
    """The targets by number of severity; a severity without any has no clocks."""

    targets: Mapping[int, Targets]

    @classmethod
    def read(cls, kept: Any) -> "Policy":
        """Of plain JSON, as `as_json` gives it; minutes may be null. Raises BadPolicy."""
        if not isinstance(kept, Mapping) or not set(kept) <= set(severities.NUMBERS):
            raise BadPolicy(f"A policy has targets by severity: {', '.join(severities.NUMBERS)}.")
        return cls({severities.NUMBERS[word]: _read_targets(said) for word, said in kept.items()})

    @classmethod
    def written(cls, said: Mapping[str, Any]) -> "Policy":
        """What somebody sets: each severity and clock by name, so that none is lost unsaid. Raises BadPolicy.

        What is kept may be older than this rule: `read` asks less.
        """
        for word in severities.NUMBERS:
            _require_named(word, said.get(word))
        policy = cls.read(said)
        for number, targets in policy.targets.items():
            _require_order(severities.word(number), targets.minutes)
        return policy

    def as_json(self) -> dict[str, dict[str, Any]]:
        """As a column and the API have it: by word of severity, minutes by clock."""
        return {severities.word(number): _said(targets) for number, targets in sorted(self.targets.items())}


def _read_targets(said: Any) -> Targets:
    if not isinstance(said, Mapping) or not set(said) <= {*Clock, _AROUND_THE_CLOCK}:
        raise BadPolicy(f"Targets are {', '.join(Clock)}, in minutes, and {_AROUND_THE_CLOCK}.")
    minutes = {name: said[name] for name in Clock if said.get(name) is not None}
    return Targets(minutes, said.get(_AROUND_THE_CLOCK, False))


def _require_named(word: str, said: Mapping[str, Any] | None) -> None:
    if said is None:
        raise BadPolicy(f"{word} is missing: targets are set for {', '.join(severities.NUMBERS)} together.")
    for name in Clock:
        if name not in said:
            raise BadPolicy(f"{word}: {name} is missing; a clock without a target is null.")


def _require_order(word: str, minutes: Mapping[Clock, int]) -> None:
    given = [name for name in Clock if name in minutes]
    for first, then in pairwise(given):
        if minutes[first] > minutes[then]:
            said = f"{first} has {minutes[first]} minutes and {then} {minutes[then]}"
            raise BadPolicy(f"{word}: {said}; the later clock has as many or more.")


def _said(targets: Targets) -> dict[str, Any]:
    return {**{name: targets.minutes.get(name) for name in Clock}, _AROUND_THE_CLOCK: targets.around_the_clock}


def _targets(acknowledge: int, contain: int | None, resolve: int, *, around_the_clock: bool = False) -> Targets:
    """Of hours, but for the first, which is minutes."""
    hours = {Clock.CONTAIN: contain, Clock.RESOLVE: resolve}
    minutes = {name: 60 * value for name, value in hours.items() if value is not None}
    return Targets({Clock.ACKNOWLEDGE: acknowledge, **minutes}, around_the_clock)


DEFAULT = Policy(
    {
        severities.CRITICAL: _targets(15, 4, 24, around_the_clock=True),
        severities.HIGH: _targets(60, 8, 72),
        severities.MEDIUM: _targets(4 * 60, 24, 5 * 24),
        severities.LOW: _targets(24 * 60, None, 10 * 24),
        severities.INFORMATIONAL: _targets(24 * 60, None, 10 * 24),
    }
)
"""Our choice, to begin with: no standard has figures. Where no calendar is set, all of it runs around the clock."""


class Run(NamedTuple):
    """What one clock depends on besides its target: when its event happened, and when it stood still."""

    met_at: datetime | None
    pauses: Sequence[Pause] = ()


def alert_runs(
    *, acknowledged_at: datetime | None, closed_at: datetime | None, new_since: datetime | None = None
) -> dict[Clock, Run]:
    """The clock of an alert. Closing one that nobody has acknowledged acknowledges it.

    What happened before it came again, or was reopened, was about the time before.
    """
    since = [at for at in (acknowledged_at, closed_at) if at is not None and (new_since is None or at >= new_since)]
    return {Clock.ACKNOWLEDGE: Run(since[0] if since else None)}


def incident_runs(
    *,
    acknowledged_at: datetime | None,
    contained_at: datetime | None,
    resolved_at: datetime | None,
    holds: Sequence[Pause] = (),
    reviews: Sequence[Pause] = (),
) -> dict[Clock, Run]:
    """The clocks of an incident. What is resolved needs nobody to acknowledge or contain it any more.

    A hold stops all of them, a review that of resolving: the team has done its part.
    """
    return {
        Clock.ACKNOWLEDGE: Run(acknowledged_at or resolved_at, holds),
        Clock.CONTAIN: Run(contained_at or resolved_at, holds),
        Clock.RESOLVE: Run(resolved_at, [*holds, *reviews]),
    }


class Standing(StrEnum):
    """Where a clock stands, in one word. One that is met may have been breached before."""

    RUNNING = "running"
    WARNED = "warned"
    BREACHED = "breached"
    PAUSED = "paused"
    MET = "met"


@dataclass(frozen=True)
class Reading:
    """Where a clock stands. What is elapsed and remains is working time, and stands still once it is met.

    `due_at` and `warn_at` are None while nobody can know them: during a pause that began before them, and where the
    calendar has too little working time ahead. `breached_at` stays when it is met later; `remaining` is below nothing
    then. `warned` says that the moment to warn has come before it was met.
    """

    started_at: datetime
    target: timedelta
    due_at: datetime | None
    warn_at: datetime | None
    met_at: datetime | None
    paused: bool
    elapsed: timedelta
    warned: bool
    breached_at: datetime | None

    @property
    def remaining(self) -> timedelta:
        """What is left of the target."""
        return self.target - self.elapsed

    @property
    def breached(self) -> bool:
        """True when all of the target had elapsed before it was met."""
        return self.breached_at is not None

    @property
    def standing(self) -> Standing:
        """In one word, what matters most first."""
        if self.met_at is not None:
            return Standing.MET
        if self.breached:
            return Standing.BREACHED
        if self.paused:
            return Standing.PAUSED
        return Standing.WARNED if self.warned else Standing.RUNNING


def state(
    policy: Policy,
    calendar: Calendar | None,
    *,
    severity: int,
    started_at: datetime,
    runs: Mapping[Clock, Run],
    now: datetime,
) -> dict[Clock, Reading]:
    """How each of the clocks that have a target stands at `now`; `started_at` is our receipt of the first event."""
    targets = policy.targets.get(severity)
    if targets is None:
        return {}
    by = None if targets.around_the_clock else calendar
    return {
        name: _read(by, started_at, timedelta(minutes=targets.minutes[name]), run, now)
        for name, run in runs.items()
        if name in targets.minutes
    }


def due_at(
    policy: Policy, calendar: Calendar | None, name: Clock, *, severity: int, started_at: datetime
) -> datetime | None:
    """When a clock without pauses is due, as `state` says, for less work; None where it has no target either."""
    targets = policy.targets.get(severity)
    if targets is None or name not in targets.minutes:
        return None
    return due(None if targets.around_the_clock else calendar, started_at, timedelta(minutes=targets.minutes[name]))


class Late(NamedTuple):
    """Which clocks of one severity are late: those that began at `warned` or before are, at `breached` or before too.

    Where it is None, none is.
    """

    warned: datetime | None
    breached: datetime | None


def late(policy: Policy, calendar: Calendar | None, name: Clock, *, severity: int, now: datetime) -> Late | None:
    """For many clocks without pauses at once, as `state` says of each, to the second; None where none has a target."""
    targets = policy.targets.get(severity)
    if targets is None or name not in targets.minutes:
        return None
    by, target = None if targets.around_the_clock else calendar, timedelta(minutes=targets.minutes[name])
    return Late(latest_start(by, target * WARNS_AT, now), latest_start(by, target, now))


def _read(calendar: Calendar | None, start: datetime, target: timedelta, run: Run, now: datetime) -> Reading:
    end = now if run.met_at is None else min(run.met_at, now)
    # A pause that began after the event is about the rest of the work.
    pauses = [pause for pause in run.pauses if pause.start <= end]
    warn_at = due(calendar, start, target * WARNS_AT, pauses)
    due_at = due(calendar, start, target, pauses)
    return Reading(
        started_at=start,
        target=target,
        due_at=due_at,
        warn_at=warn_at,
        met_at=run.met_at,
        paused=run.met_at is None and any(pause.holds(now) for pause in pauses),
        elapsed=elapsed(calendar, start, end, pauses),
        warned=warn_at is not None and warn_at <= end,
        breached_at=due_at if due_at is not None and due_at <= end else None,
    )


class Word(NamedTuple):
    """What people are told of a clock; another severity is another target, and so another word."""

    clock: Clock
    severity: int
    breached: bool

    def __str__(self) -> str:
        return f"{self.clock} {self.severity} {'breached' if self.breached else 'warned'}"


def words(readings: Mapping[Clock, Reading], severity: int) -> list[Word]:
    """Of each clock that runs the latest there is to tell: that it is breached, or that it soon will be.

    Each is told once, for as long as it holds: what does not hold at one look and does at a later one is told again.
    """
    return [
        Word(name, severity, one.breached)
        for name, one in readings.items()
        if one.met_at is None and (one.warned or one.breached)
    ]


def every_word(severity: int) -> list[Word]:
    """All that there could be to tell of an incident of that severity."""
    return [Word(name, severity, breached) for name in Clock for breached in (False, True)]


def next_moment(readings: Mapping[Clock, Reading], now: datetime) -> datetime | None:
    """The first moment after `now` at which one of the clocks will warn or be breached, as things stand.

    None where there is none: whoever pauses, goes on, meets a clock or changes a severity has to ask anew.
    """
    running = [one for one in readings.values() if one.met_at is None]
    moments = [at for one in running for at in (one.warn_at, one.due_at) if at is not None and at > now]
    return min(moments, default=None)
