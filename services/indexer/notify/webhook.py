"""Messages to webhooks: signed JSON for programs, or what a chat takes."""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from services.indexer.notify.message import Message, Told, as_data, headline, remainder
from shared import clock, outgoing
from shared.domain import severity

SIGNATURE = "X-EventSec-Signature"

_ADDRESS = re.compile(r"(?<=:)(?=//)|(?<=\bwww)(?=\.)", re.IGNORECASE)


class Refused(Exception):
    """The receiver answered that it did not take it."""


@dataclass(frozen=True)
class Hook:
    """Where one goes, in which form, and what it is signed with."""

    url: str
    form: str
    key: str

    async def send(self, message: Message, client: httpx.AsyncClient) -> None:
        """Post it. Raises Refused, and httpx.HTTPError."""
        body = orjson.dumps(BODIES[self.form](message))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": str(message.id),
            SIGNATURE: signature(self.key, body, clock.milliseconds(clock.now()) // 1000),
        }
        whose = {outgoing.ORGANIZATION: message.organization_id}
        reply = await client.post(self.url, content=body, headers=headers, extensions=whose)
        if not reply.is_success:
            raise Refused(f"the receiver answered {reply.status_code}")


def signature(key: str, body: bytes, seconds: int) -> str:
    """`t=…,v1=…`: HMAC-SHA256, in hex, over the seconds since 1970, a dot, and the body."""
    digest = hmac.new(key.encode(), b"%d.%b" % (seconds, body), hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def _slack(message: Message) -> dict[str, Any]:
    return {"text": _lines(message, _escaped_for_slack, "<{url}|open>")}


def _mattermost(message: Message) -> dict[str, Any]:
    return {"text": _lines(message, _escaped_for_markdown, "[open]({url})")}


def _teams(message: Message) -> dict[str, Any]:
    """An Adaptive Card, as the workflow "When a Teams webhook request is received" takes it."""
    blocks = [{"type": "TextBlock", "text": _escaped_for_markdown(headline(message)), "weight": "Bolder", "wrap": True}]
    if message.total > 1 or message.url(message.told[0]):
        blocks += [
            {"type": "TextBlock", "text": _line(message, told, _escaped_for_markdown, "[open]({url})"), "wrap": True}
            for told in message.told
        ]
    if rest := remainder(message):
        blocks.append({"type": "TextBlock", "text": rest, "wrap": True})
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [attachment]}


BODIES: Mapping[str, Callable[[Message], dict[str, Any]]] = {
    "generic": as_data,
    "slack": _slack,
    "teams": _teams,
    "mattermost": _mattermost,
}


def _lines(message: Message, escape: Callable[[str], str], link: str) -> str:
    return "\n".join(filter(None, [*(_line(message, told, escape, link) for told in message.told), remainder(message)]))


def _line(message: Message, told: Told, escape: Callable[[str], str], link: str) -> str:
    url = message.url(told)
    words = [f"*{severity.WORDS[told.severity]}*", escape(told.subject), link.format(url=url) if url else ""]
    return " ".join(filter(None, words))


# Subjects hold what sensors sent: it must neither call a whole channel nor make a link of its own.
def _escaped_for_slack(text: str) -> str:
    return _unlinked(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _escaped_for_markdown(text: str) -> str:
    escaped = "".join(f"\\{one}" if one in "\\`*_[]()<>#~|!" else one for one in _unlinked(text))
    return escaped.replace("@", "@\u200b")


def _unlinked(text: str) -> str:
    """Chats make links of addresses by themselves, whatever is escaped: not of one with a space of no width in it."""
    return _ADDRESS.sub("\u200b", text)
