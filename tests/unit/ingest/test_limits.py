"""Budgets: bytes and requests in flight, records a second, and when to come back."""

from uuid import UUID

import pytest

from services.ingest.limits import InFlight, RateBudgets, retry_after
from services.ingest.refusals import Refused

SENSOR, OTHER = UUID(int=1), UUID(int=2)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def budgets(clock: Clock, *, default: float = 0) -> RateBudgets:
    return RateBudgets(default_rate=default, burst_seconds=10, clock=clock)


def test_in_flight_bytes_and_requests_are_given_back() -> None:
    budget = InFlight(max_bytes=100, max_requests=2)
    with budget.enter() as first, budget.enter() as second:
        first.grow(60)
        with pytest.raises(Refused) as raised:
            second.grow(41)
        assert (raised.value.code, raised.value.status) == ("busy", 503)
        second.grow(40)
        assert budget.full
        with pytest.raises(Refused):
            budget.enter()
    assert (budget.bytes, budget.requests, budget.full) == (0, 0, False)


def test_a_request_that_is_alone_always_fits() -> None:
    budget = InFlight(max_bytes=100, max_requests=2)
    with budget.enter() as only:
        only.grow(90)
        only.grow(90)
        with pytest.raises(Refused):
            budget.enter()


def test_a_burst_then_the_rate() -> None:
    clock, rate = Clock(), 10.0
    limits = budgets(clock)
    for _ in range(100):
        limits.spend(SENSOR, rate, 1)
    with pytest.raises(Refused) as raised:
        limits.spend(SENSOR, rate, 1)
    assert raised.value.status == 429
    assert raised.value.wait == pytest.approx(0.1)
    assert str(raised.value) == "The sensor's 10 records a second are used up; send again after 1 s."
    limits.spend(OTHER, rate, 1)
    clock.now += 0.1
    limits.spend(SENSOR, rate, 1)
    with pytest.raises(Refused):
        limits.check(SENSOR, rate)


def test_a_request_larger_than_the_burst_is_delayed_not_refused_for_ever() -> None:
    clock = Clock()
    limits = budgets(clock)
    limits.spend(SENSOR, 1.0, 1000)
    with pytest.raises(Refused) as raised:
        limits.check(SENSOR, 1.0)
    assert raised.value.wait == pytest.approx(991)
    clock.now += 991
    limits.check(SENSOR, 1.0)


def test_what_was_not_accepted_is_given_back() -> None:
    limits = budgets(Clock())
    limits.spend(SENSOR, 1.0, 10)
    limits.give_back(SENSOR, 1.0, 10)
    limits.spend(SENSOR, 1.0, 10)


def test_no_rate_is_no_budget_unless_the_door_has_a_default() -> None:
    free, bounded = budgets(Clock()), budgets(Clock(), default=1.0)
    for _ in range(3):
        free.spend(SENSOR, None, 10_000)
    bounded.spend(SENSOR, None, 10)
    with pytest.raises(Refused):
        bounded.check(SENSOR, None)


def test_a_changed_rate_starts_afresh_and_gone_sensors_are_forgotten() -> None:
    limits = budgets(Clock())
    limits.spend(SENSOR, 1.0, 10)
    limits.check(SENSOR, 2.0)
    limits.spend(SENSOR, 2.0, 20)
    limits.keep({OTHER})
    limits.check(SENSOR, 2.0)


def test_retry_after_is_never_early_and_spread() -> None:
    values = {retry_after(9.2) for _ in range(300)}
    assert min(values) == 10
    assert max(values) <= 15
    assert len(values) > 3
    assert {retry_after(0) for _ in range(100)} == {1, 2}
