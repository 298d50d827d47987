"""What people may do to an alert in each of its states, and what that changes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.domain import triage
from shared.domain.alert import ACKNOWLEDGED, CLOSED, IN_PROGRESS, NEW, RESOLVED_AT_SOURCE, STATUSES, SUPPRESSED
from shared.domain.triage import NotClosed, NotOpen, Suppressed, Verdict

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ANN, BOB = UUID(int=1), UUID(int=2)


@dataclass
class Row:
    """An alert, as far as people change it."""

    status: str = NEW
    severity: int = 3
    sensor_severity: int = 3
    severity_by_hand: bool = False
    risk: int = 60
    verdict: str | None = None
    reason: str | None = None
    assignee_id: UUID | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by_id: UUID | None = None
    acknowledged_count: int | None = None
    closed_at: datetime | None = None
    closed_by_id: UUID | None = None
    quiet_until: datetime | None = None
    again: bool = False
    new_since: datetime | None = None
    count: int = 7
    resolved_at: datetime | None = None
    last_fired_at: datetime | None = None


def close(row: Row, quiet: timedelta = timedelta(0)) -> None:
    triage.close(row, by=ANN, now=NOW, verdict=Verdict.FALSE_POSITIVE, reason="tuning", quiet=quiet)


def test_acknowledging_takes_what_is_nobodys_and_remembers_the_count() -> None:
    row = Row(again=True)
    triage.acknowledge(row, by=ANN, now=NOW)
    expected = Row(
        status=ACKNOWLEDGED,
        assignee_id=ANN,
        acknowledged_at=NOW,
        acknowledged_by_id=ANN,
        acknowledged_count=7,
    )
    assert row == expected
    triage.acknowledge(row, by=BOB, now=NOW + timedelta(hours=1))
    assert row == expected


def test_acknowledging_leaves_an_owner() -> None:
    row = Row(assignee_id=BOB)
    triage.acknowledge(row, by=ANN, now=NOW)
    assert (row.assignee_id, row.acknowledged_by_id) == (BOB, ANN)


def test_work_begins_with_acknowledging() -> None:
    row = Row()
    triage.start(row, by=ANN, now=NOW)
    assert (row.status, row.acknowledged_at, row.assignee_id) == (IN_PROGRESS, NOW, ANN)


def test_closing_and_its_quiet_period() -> None:
    row = Row(assignee_id=BOB)
    close(row, quiet=timedelta(hours=24))
    assert (row.status, row.verdict, row.reason) == (CLOSED, "false_positive", "tuning")
    assert (row.closed_at, row.closed_by_id, row.assignee_id) == (NOW, ANN, BOB)
    assert row.quiet_until == NOW + timedelta(hours=24)
    loud = Row()
    close(loud)
    assert loud.quiet_until is None


def test_reopening_takes_all_of_the_closing_back() -> None:
    row = Row(assignee_id=BOB)
    triage.acknowledge(row, by=ANN, now=NOW)
    close(row, quiet=timedelta(hours=1))
    triage.reopen(row, by=ANN, now=NOW)
    assert row == Row(assignee_id=BOB, new_since=NOW), "its clock counts anew"


@pytest.mark.parametrize("reason", [RESOLVED_AT_SOURCE, "known_good"])
def test_what_its_source_has_resolved_is_acknowledged_by_who_reopens_it(reason: str) -> None:
    row = Row(status=CLOSED, reason=reason, last_fired_at=NOW, resolved_at=NOW)
    triage.reopen(row, by=ANN, now=NOW)
    assert (row.status, row.acknowledged_at, row.assignee_id, row.reason) == (ACKNOWLEDGED, NOW, ANN, None)


def test_what_fires_again_is_new_when_it_is_reopened() -> None:
    row = Row(status=CLOSED, reason="known_good", resolved_at=NOW, last_fired_at=NOW + timedelta(minutes=1))
    triage.reopen(row, by=ANN, now=NOW)
    assert (row.status, row.acknowledged_at) == (NEW, None)


def test_severity_by_hand_and_back() -> None:
    row = Row()
    triage.set_severity(row, 5)
    assert (row.severity, row.severity_by_hand, row.risk) == (5, True, 100)
    triage.set_severity(row, None)
    assert row == Row()


@pytest.mark.parametrize("status", STATUSES)
def test_what_each_state_allows(status: str) -> None:
    moves: dict[str, Callable[[Row], None]] = {
        "acknowledge": lambda row: triage.acknowledge(row, by=ANN, now=NOW),
        "start": lambda row: triage.start(row, by=ANN, now=NOW),
        "assign": lambda row: triage.assign(row, to=BOB),
        "close": close,
        "reopen": lambda row: triage.reopen(row, by=ANN, now=NOW),
    }
    for name, move in moves.items():
        row = Row(status=status)
        before = replace(row)
        if status == SUPPRESSED:
            refusal: type[Exception] | None = Suppressed
        elif name == "reopen":
            refusal = None if status == CLOSED else NotClosed
        else:
            refusal = NotOpen if status == CLOSED else None
        if refusal is None:
            move(row)
        else:
            with pytest.raises(refusal):
                move(row)
            assert row == before, name


def test_the_default_quiet_period_is_for_what_was_no_attack() -> None:
    assert {verdict: triage.default_quiet(verdict).total_seconds() for verdict in Verdict} == {
        Verdict.TRUE_POSITIVE: 0,
        Verdict.BENIGN_POSITIVE: 86400,
        Verdict.FALSE_POSITIVE: 86400,
        Verdict.UNDETERMINED: 0,
    }


def test_what_linking_took_up_is_put_back_unless_somebody_went_on_with_it() -> None:
    def taken(found: Row, **changed: Any) -> Row:
        row = replace(found)
        triage.acknowledge(row, by=ANN, now=NOW)
        row = replace(row, **changed)
        triage.put_back(row, status=found.status, assignee_id=found.assignee_id, by=ANN)
        return row

    for found in (
        Row(),
        Row(assignee_id=BOB),
        Row(status=ACKNOWLEDGED, acknowledged_by_id=BOB),
        Row(status=IN_PROGRESS),
    ):
        assert taken(found) == found
    for changed in ({"status": IN_PROGRESS}, {"assignee_id": BOB}, {"assignee_id": None}, {"acknowledged_by_id": BOB}):
        expected = replace(taken(Row(), status=IN_PROGRESS), status=ACKNOWLEDGED)
        assert taken(Row(), **changed) == replace(expected, **changed)
