"""What the indexer's commands say to whoever runs them, without any server."""

import os
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import orjson
import pytest

from services.indexer import brake, parked, quarantine
from services.indexer.periods import PeriodBook
from services.indexer.settings import IndexerSettings
from services.indexer.stores import __main__ as stores
from services.indexer.stores import disk, requested
from services.indexer.stores.disk import Disk, Disks
from shared import metrics
from shared.errors import Invalid, NotFound
from shared.lifecycle import to_stdout

REFUSED = ConnectionRefusedError(111, "Connect call failed ('127.0.0.1', 5432)")


class Pool:
    """Of a database that holds next to nothing: `value` of the brake's row, and that record matches nothing."""

    def __init__(self, value: dict[str, Any] | None = None) -> None:
        self.value = value or {}

    async def __aenter__(self) -> "Pool":
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing to close."""

    async def fetchval(self, statement: str, *_: object) -> Any:
        return None if "installed_at" in statement else orjson.dumps(self.value).decode()

    async def fetch(self, *_: object) -> list[Any]:
        return []

    async def execute(self, _: str, _key: str, members: str) -> None:
        self.value |= orjson.loads(members)


@pytest.mark.parametrize(
    ("main", "arguments", "words"),
    [
        (quarantine.main, "summary", "PostgreSQL 5432 EVENTSEC_POSTGRES_URL"),
        (brake.main, "status", "PostgreSQL 5432 EVENTSEC_POSTGRES_URL"),
        (stores.main, "status", "PostgreSQL 5432 EVENTSEC_POSTGRES_URL"),
        (parked.main, "list events.parked", "RabbitMQ 5432 EVENTSEC_RABBITMQ_URL"),
    ],
)
def test_a_server_that_is_away_is_named_and_the_variable_that_says_where_it_is(
    main: Callable[[], int],
    arguments: str,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def connect(*_: object, **__: object) -> None:
        raise REFUSED

    monkeypatch.setattr(sys, "argv", ["command", *arguments.split()])
    monkeypatch.setattr(quarantine, "create_pool", connect)
    monkeypatch.setattr(brake, "create_pool", connect)
    monkeypatch.setattr(parked, "connect", connect)
    monkeypatch.setattr("services.indexer.stores.job.read_all", connect)
    assert main() != 0
    said = capsys.readouterr().err
    assert all(word in said for word in words.split())


def test_a_file_that_is_not_there_is_not_the_databases_fault() -> None:
    with pytest.raises(Invalid, match="No such file"):
        quarantine._mended("/nowhere/mended.json")


def test_who_reads_only_the_head_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as out:
        monkeypatch.setattr(sys, "stdout", out)
        to_stdout(b"a line\n")
        to_stdout(b"another\n")


async def taken_out(pool: Pool, *arguments: str) -> int:
    return await quarantine._take_out(cast("Any", pool), IndexerSettings(), quarantine._parser().parse_args(arguments))


async def test_nothing_to_take_out_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert await taken_out(Pool(), "redrive", "--reason", "x", "--no-wait") == 0
    assert capsys.readouterr().err == "no open record matches\n"


async def test_records_that_are_named_and_not_there_are_an_error() -> None:
    with pytest.raises(NotFound):
        await taken_out(Pool(), "discard", "00000000-0000-0000-0000-000000000001", "--no-wait")


@pytest.mark.parametrize(("value", "held"), [({}, False), ({"held_since": "2026-11-24T12:00:00Z"}, True)])
async def test_a_release_says_what_it_does_and_whether_anything_was_held(
    value: dict[str, Any], held: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def create_pool(*_: object, **__: object) -> Pool:
        return Pool(value)

    monkeypatch.setattr(brake, "create_pool", create_pool)
    state = await brake.carry_out("release", IndexerSettings())
    assert state["held_since"] is None
    said = capsys.readouterr().err
    assert ("nothing was held" in said) != held
    assert f"holds nothing until {state['released_until']}" in said


async def test_a_period_that_is_not_there_is_named_by_its_day() -> None:
    options = stores.parser().parse_args(["rebuild", "events", "--period", "alert/2001-11-23"])
    nothing = SimpleNamespace(pool=Pool(), periods=PeriodBook({}))
    with pytest.raises(NotFound, match="events holds 2001-11-23"):
        await requested.refilling(cast("Any", nothing), "rebuild", options.period)


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (stores.parser(), ["reindex", "--help"]),
        (stores.parser(), ["disk", "--help"]),
        (quarantine._parser(), ["--help"]),
    ],
)
def test_help_says_what_each_does(program: Any, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        program.parse_args(words)
    said = capsys.readouterr().out
    for part in {"reindex": ["today's mapping"], "disk": ["EVENTSEC_POSTGRES_BUDGET_BYTES"]}.get(
        words[0], [f"\n{action} " for action in ("summary", "list", "show", "edit", "redrive", "discard", "cancel")]
    ):
        assert part in said


async def test_room_that_nobody_told_of_is_unknown_and_not_none() -> None:
    async def size(_: str) -> int:
        return 42

    stores_ = SimpleNamespace(pool=SimpleNamespace(fetchval=size))
    settings = IndexerSettings(postgres_budget_bytes=0)
    measured = await disk._postgres(cast("Any", stores_), settings, [])
    assert measured == Disk("postgres", 42, None, None)
    assert (measured.left, measured.nearly_full) == (None, False)
    (shown,) = Disks([measured], {}, {}).as_dict()["disks"]
    assert (shown["free"], shown["capacity"], shown["left"], shown["full_at"]) == (None, None, None, None)
    disk.tell(Disks([measured], {}, {}), settings)
    assert ("postgres",) not in metrics.DISK_LEFT._metrics
