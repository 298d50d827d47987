"""The life of an alert: what an event does to an alert that people or its source have moved on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.indexer.folding import Folded, Key, fold_groups
from shared import clock, ids
from shared.domain import alert as rules
from shared.domain.alert import Alert, Sighting

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ORGANIZATION = UUID(int=1)
FINGERPRINT = bytes(16)


def sighting(number: int = 1, *, time: datetime = NOON, **changes: Any) -> Sighting:
    base = Sighting(
        time=time,
        event_id=UUID(int=number),
        received_at=time,
        severity=3,
        title="beacon",
        rule_id="2024",
        module="suricata",
        dataset="suricata.alert",
        sensor_id=UUID(int=7),
        resolved_at=None,
        techniques=[],
        grouping="suricata_eve@1",
    )
    return base._replace(**changes)


def key_of(event: Sighting) -> Key:
    return Key(ORGANIZATION, FINGERPRINT, rules.fold_window(event.time))


def fold(*events: Sighting, onto: Alert | None = None) -> Folded:
    groups: dict[Key, list[Sighting]] = {}
    for event in events:
        groups.setdefault(key_of(event), []).append(event)
    heads = {Key(ORGANIZATION, FINGERPRINT, onto.fold_window): onto} if onto else {}
    return fold_groups(groups, heads)


def an_alert(**changes: Any) -> Alert:
    (alert,) = fold(sighting()).opened
    return replace(alert, **changes)


def closed(**changes: Any) -> Alert:
    return an_alert(status=rules.CLOSED, closed_at=NOON + HOUR, **changes)


class TestAgain:
    def acknowledged(self, **changes: Any) -> Alert:
        return an_alert(status=rules.ACKNOWLEDGED, acknowledged_at=NOON, acknowledged_count=1, **changes)

    def test_more_of_the_same_changes_nothing_but_the_count(self) -> None:
        alert = self.acknowledged()
        fold(sighting(2, time=NOON + HOUR), onto=alert)
        assert (alert.status, alert.again, alert.count) == (rules.ACKNOWLEDGED, False, 2)

    @pytest.mark.parametrize(
        "event",
        [
            pytest.param(sighting(2, severity=4), id="higher severity"),
            pytest.param(sighting(2, time=NOON + 24 * HOUR), id="24 h of silence"),
        ],
    )
    def test_returns_to_new(self, event: Sighting) -> None:
        alert = self.acknowledged()
        fold(event, onto=alert)
        assert (alert.status, alert.again) == (rules.NEW, True)

    @pytest.mark.parametrize("minutes", [-5, 0, 5])
    def test_its_clock_counts_anew_from_the_receipt_of_what_makes_it_new(self, minutes: int) -> None:
        alert, received_at = self.acknowledged(), NOON + timedelta(minutes=minutes)
        fold(sighting(2, severity=4, received_at=received_at), onto=alert)
        fold(sighting(3, severity=5, received_at=received_at + HOUR), onto=alert)
        assert alert.new_since == max(received_at, NOON + timedelta.resolution), "after it was acknowledged"

    def test_one_that_is_opened_is_new_since_its_event_was_received(self) -> None:
        event = sighting(1, received_at=NOON - HOUR)
        alert = rules.opened(
            event, alert_id=ids.uuid7(), organization_id=ids.uuid7(), fingerprint=b"", previous_alert_id=None
        )
        assert alert.new_since == NOON - HOUR

    def test_it_is_new_since_the_first_receipt_whichever_event_was_written_first(self) -> None:
        alert = an_alert()
        fold(sighting(2, received_at=NOON + HOUR), onto=alert)
        fold(sighting(3, received_at=NOON - HOUR), onto=alert)
        assert alert.new_since == NOON - HOUR

    def test_one_that_was_reopened_is_new_since_then_though_an_event_was_under_way(self) -> None:
        alert = an_alert()
        alert.new_since = reopened_at = clock.now() + HOUR
        fold(sighting(2, received_at=NOON - HOUR), onto=alert)
        assert alert.new_since == reopened_at

    def test_returns_at_ten_times_the_count(self) -> None:
        alert = self.acknowledged(count=8)
        fold(sighting(2), onto=alert)
        assert alert.status == rules.ACKNOWLEDGED
        fold(sighting(3), onto=alert)
        assert (alert.status, alert.again, alert.count) == (rules.NEW, True, 10)

    def test_in_progress_stays_with_whoever_works_on_it(self) -> None:
        alert = an_alert(status=rules.IN_PROGRESS)
        fold(sighting(2, severity=5), onto=alert)
        assert (alert.status, alert.severity) == (rules.IN_PROGRESS, 5)


def test_a_severity_set_by_hand_stays_while_the_sensors_is_remembered() -> None:
    alert = an_alert(severity=1, severity_by_hand=True)
    fold(sighting(2, severity=5), onto=alert)
    assert (alert.severity, alert.sensor_severity, alert.risk) == (1, 5, 20)


class TestClosed:
    def test_what_was_received_before_the_closing_joins(self) -> None:
        alert = closed()
        late = sighting(2, time=NOON + HOUR / 2)
        assert not fold(late, onto=alert).opened
        assert alert.count == 2
        assert alert.status == rules.CLOSED
        assert alert.explanation[rules.JOINED_BEFORE_CLOSING] == 1

    def test_what_comes_after_opens_a_successor(self) -> None:
        alert = closed()
        (successor,) = fold(sighting(2, time=NOON + 2 * HOUR), onto=alert).opened
        assert not alert.current
        assert successor.current
        assert successor.previous_alert_id == alert.id
        assert (alert.count, successor.count) == (1, 1)

    def test_a_quiet_period_counts_on_the_closed_alert(self) -> None:
        alert = closed(quiet_until=NOON + 24 * HOUR)
        assert not fold(sighting(2, time=NOON + 2 * HOUR), onto=alert).opened
        assert alert.explanation[rules.JOINED_QUIET] == 1

    def test_a_quiet_period_does_not_hide_what_is_worse(self) -> None:
        alert = closed(quiet_until=NOON + 24 * HOUR)
        assert fold(sighting(2, time=NOON + 2 * HOUR, severity=4), onto=alert).opened

    def test_a_quiet_period_reaches_into_the_next_window(self) -> None:
        end_of_window = datetime(1970, 1, 1, tzinfo=UTC) + rules.FOLD_WINDOW * (rules.fold_window(NOON) + 1)
        alert = closed(quiet_until=end_of_window + HOUR)
        assert not fold(sighting(2, time=end_of_window + HOUR / 2), onto=alert).opened
        (successor,) = fold(sighting(3, time=end_of_window + 2 * HOUR), onto=alert).opened
        assert successor.previous_alert_id == alert.id
        assert alert.current, "another window's alert is no successor of this key"


class TestResolvedAtSource:
    resolved = sighting(2, time=NOON, resolved_at=NOON + HOUR, received_at=NOON + HOUR)

    def test_an_open_alert_gets_a_badge_and_closes_later(self) -> None:
        alert = an_alert()
        fold(self.resolved, onto=alert)
        assert (alert.status, alert.resolved_at) == (rules.NEW, NOON + HOUR)
        assert not rules.closes_at_source(alert, NOON + HOUR + timedelta(minutes=4))
        assert rules.closes_at_source(alert, NOON + HOUR + timedelta(minutes=5))

    def test_not_while_somebody_is_on_it(self) -> None:
        later = NOON + 3 * HOUR
        for alert in (an_alert(acknowledged_at=NOON), an_alert(incident_id=UUID(int=9))):
            fold(self.resolved, onto=alert)
            assert not rules.closes_at_source(alert, later)

    def test_not_when_it_fired_again_since(self) -> None:
        alert = an_alert()
        fold(self.resolved, sighting(3, time=NOON + 2 * HOUR), onto=alert)
        assert not rules.closes_at_source(alert, NOON + 9 * HOUR)

    def test_a_resolution_without_an_alert_makes_one_already_closed(self) -> None:
        (alert,) = fold(self.resolved).opened
        assert (alert.status, alert.reason) == (rules.CLOSED, rules.RESOLVED_AT_SOURCE)
        assert alert.provisional
        assert rules.closes_at_source(alert, NOON + 2 * HOUR)

    def test_its_late_firing_joins_and_leaves_it_closed(self) -> None:
        (alert,) = fold(self.resolved).opened
        assert not fold(sighting(3, time=NOON), onto=alert).opened
        assert (alert.status, alert.count) == (rules.CLOSED, 2)

    def test_a_firing_before_the_resolution_joins_even_a_finished_one(self) -> None:
        (alert,) = fold(self.resolved).opened
        alert.closed_at = NOON + 2 * HOUR
        late = sighting(3, time=NOON + HOUR, received_at=NOON + 9 * HOUR)
        assert not fold(late, onto=alert).opened

    def test_a_later_firing_opens(self) -> None:
        (alert,) = fold(self.resolved).opened
        alert.closed_at = NOON + 2 * HOUR
        assert fold(sighting(3, time=NOON + 3 * HOUR), onto=alert).opened


def test_each_window_of_30_days_has_its_own_alert() -> None:
    first, second = fold(sighting(1), sighting(2, time=NOON + rules.FOLD_WINDOW)).opened
    assert second.fold_window == first.fold_window + 1
    assert second.previous_alert_id == first.id
    assert first.current


def test_the_explanation_counts_each_rule() -> None:
    (alert,) = fold(sighting(1), sighting(2), sighting(3, grouping="falco@1")).opened
    assert alert.explanation == {"fold.suricata_eve@1": 2, "fold.falco@1": 1}


def test_techniques_are_a_bounded_union() -> None:
    names = [f"T{number:04d}" for number in range(60)]
    events = [sighting(number + 1, techniques=[name]) for number, name in enumerate(names)]
    (alert,) = fold(*events).opened
    assert alert.techniques == names[: rules.MAX_TECHNIQUES]


def test_firing_again_after_the_resolution_opens_though_received_before_maintenance_closed() -> None:
    """It waited in the queue while the alert was closed: to join it there would hide what is going on now."""
    alert = an_alert(
        status=rules.CLOSED,
        reason=rules.RESOLVED_AT_SOURCE,
        resolved_at=NOON + HOUR,
        closed_at=NOON + HOUR + timedelta(minutes=6),
    )
    again = sighting(2, time=NOON + HOUR + timedelta(minutes=4), received_at=NOON + HOUR + timedelta(minutes=5))
    (successor,) = fold(again, onto=alert).opened
    assert (successor.status, successor.previous_alert_id) == (rules.NEW, alert.id)
    late = sighting(3, time=NOON, received_at=NOON + HOUR + timedelta(minutes=5))
    other = an_alert(
        status=rules.CLOSED, reason=rules.RESOLVED_AT_SOURCE, resolved_at=NOON + HOUR, closed_at=NOON + 2 * HOUR
    )
    assert not fold(late, onto=other).opened


class TestCritical:
    """Who is told of it is looked up for these alone, so one that is critical already must cost nothing."""

    def test_opened_or_raised_to_it(self) -> None:
        event = sighting(severity=5)
        assert len(fold(event).critical) == 1
        raised = an_alert()
        assert fold(event, onto=raised).critical == [raised]

    def test_one_that_began_with_its_resolution_once_it_fires(self) -> None:
        (alert,) = fold(sighting(severity=5, resolved_at=NOON)).opened
        fires = sighting(number=2, severity=5, time=NOON + HOUR)
        assert fold(fires, onto=alert).critical == [alert]
        assert alert.status == rules.NEW
        assert fold(fires._replace(event_id=UUID(int=3)), onto=alert).critical == []

    def test_critical_before_not_yet_and_not_open(self) -> None:
        event = sighting(number=2, severity=5)
        assert fold(event, onto=an_alert(severity=5, sensor_severity=5)).critical == []
        assert fold(sighting(severity=4)).critical == []
        assert fold(sighting(severity=5, resolved_at=NOON)).critical == []
        assert fold(event, onto=an_alert(severity=2, severity_by_hand=True)).critical == []
