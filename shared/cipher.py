"""Encrypts the secrets we have to give out again: one-time-code seeds, what webhooks are signed with."""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from shared.errors import Invalid


class WrongKey(Invalid):
    """The secret was encrypted with a key that EVENTSEC_SECRET_KEYS no longer has."""

    code = "wrong_secret_key"


class Cipher:
    """Fernet with several keys: the first encrypts, all decrypt, so that keys can be changed one after the other."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Each key is 32 bytes in URL-safe base64. Raises ValueError for one that is not."""
        fernets = [Fernet(key) for key in keys]
        self._first, self._fernet = fernets[0], MultiFernet(fernets)

    def encrypt(self, secret: str) -> bytes:
        """What the database keeps."""
        return self._fernet.encrypt(secret.encode())

    def decrypt(self, kept: bytes) -> str:
        """The secret. Raises WrongKey."""
        try:
            return self._fernet.decrypt(kept).decode()
        except InvalidToken:
            raise WrongKey from None

    def is_current(self, kept: bytes) -> bool:
        """True when the first key encrypted it. Raises WrongKey when none of them did."""
        try:
            self._first.decrypt(kept)
        except InvalidToken:
            self.decrypt(kept)
            return False
        return True


def make_key() -> str:
    """A fresh key for the settings."""
    return Fernet.generate_key().decode()
