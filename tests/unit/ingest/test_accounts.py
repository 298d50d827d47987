"""The door's books: cumulative, reported until confirmed, bounded."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.ingest import accounts as module
from services.ingest.accounts import Accounts
from shared import clock
from shared.bus import messages
from shared.errors import Unavailable

ORG, SENSOR, KEY = UUID(int=1), UUID(int=2), UUID(int=3)


class Books:
    """Accounts whose broker remembers rows, or refuses."""

    def __init__(self) -> None:
        self.rows: list[messages.MinuteAccount] = []
        self.away = False
        self.accounts = Accounts(self._publish)

    async def _publish(self, body: bytes, **_: Any) -> None:
        if self.away:
            raise Unavailable(code="broker_away")
        self.rows += messages.decode(body, messages.Accounts).minutes

    async def reported(self) -> list[messages.MinuteAccount]:
        self.rows.clear()
        await self.accounts.report()
        return list(self.rows)


async def test_counters_are_cumulative_and_only_changes_are_reported() -> None:
    books, now = Books(), clock.now()
    books.accounts.request(ORG, SENSOR, KEY, now).accepted += 3
    [row] = await books.reported()
    assert (row.requests, row.accepted, row.minute.second) == (1, 3, 0)
    assert await books.reported() == []
    books.accounts.request(ORG, SENSOR, KEY, now).accepted += 4
    [row] = await books.reported()
    assert (row.requests, row.accepted) == (2, 7)


async def test_a_minute_tells_which_keys_it_was_shown() -> None:
    books, now = Books(), clock.now()
    for key in (KEY, UUID(int=9), KEY):
        books.accounts.request(ORG, SENSOR, key, now)
    [row] = await books.reported()
    assert (row.requests, row.keys) == (3, [KEY, UUID(int=9)])


async def test_what_was_not_confirmed_is_reported_again() -> None:
    books = Books()
    books.accounts.request(ORG, SENSOR, KEY, clock.now()).accepted += 3
    books.away = True
    assert await books.reported() == []
    books.away = False
    [row] = await books.reported()
    assert row.accepted == 3


async def test_old_minutes_go_once_they_are_reported() -> None:
    books = Books()
    old = clock.now() - module.KEPT - timedelta(minutes=2)
    books.accounts.request(ORG, SENSOR, KEY, old)
    books.away = True
    await books.reported()
    assert len(books.accounts._minutes) == 1
    books.away = False
    assert len(await books.reported()) == 1
    assert books.accounts._minutes == {}


async def test_an_outage_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_MINUTES", 5)
    books = Books()
    books.away = True
    for number in range(8):
        books.accounts.request(ORG, UUID(int=number), KEY, clock.now())
    await books.reported()
    books.away = False
    assert [row.sensor_id.int for row in await books.reported()] == [3, 4, 5, 6, 7]
