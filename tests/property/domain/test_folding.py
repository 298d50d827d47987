"""Folding is commutative: the same events give the same alert in any order and in any split into batches."""

import itertools
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.indexer.folding import Key, fold_groups
from shared import ids
from shared.domain import alert as rules
from shared.domain.alert import Alert, Sighting

START = datetime(2026, 1, 10, tzinfo=UTC)
ORGANIZATION = ids.uuid7(START)
FINGERPRINT = bytes(16)
WINDOW = rules.fold_window(START)

# Within one fold window and one day, so that only what the property is about differs.
moments = st.integers(0, 86_400_000).map(lambda ms: START + timedelta(milliseconds=ms))


@st.composite
def sightings(draw: st.DrawFn) -> Sighting:
    time = draw(moments)
    return Sighting(
        time=time,
        event_id=UUID(int=draw(st.integers(1, 2**64))),
        received_at=draw(moments),
        severity=draw(st.integers(1, 5)),
        title=draw(st.sampled_from(["ssh brute force", "port scan", "beacon"])),
        rule_id=draw(st.sampled_from([None, "1", "2"])),
        module="suricata",
        dataset=draw(st.sampled_from(["suricata.alert", "suricata.dns"])),
        sensor_id=UUID(int=draw(st.integers(1, 3))),
        resolved_at=draw(st.none() | moments),
        techniques=draw(st.lists(st.sampled_from(["T1110", "T1046", "T1071"]), max_size=3)),
        grouping="suricata_eve@1",
    )


many = st.lists(sightings(), min_size=1, max_size=25, unique_by=lambda s: s.event_id)


def folded_in(batches: list[list[Sighting]]) -> list[Alert]:
    """All alerts after folding these batches one after the other, as the writer does."""
    key = Key(ORGANIZATION, FINGERPRINT, WINDOW)
    heads: dict[Key, Alert] = {}
    alerts: dict[UUID, Alert] = {}
    for batch in batches:
        folded = fold_groups({key: batch}, heads)
        alerts |= {alert.id: alert for alert in folded.alerts}
        (current,) = (alert for alert in alerts.values() if alert.current)
        heads = {key: current}
    return list(alerts.values())


def columns(alert: Alert) -> dict[str, object]:
    """What folding alone decides; status may wait for maintenance, and the row's own id is random."""
    left_out = {"id", "status", "reason", "previous_alert_id"}
    return {name: getattr(alert, name) for name in Alert.__slots__ if name not in left_out}


def ends(alert: Alert) -> bool:
    """Whether it is closed once maintenance has looked at it."""
    return alert.status == rules.CLOSED or rules.closes_at_source(alert, START + timedelta(days=3))


def split(items: list[Sighting], cuts: list[int]) -> list[list[Sighting]]:
    edges = sorted({0, len(items), *(cut % (len(items) + 1) for cut in cuts)})
    return [items[low:high] for low, high in itertools.pairwise(edges) if low < high]


@given(many, st.randoms(use_true_random=False), st.lists(st.integers(0, 30), max_size=6))
def test_any_order_and_any_split_give_the_same_alert(events: list[Sighting], random: object, cuts: list[int]) -> None:
    shuffled = list(events)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    (once,) = folded_in([events])
    (otherwise,) = folded_in(split(shuffled, cuts))

    assert columns(once) == columns(otherwise)
    assert ends(once) == ends(otherwise)
    assert once.count == len(events)
    assert once.new_since == min(event.received_at for event in events)
    assert once.first_seen == min(event.time for event in events)
    assert once.last_seen == max(event.time for event in events)
    assert once.severity == max(event.severity for event in events)
    latest = max(events, key=lambda event: (event.time, event.event_id))
    assert (once.title, once.rule_id, once.dataset) == (latest.title, latest.rule_id, latest.dataset)


@given(many)
def test_an_alert_is_open_unless_its_source_had_the_last_word(events: list[Sighting]) -> None:
    (alert,) = folded_in([[event] for event in events])

    if not rules.is_resolved(alert):
        assert alert.status == rules.NEW
    if alert.status == rules.CLOSED:
        assert alert.provisional
