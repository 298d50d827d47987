"""The law of the rate budget: over any span, at most rate * t + burst + one request."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.limits import RateBudgets
from services.ingest.refusals import Refused

SENSOR = UUID(int=1)

steps = st.lists(st.tuples(st.floats(0, 5), st.integers(1, 200)), min_size=1, max_size=60)


@given(st.integers(1, 50), st.integers(1, 5), steps)
def test_never_more_than_the_rate_allows_and_never_stuck(
    rate: int, burst_seconds: int, arrivals: list[tuple[float, int]]
) -> None:
    now = 0.0
    budgets = RateBudgets(default_rate=rate, burst_seconds=burst_seconds, clock=lambda: now)
    budgets.check(SENSOR, None)
    taken: list[tuple[float, int]] = []
    for pause, records in arrivals:
        now += pause
        try:
            budgets.spend(SENSOR, None, records)
        except Refused as refused:
            now += refused.wait + 1e-3
            budgets.spend(SENSOR, None, records)  # whoever waits as told gets in
        taken.append((now, records))
    for start in range(len(taken)):
        total = 0
        for moment, records in taken[start:]:
            allowed = rate * (moment - taken[start][0]) + max(1, rate * burst_seconds)
            assert total <= allowed + 1e-3  # before this request; the request itself may overdraw
            total += records
