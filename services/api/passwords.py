"""Passwords: Argon2id in threads, few at a time, and what we ask of a new one."""

import asyncio
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shared.errors import Invalid

LEAST, MOST = 12, 256
# A hash takes 19 MiB and a core for a tenth of a second: a flood of logins must not take all of either.
AT_ONCE = 2

# OWASP's minimum for Argon2id (Password Storage Cheat Sheet): two passes over 19 MiB in one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class WeakPassword(Invalid):
    """A password has 12 to 256 characters, and is neither the e-mail address nor one character over and over."""

    code = "weak_password"


class Passwords:
    """Hashes and verifies, at most two at once; the others wait their turn."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def hash(self, password: str) -> str:
        """What the database keeps of it."""
        async with self._turn:
            return await asyncio.to_thread(_HASHER.hash, password)

    async def verify(self, password: str, known: str | None) -> bool:
        """True when it is the one. Takes as long for an account that is not there or has no password."""
        async with self._turn:
            return await asyncio.to_thread(_verify, password, known)


def is_outdated(known: str) -> bool:
    """True when the hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(known)


def refuse_weak(password: str, *, email: str) -> None:
    """Length is what counts (NIST SP 800-63B). Raises WeakPassword."""
    if not LEAST <= len(password) <= MOST or "\0" in password:
        raise WeakPassword
    if password.lower() == email.lower() or len(set(password)) < 4:
        raise WeakPassword


def _verify(password: str, known: str | None) -> bool:
    nobodys = _nobodys()
    try:
        _HASHER.verify(known or nobodys, password)
    except (VerificationError, InvalidHashError):
        return False
    return known is not None


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _HASHER.hash("nobody's")
