"""Which kinds of things people are told of, who may hear of each, and when a route keeps quiet."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from shared import clock
from shared.domain.permissions import Permission, Role, allowed

ATTEMPTS = 12
"""How often one message is tried; with the pauses between, over most of a day."""


class Kind(StrEnum):
    """What happened. The personal ones are for one person each, the others for whoever has a route."""

    ALERT_CRITICAL = "alert.critical"
    ALERT_ASSIGNED = "alert.assigned"
    NOTE_MENTION = "note.mention"
    JOB_DONE = "job.done"
    DISK_FORECAST = "disk.forecast"
    SENSOR_SILENT = "sensor.silent"
    CHANNEL_TEST = "channel.test"
    INCIDENT_ASSIGNED = "incident.assigned"
    REVIEW_WANTED = "incident.review_wanted"
    REVIEW_DECIDED = "incident.review_decided"
    GLASS_BROKEN = "incident.glass_broken"
    HANDOVER_WAITING = "handover.waiting"
    HANDOVER_ACCEPTED = "handover.accepted"
    CLOCK_WARNING = "clock.warning"
    CLOCK_BREACHED = "clock.breached"


PERSONAL = frozenset(
    {
        Kind.ALERT_ASSIGNED,
        Kind.NOTE_MENTION,
        Kind.JOB_DONE,
        Kind.INCIDENT_ASSIGNED,
        Kind.REVIEW_WANTED,
        Kind.REVIEW_DECIDED,
        Kind.GLASS_BROKEN,
        Kind.HANDOVER_WAITING,
        Kind.HANDOVER_ACCEPTED,
    }
)

BY_DEFAULT = PERSONAL - {Kind.JOB_DONE} | {Kind.CLOCK_WARNING, Kind.CLOCK_BREACHED}
"""The kinds that reach an addressee who has said nothing about them; an incident's clocks are its assignee's."""

_NEEDS: Mapping[Kind, Permission] = {
    Kind.ALERT_CRITICAL: Permission.ALERTS_READ,
    Kind.ALERT_ASSIGNED: Permission.ALERTS_READ,
    Kind.NOTE_MENTION: Permission.ALERTS_READ,
    Kind.DISK_FORECAST: Permission.SYSTEM_READ,
    Kind.SENSOR_SILENT: Permission.SENSORS_READ,
    Kind.CHANNEL_TEST: Permission.NOTIFICATIONS_WRITE,
    Kind.INCIDENT_ASSIGNED: Permission.INCIDENTS_READ,
    Kind.REVIEW_WANTED: Permission.INCIDENTS_READ,
    Kind.REVIEW_DECIDED: Permission.INCIDENTS_READ,
    Kind.GLASS_BROKEN: Permission.INCIDENTS_READ,
    Kind.HANDOVER_WAITING: Permission.INCIDENTS_READ,
    Kind.HANDOVER_ACCEPTED: Permission.INCIDENTS_READ,
    Kind.CLOCK_WARNING: Permission.INCIDENTS_READ,
    Kind.CLOCK_BREACHED: Permission.INCIDENTS_READ,
}


def hearers(kind: Kind) -> list[Role]:
    """The roles that may see the thing itself, and so may be told of it: of their own jobs, all."""
    needed = _NEEDS.get(kind)
    return [role for role in Role if needed is None or allowed(role, needed)]


class QuietHours(NamedTuple):
    """From `start` until just before `end` on a wall clock of `zone`, on the days (0 is Monday) on which it begins.

    One that ends at or before its start ends on the next day.
    """

    start: time
    end: time
    zone: str
    days: frozenset[int]

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "QuietHours":
        """Of a route's column: `{from, to, zone, days}`."""
        start, end = (time.fromisoformat(kept[name]) for name in ("from", "to"))
        return cls(start, end, kept["zone"], frozenset(kept["days"]))


def quiet_until(hours: QuietHours, moment: datetime) -> datetime | None:
    """When the quiet that holds at this moment ends; None when none does."""
    zone = ZoneInfo(hours.zone)
    today = moment.astimezone(zone).date()
    for begins in (today - timedelta(days=1), today):
        if begins.weekday() not in hours.days:
            continue
        ends = begins if hours.end > hours.start else begins + timedelta(days=1)
        start = datetime.combine(begins, hours.start, zone)
        end = datetime.combine(ends, hours.end, zone)
        if clock.utc(start) <= moment < clock.utc(end):
            return clock.utc(end)
    return None


class Manner(NamedTuple):
    """How the routes of one target want one kind: the quiet hours of each, and the least time between messages."""

    quiet: tuple[QuietHours | None, ...]
    coalesce: timedelta

    def quiet_until(self, moment: datetime) -> datetime | None:
        """When the first of the routes is no longer quiet; None when one is not."""
        ends = [hours and quiet_until(hours, moment) for hours in self.quiet]
        return min((end for end in ends if end is not None), default=None) if all(ends) else None
