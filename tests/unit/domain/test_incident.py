"""The life of an incident as a table: every move there is, and every one there is not."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID, uuid4

import pytest

from shared.domain import incident as rules
from shared.domain.incident import ReviewPolicy, Status, Tlp
from shared.domain.triage import Verdict
from shared.errors import Invalid

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ANN, BEN = uuid4(), uuid4()
O, I, C, H, R, X, M = Status  # noqa: E741 - as the table below names them

ALLOWED = {
    (O, I), (O, C), (O, H), (O, R),
    (I, C), (I, H), (I, R),
    (C, I), (C, H), (C, R),
    (H, O), (H, I), (H, C),
    (R, I), (X, I),
}  # fmt: skip


@dataclass
class Row:
    status: str = "open"
    severity: int = 3
    peak_severity: int | None = None
    verdict: str | None = None
    reason: str | None = None
    assignee_id: UUID | None = None
    closed_by_id: UUID | None = None
    tlp: str = "amber"
    restricted: bool = False
    summary: str = ""
    detected_at: datetime | None = None
    acknowledged_at: datetime | None = None
    contained_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    merged_into_id: UUID | None = None
    tags: list[str] = field(default_factory=list)


@pytest.mark.parametrize(("before", "after"), list(product(Status, [O, I, C, H, R, X])))
def test_the_moves_there_are(before: Status, after: Status) -> None:
    row = Row(status=before, merged_into_id=uuid4() if before == M else None)
    if (before, after) in ALLOWED or (before == after and before != M):
        rules.move(row, after, by=ANN, now=NOW, reason="because")
        assert row.status == after
        return
    with pytest.raises((rules.NotAllowed, rules.IncidentMerged)):
        rules.move(row, after, by=ANN, now=NOW, reason="because")
    assert row.status == before


@pytest.mark.parametrize(("before", "after"), sorted(ALLOWED))
def test_holding_and_going_back_need_a_reason(before: Status, after: Status) -> None:
    needed = after == H or (before, after) in {(C, I), (R, I), (X, I)}
    assert rules.needs_reason(before, after) is needed
    row = Row(status=before)
    if needed:
        with pytest.raises(rules.ReasonNeeded):
            rules.move(row, after, by=ANN, now=NOW)
    else:
        rules.move(row, after, by=ANN, now=NOW)


def test_hold_is_no_way_around_the_reason_for_going_back() -> None:
    row = Row(status=C)
    row.contained_at = NOW
    rules.move(row, H, by=ANN, now=NOW, reason="later")
    for after in (I, O):
        with pytest.raises(rules.ReasonNeeded):
            rules.move(row, after, by=ANN, now=NOW)
    rules.move(row, C, by=ANN, now=NOW)
    rules.move(row, H, by=ANN, now=NOW, reason="later")
    rules.move(row, I, by=ANN, now=NOW, reason="It spreads")
    assert (row.status, row.contained_at) == (I, NOW)


def test_beginning_takes_it_up_and_holding_does_not() -> None:
    held, begun = Row(), Row()
    rules.move(held, H, by=ANN, now=NOW, reason="later")
    assert (held.acknowledged_at, held.assignee_id) == (None, None)
    rules.move(begun, I, by=ANN, now=NOW)
    assert (begun.acknowledged_at, begun.assignee_id) == (NOW, ANN)


def test_the_first_entry_sets_the_time_and_going_back_takes_the_end_away() -> None:
    row, later = Row(), NOW + timedelta(hours=1)
    rules.move(row, C, by=ANN, now=NOW)
    rules.move(row, R, by=ANN, now=later)
    assert (row.contained_at, row.resolved_at) == (NOW, later)
    rules.move(row, I, by=ANN, now=later, reason="again")
    rules.move(row, C, by=ANN, now=later)
    assert (row.contained_at, row.resolved_at) == (NOW, None)


def test_closing_and_reopening() -> None:
    row = Row(status="contained")
    rules.close(row, by=ANN, now=NOW, verdict=Verdict.TRUE_POSITIVE, reason="attack")
    assert (row.status, row.verdict, row.resolved_at, row.closed_at, row.closed_by_id) == (
        "closed", "true_positive", NOW, NOW, ANN,
    )  # fmt: skip
    with pytest.raises(rules.IncidentClosed):
        rules.close(row, by=ANN, now=NOW, verdict=Verdict.UNDETERMINED, reason="x")
    with pytest.raises(rules.IncidentClosed):
        rules.assign(row, to=BEN, now=NOW)
    rules.move(row, I, by=BEN, now=NOW, reason="again")
    assert (row.verdict, row.reason, row.closed_at, row.closed_by_id, row.assignee_id) == (None, None, None, None, ANN)


def test_what_is_on_hold_is_not_closed() -> None:
    with pytest.raises(rules.NotAllowed):
        rules.close(Row(status="on_hold"), by=ANN, now=NOW, verdict=Verdict.UNDETERMINED, reason="x")


def test_red_is_restricted() -> None:
    row = Row()
    rules.mark(row, tlp=Tlp.RED)
    assert row.restricted
    with pytest.raises(Invalid):
        rules.mark(row, restricted=False)
    rules.mark(row, tlp=Tlp.GREEN)
    assert row.restricted, "opening it is a decision of its own"
    rules.mark(row, restricted=False)
    assert (row.tlp, row.restricted) == (Tlp.GREEN, False)


@pytest.mark.parametrize(
    ("policy", "severity", "verdict", "needed"),
    [
        (ReviewPolicy(), 5, Verdict.BENIGN_POSITIVE, True),
        (ReviewPolicy(), 4, Verdict.TRUE_POSITIVE, False),
        (ReviewPolicy(), 4, Verdict.FALSE_POSITIVE, True),
        (ReviewPolicy(), 3, Verdict.FALSE_POSITIVE, False),
        (ReviewPolicy(None, None), 5, Verdict.FALSE_POSITIVE, False),
        (ReviewPolicy(1, None), 1, Verdict.UNDETERMINED, True),
        (ReviewPolicy.read({"review": {"from_severity": 2}}), 2, Verdict.UNDETERMINED, True),
        (ReviewPolicy.read({"review": {"from_severity": None}}), 5, Verdict.UNDETERMINED, False),
        (ReviewPolicy.read({}), 5, Verdict.UNDETERMINED, True),
    ],
)
def test_who_has_to_look_first(policy: ReviewPolicy, severity: int, verdict: Verdict, needed: bool) -> None:
    assert rules.needs_review(policy, severity, verdict) is needed


def test_a_severity_that_was_lowered_counts_for_the_review() -> None:
    incident = Row()
    rules.set_severity(incident, 5)
    assert (incident.peak_severity, rules.severity_for_review(incident)) == (None, 5)
    rules.set_severity(incident, 4)
    rules.set_severity(incident, 2)
    assert (incident.severity, rules.severity_for_review(incident)) == (2, 5)


def test_nobody_reviews_their_own() -> None:
    assert rules.review_stands_against(ANN, assignee=BEN, requester=BEN) is None
    for reviewer, assignee, requester in ((None, None, None), (ANN, ANN, BEN), (ANN, None, ANN)):
        assert rules.review_stands_against(reviewer, assignee=assignee, requester=requester)


def test_what_is_missing_says_nothing_where_false_and_zero_do() -> None:
    task = uuid4()
    fields = [("a", "A"), ("b", "B"), ("c", "C"), ("d", "D")]
    found = rules.missing(
        summary=" \n", required_fields=fields, fields={"a": False, "b": 0, "c": ""}, open_required_tasks=[(task, "T")]
    )
    assert [one.said() for one in found] == [
        {"kind": "summary", "name": "summary"},
        {"kind": "field", "name": "C"},
        {"kind": "field", "name": "D"},
        {"kind": "task", "name": "T", "id": str(task)},
    ]
    with pytest.raises(rules.NotComplete) as refused:
        rules.require_complete(found)
    assert len(refused.value.members["missing"]) == 4
    rules.require_complete([])
