"""Messages by e-mail: plain text, and the same Message-ID at each attempt."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from typing import Literal

import aiosmtplib

from services.indexer.notify.message import Message, Undeliverable, as_text, headline

_FOR_GOOD = 500
"""From here on what a mail server answers is its last word (RFC 5321, 4.2.1)."""


class PartlyRefused(Exception):
    """Some addresses were refused for now; `reached` have the message."""

    def __init__(self, words: str, reached: Sequence[str]) -> None:
        super().__init__(words)
        self.reached = reached


@dataclass(frozen=True)
class Mail:
    """How mail leaves. Without a host none does."""

    host: str | None
    port: int
    tls: Literal["starttls", "tls", "none"]
    user: str | None
    password: str | None
    sender: str
    timeout: float

    async def send(self, message: Message, to: Sequence[str], reached: Sequence[str] = ()) -> str | None:
        """Hand it to the mail server, for all but those it has `reached`; which of several it refused for good.

        Raises Undeliverable where there is no server, PartlyRefused, aiosmtplib.SMTPException and OSError.
        """
        if self.host is None:
            raise Undeliverable("no mail server is configured (EVENTSEC_SMTP_HOST)")
        left = [one for one in to if one not in reached]
        if not left:  # who was to be tried again has been taken off the list
            return None
        # The library's own limit is for each of its steps.
        async with asyncio.timeout(self.timeout):
            refused, _ = await aiosmtplib.send(
                letter(message, sender=self.sender, to=to),
                recipients=left,
                hostname=self.host,
                port=self.port,
                username=self.user,
                password=self.password,
                use_tls=self.tls == "tls",
                start_tls=self.tls == "starttls",
                timeout=self.timeout,
            )
        words = f"refused for {', '.join(sorted(refused))}" if refused else None
        if words and any(answer.code < _FOR_GOOD for answer in refused.values()):
            raise PartlyRefused(words, [one for one in left if one not in refused])
        return words


def letter(message: Message, *, sender: str, to: Sequence[str]) -> EmailMessage:
    """The e-mail. `Auto-Submitted` keeps others' absence notes from being sent back (RFC 3834)."""
    mail = EmailMessage()
    mail["Subject"] = headline(message)
    mail["From"] = sender
    mail["To"] = ", ".join(to)
    mail["Date"] = formatdate()
    mail["Message-ID"] = f"<{message.id}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(as_text(message))
    return mail
