"""Slows down whoever guesses: failed logins are counted by account and by address, before the password is looked at."""

import hashlib
import math
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.errors import TooOften
from shared.models import LoginThrottle

FREE = {"account": 5, "address": 20}
"""Failures in a row that cost nothing: somebody mistypes, an office shares an address."""
LONGEST = {"account": timedelta(minutes=1), "address": timedelta(minutes=15)}
"""An account is never locked for long, or anybody could lock out anybody."""
FORGOTTEN_AFTER = timedelta(hours=1)


class TooManyLogins(TooOften):
    """There were too many failed logins; wait before the next."""

    code = "too_many_logins"


def keys_of(email: str | None, address: str) -> dict[str, bytes]:
    """What is counted, by kind; only the address where the identity provider will say whose account it is."""
    keys = {"address": hashlib.sha256(f"address:{address}".encode()).digest()}
    if email is not None:
        keys["account"] = hashlib.sha256(f"account:{email.strip().lower()}".encode()).digest()
    return keys


def pause_after(kind: str, failures: int) -> timedelta:
    """How long the next attempt has to wait: nothing at first, then twice as long each time."""
    excess = failures - FREE[kind]
    if excess < 0:
        return timedelta(0)
    return min(timedelta(seconds=2.0 ** min(excess, 20)), LONGEST[kind])


async def begin(session: AsyncSession, keys: dict[str, bytes], *, now: datetime) -> None:
    """Count an attempt as failed until `succeeded` says otherwise, so that guesses in parallel count too.

    Raises TooManyLogins. The caller commits before it looks at the password.
    """
    ordered = sorted(keys.values())
    # A row that is not there cannot be locked, and of guesses at once each would be the first.
    await session.execute(
        insert(LoginThrottle)
        .values([{"key": key, "failures": 0, "blocked_until": now, "last_failed_at": now} for key in ordered])
        .on_conflict_do_nothing()
    )
    locked = select(LoginThrottle).where(LoginThrottle.key.in_(ordered)).order_by(LoginThrottle.key).with_for_update()
    known = {row.key: row for row in await session.scalars(locked)}
    # Of two attempts at once each has a moment of its own: a row that asks for no pause says nothing by its time.
    paused = [known[key].blocked_until for kind, key in keys.items() if pause_after(kind, known[key].failures)]
    if (longest := max(paused, default=now)) > now:
        raise TooManyLogins(math.ceil((longest - now).total_seconds()))
    for kind, key in keys.items():
        row = known[key]
        forgotten = now - row.last_failed_at > FORGOTTEN_AFTER
        row.failures = 1 if forgotten else row.failures + 1
        row.blocked_until, row.last_failed_at = now + pause_after(kind, row.failures), now


async def succeeded(session: AsyncSession, keys: dict[str, bytes], *, now: datetime) -> None:
    """Forget the failures of the account, and take back what this attempt counted against its address."""
    await session.execute(delete(LoginThrottle).where(LoginThrottle.key == keys.get("account")))
    await session.execute(
        update(LoginThrottle)
        .where(LoginThrottle.key == keys["address"])
        .values(failures=func.greatest(LoginThrottle.failures - 1, 0), blocked_until=now)
    )
