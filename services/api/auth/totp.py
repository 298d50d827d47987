"""Time-based one-time codes (RFC 6238): six digits, thirty seconds, each good once; and codes for a lost telephone."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

import pyotp

from shared import clock

STEP_SECONDS = 30
# A telephone's clock may be a step off in either direction.
TOLERANCE = 1
RECOVERY_CODES = 10

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def make_secret() -> str:
    """160 random bits in base32."""
    return pyotp.random_base32(32)


def uri(secret: str, *, email: str, issuer: str = "EventSec") -> str:
    """What an authenticator app reads from a QR code."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=quote(issuer)))


def step_of(secret: str, code: str, *, now: datetime, after: int) -> int | None:
    """The time step whose code this is, later than `after`; None when there is none.

    Whoever saw a code being typed has it too late: its step has been used.
    """
    current = clock.milliseconds(now) // 1000 // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    for step in range(current - TOLERANCE, current + TOLERANCE + 1):
        if step > after and hmac.compare_digest(totp.at(step * STEP_SECONDS).encode(), code.encode()):
            return step
    return None


def make_recovery_codes() -> list[str]:
    """Ten codes of 60 bits each, to be written down."""
    return [
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(6)) for _ in range(2)) for _ in range(RECOVERY_CODES)
    ]


def recovery_hash(code: str) -> bytes:
    """What the database keeps of a recovery code."""
    return hashlib.sha256(code.strip().lower().encode()).digest()


def without(hashes: Sequence[bytes], code: str) -> list[bytes] | None:
    """The other hashes when the code is one of these; None when it is none."""
    wanted = recovery_hash(code)
    kept = [known for known in hashes if not hmac.compare_digest(known, wanted)]
    return kept if len(kept) < len(hashes) else None
