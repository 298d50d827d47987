"""How long the stages of an incident took.

NIST SP 800-61 Rev. 2, 3.4.2 asks for the time from the beginning of an incident to its discovery and to each stage of
handling it. As is usual, the stages count from the discovery: what lies before it is in the time to detect, and those
who contain can do nothing about it. What we promise, to acknowledge and to resolve, counts from our receipt, as the
clocks do. All of it is time as it passes, by no calendar and without pauses.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple


class Measure(NamedTuple):
    """The time between two moments of an incident, by the names of their columns."""

    name: str
    label: str
    since: str
    until: str

    @property
    def formula(self) -> str:
        """As people are shown it: `detected − occurred`."""
        return f"{_shown(self.until)} − {_shown(self.since)}"


def _shown(column: str) -> str:
    return column.removesuffix("_at")


MEASURES = (
    Measure("time_to_detect", "Time to detect", "occurred_at", "detected_at"),
    Measure("time_to_acknowledge", "Time to acknowledge", "received_at", "acknowledged_at"),
    Measure("time_to_contain", "Time to contain", "detected_at", "contained_at"),
    Measure("time_to_eradicate", "Time to eradicate", "detected_at", "eradicated_at"),
    Measure("time_to_recover", "Time to recover", "detected_at", "recovered_at"),
    Measure("time_to_resolve", "Time to resolve", "received_at", "resolved_at"),
)
"""In the order in which they end."""

Moments = Mapping[str, datetime | None]
"""The moments of one incident by column; one that is not there is missing."""


def taken(measure: Measure, moments: Moments) -> timedelta | None:
    """How long it took, or None where a moment is missing. Below nothing, the moments contradict each other."""
    since, until = moments.get(measure.since), moments.get(measure.until)
    return None if since is None or until is None else until - since
