"""Secrets we hand out: random, shown once, kept as a hash."""

import hashlib
import re
import secrets
from dataclasses import dataclass, field

TOKEN, SENSOR_KEY, INVITATION = "evt_", "evs_", "evi_"
RANDOM_BYTES = 32
SHOWN_CHARACTERS = 12

_TOKEN = re.compile(rf"{TOKEN}[A-Za-z0-9_-]{{43}}")


@dataclass(frozen=True)
class Credential:
    """A fresh secret; `prefix` is what lists show of it."""

    secret: str = field(repr=False)

    @property
    def digest(self) -> bytes:
        """What the database keeps."""
        return digest_of(self.secret)

    @property
    def prefix(self) -> str:
        """Its first characters, which tell it from others and nothing more."""
        return self.secret[:SHOWN_CHARACTERS]


def make(word: str) -> Credential:
    """A credential of 256 random bits that begins with `word`."""
    return Credential(word + secrets.token_urlsafe(RANDOM_BYTES))


def digest_of(secret: str) -> bytes:
    """SHA-256: enough for a secret nobody can guess, and fast on every request."""
    return hashlib.sha256(secret.encode()).digest()


def is_token(text: str) -> bool:
    """True for what has the form of an API token."""
    return _TOKEN.fullmatch(text) is not None
