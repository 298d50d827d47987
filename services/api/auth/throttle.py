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


def keys_of(email: str, address: str) -> dict[str, bytes]:
    """What is counted, by kind."""
    return {
        "account": hashlib.sha256(f"account:{email.strip().lower()}".encode()).digest(),
        "address": hashlib.sha256(f"address:{address}".encode()).digest(),
    }


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
    ordered = sorted(keys.items(), key=lambda pair: pair[1])
    known = {
        row.key: row
        for row in await session.scalars(
            select(LoginThrottle)
            .where(LoginThrottle.key.in_(list(keys.values())))
            .order_by(LoginThrottle.key)
            .with_for_update()
        )
    }
    blocked = [row.blocked_until - now for row in known.values() if row.blocked_until > now]
    if blocked:
        raise TooManyLogins(math.ceil(max(blocked).total_seconds()))
    for kind, key in ordered:
        row = known.get(key)
        stale = row is None or now - row.last_failed_at > FORGOTTEN_AFTER
        failures = 1 if stale or row is None else row.failures + 1
        values = {"failures": failures, "blocked_until": now + pause_after(kind, failures), "last_failed_at": now}
        await session.execute(
            insert(LoginThrottle)
            .values(key=key, **values)
            # Two first attempts at once: the later one counts on.
            .on_conflict_do_update(
                index_elements=["key"],
                set_=values if row is not None else values | {"failures": LoginThrottle.failures + 1},
            )
        )


async def succeeded(session: AsyncSession, keys: dict[str, bytes], *, now: datetime) -> None:
    """Forget the failures of the account, and take back what this attempt counted against its address."""
    await session.execute(delete(LoginThrottle).where(LoginThrottle.key == keys["account"]))
    await session.execute(
        update(LoginThrottle)
        .where(LoginThrottle.key == keys["address"])
        .values(failures=func.greatest(LoginThrottle.failures - 1, 0), blocked_until=now)
    )
