"""Named crash points: where the fault tests make a process die, exactly as SIGKILL would."""

import itertools
import os

VARIABLE = "EVENTSEC_CRASH_AT"
EXIT_STATUS = 137

POINTS = (
    "ingest_after_publish",
    "writer_before_commit",
    "writer_after_commit",
    "projection_after_bulk",
    "writer_before_ack",
    "projector_before_forget",
    "relay_after_publish",
    "accounts_before_ack",
    "quarantine_before_ack",
    "redrive_before_commit",
    "follower_before_commit",
    "api_before_commit",
    "api_after_commit",
    "job_before_commit",
    "refill_begun",
    "refill_page",
    "refill_hushed",
    "refill_switched",
)

_armed, _, _time = os.environ.get(VARIABLE, "").partition(":")
_times = itertools.count(1)


def point(name: str) -> None:
    """End the process at once, with nothing flushed or closed, when `EVENTSEC_CRASH_AT` names this point.

    `NAME:2` lets it pass once, and ends it the second time.
    """
    if _armed == name and next(_times) >= int(_time or 1):
        os._exit(EXIT_STATUS)
