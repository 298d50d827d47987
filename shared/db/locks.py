"""The advisory locks of the database by name, so that two parts never meet under one number by accident.

All are pairs (`CLASS`, number) for `pg_advisory_lock(int, int)` and its kin. Locks on single ids use the
other form, one bigint, which is a key space of its own.
"""

from enum import IntEnum
from typing import Final

CLASS: Final = 0x4556


class Lock(IntEnum):
    """What each lock guards."""

    MIGRATE = 1  # one migration run at a time
    PERIODS = 2  # making and dropping periods; ensure_period and drop_period take it themselves
    WRITERS = 3  # shared by every writing transaction; exclusive to raise a floor
    MAINTENANCE = 4  # one maintenance role at a time
    STORES = 5  # one long job on both stores at a time
    SEAL = 6  # one process at a time puts entries of the audit into their chains
    NOTIFY = 7  # one notifier at a time picks what it will send
    STORE_JOB = 8  # one request at a time asks for a job on both stores
    ALERT_CLOCKS = 9  # one process at a time tells of the clocks of alerts
