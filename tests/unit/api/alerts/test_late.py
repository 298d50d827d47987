"""Which alerts have just become late, and the query that finds them."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.api.alerts.late import MOST_GONE, Rules, Stage, _unsummed, stages
from services.api.alerts.late_words import Group, notice, query
from shared.domain import sla
from shared.domain.sla import Late
from shared.notices import argument
from shared.query.parse import parse
from shared.query.values import Reader
from shared.search.catalogue import ALERTS
from tests.clock_cases import at

ACME, ANN = UUID(int=1), UUID(int=2)
NOON, MINUTE = at("2026-03-09 12:00"), timedelta(minutes=1)


def late(warned: int, breached: int, now: int = 0) -> Late:
    return Late(NOON + (now - warned) * MINUTE, NOON + (now - breached) * MINUTE)


def seen(found: list[Stage]) -> list[tuple[int, bool, int | None, int]]:
    """In minutes before noon."""
    return [
        (one.severity, one.breached, None if one.after is None else (NOON - one.after) // MINUTE,
         (NOON - one.until) // MINUTE)
        for one in found
    ]  # fmt: skip


def test_what_is_breached_is_not_warned_of() -> None:
    found = stages(ACME, {5: late(15, 20), 4: late(45, 60)})
    assert seen(found) == [(5, True, None, 20), (5, False, 20, 15), (4, True, None, 60), (4, False, 60, 45)]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, [(4, True, None, 60), (4, False, 60, 45)]),
        ({True: {4: late(45, 60, now=-5)}}, [(4, True, 65, 60), (4, False, 60, 45)]),
        ({False: {4: late(45, 60, now=-5)}}, [(4, True, None, 60), (4, False, 50, 45)]),
        ({False: {4: late(45, 60, now=-30)}}, [(4, True, None, 60), (4, False, 60, 45)]),
        ({True: {4: Late(None, None)}, False: {}}, [(4, True, None, 60), (4, False, 60, 45)]),
    ],
    ids=["nothing yet", "breaches", "warnings", "warnings long ago", "another severity then"],
)
def test_what_was_told_is_left_out(
    told: dict[bool, dict[int, Late]], expected: list[tuple[int, bool, int | None, int]]
) -> None:
    assert seen(stages(ACME, {4: late(45, 60)}, told)) == expected


@pytest.mark.parametrize(("minutes", "due"), [(-61, True), (-60, True), (-59, False), (0, False), (1, True)])
def test_leads_are_told_once_an_hour_and_by_a_clock_that_was_ahead_at_once(minutes: int, due: bool) -> None:
    told = {(ACME, True): NOON + minutes * MINUTE, (ACME, False): NOON}
    found = _unsummed({ACME: Rules(sla.DEFAULT, None, [4])}, {ACME: {4: late(45, 60)}}, told, NOON)
    assert [one.breached for one in found] == [True] * due


def test_a_calendar_with_too_little_time_makes_nothing_late() -> None:
    assert stages(ACME, {4: Late(None, None)}) == []
    assert seen(stages(ACME, {4: Late(NOON, None)})) == [(4, False, None, 0)]


@pytest.mark.parametrize("breached", [True, False])
@pytest.mark.parametrize("email", [None, "ann@example.org", 'o"n\\e@example.org'])
def test_the_query_is_one(email: str | None, breached: bool) -> None:
    text = query(ACME, {5: late(15, 20), 4: Late(NOON, None), 3: Late(None, None)}, breached=breached, email=email)
    parse(text, ALERTS, Reader(now=NOON, people={} if email is None else {email: ANN}))
    assert ("severity:high" in text, "severity:medium" in text) == (not breached, False)


@pytest.mark.parametrize("breached", [True, False])
def test_the_longest_query_is_one(breached: bool) -> None:
    every = {severity: late(45, 60) for severity in range(1, 6)}
    gone = [UUID(int=number) for number in range(MOST_GONE)]
    parse(query(ACME, every, breached=breached, email=None, gone=gone), ALERTS, Reader(now=NOON))


def test_one_is_told_by_its_title_and_several_by_their_number() -> None:
    alone = Group(ACME, True, ANN, 1, False, 4, UUID(int=7), "Beacon", "q")
    several = Group(ACME, False, None, 1234, True, 5, UUID(int=7), "Beacon", "q")
    one, other = notice(alone, ANN, NOON), notice(several, None, NOON)
    assert (one.subject, one.object_id) == ("An alert is not acknowledged in time: Beacon", UUID(int=7))
    assert other.subject == "1,234 or more alerts that are nobody's are to be acknowledged soon"
    assert (other.object_id, other.content["query"]) == (None, "q")
    assert argument([one, other])


def test_who_works_for_two_organizations_hears_of_both() -> None:
    groups = [Group(one, True, ANN, 2, False, 4, UUID(int=7), "Beacon", "q") for one in (ACME, UUID(int=3))]
    assert len({notice(group, ANN, NOON).thing for group in groups}) == 2
