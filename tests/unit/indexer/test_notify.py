"""What a message says in each form, and that its signature can be checked as our page says."""

import re
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest

from services.indexer.notify.email import letter
from services.indexer.notify.message import MOST_NAMED, Message, Told, as_data, as_text, headline
from services.indexer.notify.webhook import BODIES, Hook, signature
from shared import outgoing

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
PAGE = Path(__file__).parents[3] / "docs" / "notifications.md"


def message(count: int = 1, subject: str = "Beacon", public_url: str | None = "https://soc.example.org") -> Message:
    told = [
        Told(UUID(int=n + 1), "alert.critical", 5, f"{subject} {n}", {"by": "Bob", "error": None}, "alert",
             UUID(int=99), NOW)
        for n in range(min(count, MOST_NAMED))
    ]  # fmt: skip
    return Message(UUID(int=1), UUID(int=7), told, public_url, total=count, worst=5)


def test_the_page_checks_the_signature() -> None:
    (program,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(program, names)
    is_genuine, now = names["is_genuine"], int(time.time())
    body = b'{"a": 1}'
    assert is_genuine("key", signature("key", body, now), body)
    assert not is_genuine("key", signature("key", body, now), body + b" ")
    assert not is_genuine("other", signature("key", body, now), body)
    assert not is_genuine("key", signature("key", body, now - 301), body), "sent again by somebody who listened"


def test_one_and_many() -> None:
    assert headline(message()) == "[critical] Beacon 0"
    assert headline(message(25)) == "[critical] 25 × alert.critical: Beacon 0"
    assert as_text(message()) == (
        f"[critical] Beacon 0\nby: Bob\nat: 2026-11-26T08:00:00.000Z\nhttps://soc.example.org/alerts/{UUID(int=99)}\n"
    )
    text = as_text(message(25))
    assert (f"Beacon {MOST_NAMED - 1}" in text, f"Beacon {MOST_NAMED}" in text) == (True, False)
    assert text.endswith("and 5 more\n")
    for unknown in (None, ""):
        assert as_text(message(public_url=unknown)) == "[critical] Beacon 0\nby: Bob\nat: 2026-11-26T08:00:00.000Z\n"
    assert as_data(message(25))["total"] == 25


def test_several_things_are_where_their_query_finds_them() -> None:
    content = {"count": 2, "query": 'status:new AND assignee:"ann@example.org"'}
    told = Told(UUID(int=1), "clock.breached", 4, "2 alerts are late", content, "alert", None, NOW)
    one = Message(UUID(int=1), UUID(int=7), [told], "https://soc.example.org/", total=1, worst=4)
    expected = "https://soc.example.org/alerts?query=status%3Anew+AND+assignee%3A%22ann%40example.org%22"
    assert one.url(told) == expected
    assert expected in as_text(one)
    assert one.url(replace(told, content={})) is None


def test_a_letter_has_the_same_id_at_each_attempt() -> None:
    first, second = (letter(message(), sender="eventsec@example.org", to=["a@b.org", "c@d.org"]) for _ in range(2))
    assert first["Message-ID"] == second["Message-ID"] == f"<{UUID(int=1)}@example.org>"
    assert (first["To"], first["Auto-Submitted"]) == ("a@b.org, c@d.org", "auto-generated")


async def test_a_webhook_is_called_for_its_organization() -> None:
    called: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        called.append(request)
        return httpx.Response(200)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        await Hook("https://chat.example.org", "generic", "key").send(message(), client)
    assert [request.extensions[outgoing.ORGANIZATION] for request in called] == [UUID(int=7)]


@pytest.mark.parametrize("form", BODIES)
def test_every_form_names_all_of_a_few_and_counts_the_rest(form: str) -> None:
    body = str(BODIES[form](message(25)))
    assert "Beacon 19" in body
    assert "Beacon 20" not in body
    assert ("and 5 more" in body) == (form != "generic")


@pytest.mark.parametrize("form", ["slack", "mattermost", "teams"])
@pytest.mark.parametrize("address", ["https://evil.example/x", "HTTP://evil.example", "www.evil.example", "a://b"])
def test_what_a_sensor_sent_makes_no_link_in_a_chat(form: str, address: str) -> None:
    said = orjson.dumps(BODIES[form](message(subject=f"See {address} now"))).decode()
    assert address not in said.replace("\\", "")
    assert "https://soc.example.org/alerts/" in said, "our own does"
