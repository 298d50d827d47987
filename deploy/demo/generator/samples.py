"""A number of records of one format at once, for benchmarks, dictionaries and tests."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Literal

from deploy.demo.generator import noise
from deploy.demo.generator.happening import Happening
from deploy.demo.generator.stories import ALL, Scene, Story
from deploy.demo.generator.stream import Plot, encode

Kind = Literal["alert", "telemetry"]

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)

_STEP = timedelta(milliseconds=20)


def sample(name: str, n: int, seed: int, *, kind: Kind | None = None, start: datetime = START) -> list[bytes]:
    """`n` sound records of the format `name`, the same for the same arguments; times run on from `start`.

    With `kind` only alerts or only telemetry (suricata_eve, zeek_json and json have both). An
    Alertmanager record is a whole post of one or more alerts. Raises KeyError for an unknown format and
    ValueError for a kind the format does not have.
    """
    if kind == "telemetry" and noise.BY_FORMAT[name] is noise.ALERTS[name]:
        raise ValueError(f"{name} has no telemetry")
    found: list[bytes] = []
    for happening in _happenings(name, seed, start, alerts=kind == "alert"):
        if len(found) >= n:
            break
        if kind is None or kind_of(happening) == kind:
            found.append(encode(happening))
    return found


def kind_of(happening: Happening) -> Kind:
    """Whether its sensor calls it an alert."""
    record = happening.record
    match happening.format:
        case "suricata_eve":
            is_alert = record["event_type"] == "alert"
        case "zeek_json":
            is_alert = record["_path"] == "notice"
        case "json":
            is_alert = "alert" in (record.get("event", {}).get("kind"), record.get("event.kind"))
        case _:
            is_alert = True
    return "alert" if is_alert else "telemetry"


def _happenings(name: str, seed: int, start: datetime, *, alerts: bool) -> Iterator[Happening]:
    """With `alerts`, stories one upon another, because alerts are what they are made of."""
    rng, now = Random(seed), start  # noqa: S311  reproducible on purpose
    filler = (noise.ALERTS if alerts else noise.BY_FORMAT)[name]
    plot = Plot(rng, _stories_with(name), pause=(1.0, 2.0) if alerts else (20.0, 40.0))
    while True:
        plot.advance(now)
        yield from plot.due(name, now, 1000)
        yield filler(rng, now)
        now += _STEP


@cache
def _stories_with(name: str) -> tuple[Story, ...]:
    """Those in which such a sensor sees anything."""
    return tuple(
        story
        for story in ALL
        if any(seen.format == name for seen in story(Scene(Random(0), START)))  # noqa: S311
    )
