"""Slows down whoever guesses: failed logins are counted by account and by address, before the password is looked at."""

import hashlib
import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.errors import TooOften
from shared.models import LoginThrottle

FREE = {"account": 5, "address": 20}
"""Failures in a row that cost nothing: somebody mistypes, an office shares an address."""
LONGEST = {"account": timedelta(minutes=1), "address": timedelta(minutes=15)}
"""An account waits a minute at most, or a few guesses would lock it for long. Whoever keeps guessing keeps it waiting:
the attempt after a pause is theirs more often than the owner's."""
FORGOTTEN_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class Attempt:
    """What was counted, when, and when each had failed before."""

    keys: dict[str, bytes]
    at: datetime
    before: dict[bytes, datetime]


class TooManyLogins(TooOften):
    """There were too many failed logins; wait before the next."""

    code = "too_many_logins"


def keys_of(account: str | None, address: str) -> dict[str, bytes]:
    """What is counted, by kind; only where from, where the identity provider will say whose account it is.

    An account is its e-mail address in small letters, as the database makes them.
    """
    keys = {"address": hashlib.sha256(f"address:{_network(address)}".encode()).digest()}
    if account is not None:
        keys["account"] = hashlib.sha256(f"account:{account}".encode()).digest()
    return keys


def pause_after(kind: str, failures: int) -> timedelta:
    """How long the next attempt has to wait: nothing at first, then twice as long each time."""
    excess = failures - FREE[kind]
    if excess < 0:
        return timedelta(0)
    return min(timedelta(seconds=2.0 ** min(excess, 20)), LONGEST[kind])


async def begin(session: AsyncSession, keys: dict[str, bytes], *, now: datetime) -> Attempt:
    """Count an attempt as failed until something else is known, so that guesses in parallel count too.

    Raises TooManyLogins. The caller commits before it looks at the password.
    """
    known = await _locked(session, keys, now)
    # Of two attempts at once each has a moment of its own: a row that asks for no pause says nothing by its time.
    paused = [known[key].blocked_until for kind, key in keys.items() if pause_after(kind, known[key].failures)]
    if (longest := max(paused, default=now)) > now:
        raise TooManyLogins(math.ceil((longest - now).total_seconds()))
    before = {key: row.last_failed_at for key, row in known.items()}
    for kind, key in keys.items():
        row = known[key]
        forgotten = now - row.last_failed_at > FORGOTTEN_AFTER
        row.failures = 1 if forgotten else row.failures + 1
        row.blocked_until, row.last_failed_at = now + pause_after(kind, row.failures), now
    return Attempt(keys, now, before)


async def take_back(session: AsyncSession, attempt: Attempt) -> None:
    """This attempt was no failure, and says nothing of those before it."""
    for key, row in (await _locked(session, attempt.keys, attempt.at)).items():
        row.failures, row.blocked_until = max(row.failures - 1, 0), attempt.at
        if row.last_failed_at == attempt.at:
            row.last_failed_at = attempt.before[key]


async def succeeded(session: AsyncSession, attempt: Attempt) -> None:
    """Take the attempt back, and forget the failures of the account."""
    await take_back(session, attempt)
    if (account := attempt.keys.get("account")) is not None:
        (await session.get_one(LoginThrottle, account)).failures = 0


async def _locked(session: AsyncSession, keys: dict[str, bytes], now: datetime) -> dict[bytes, LoginThrottle]:
    """The rows, made where they are missing; always locked in one order.

    A row that is not there cannot be locked, and of guesses at once each would be the first: so by inserting.
    """
    made = insert(LoginThrottle).values(
        [{"key": key, "failures": 0, "blocked_until": now, "last_failed_at": now} for key in sorted(keys.values())]
    )
    locked = made.on_conflict_do_update(index_elements=["key"], set_={"failures": LoginThrottle.failures})
    rows = await session.scalars(locked.returning(LoginThrottle), execution_options={"populate_existing": True})
    return {row.key: row for row in rows}


def _network(address: str) -> str:
    """Who is told apart: the address, and of IPv6 the /64, of which anybody has all addresses."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv4Address):
        return address
    return str(ip.ipv4_mapped or ipaddress.IPv6Network((int(ip), 64), strict=False))
