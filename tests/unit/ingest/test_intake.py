"""What each record of a request becomes, without a broker."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest

from services.ingest import intake as intake_module
from services.ingest.accounts import Accounts
from services.ingest.intake import HELD_BYTES, Intake, Kept, Origin, Quarantined, TooLarge
from services.ingest.limits import InFlight, RateBudgets
from services.ingest.publisher import Packer
from services.ingest.refusals import REFUSALS, Refused
from services.ingest.replies import of_refusal, of_result
from services.ingest.snapshot import Key as SensorKey
from services.ingest.snapshot import Sensor, Snapshot, from_file, to_file
from shared import clock
from shared.bus import messages
from shared.errors import Unavailable
from shared.normalise.event import SensorProfile
from shared.normalise.quarantine_id import quarantine_id

SENSOR = Sensor(SensorProfile(id=UUID(int=7), organization_id=UUID(int=1)), rate=None, disabled=False)
BAD = b'{"broken":'


class Door:
    """An intake whose broker remembers, or refuses."""

    def __init__(self, *, code: str | None = None, rate: float = 0) -> None:
        self.bodies: list[bytes] = []
        self.code = code
        self.held: list[int] = []
        packer = Packer(self._publish, linger=0, timeout=1)
        budgets = RateBudgets(default_rate=rate, burst_seconds=1)
        self.intake = Intake(
            packer=packer, budgets=budgets, accounts=Accounts(self._publish), max_records=50, max_bytes=1 << 22
        )
        self.received_at = clock.now()

    async def _publish(self, body: bytes, **_: Any) -> None:
        if self.code:
            raise Unavailable(code=self.code)
        self.bodies.append(body)

    async def take_in(
        self, *records: bytes, key: str | None = None, hold: Callable[[int], None] | None = None
    ) -> tuple[intake_module.Result, Any]:
        minute = self.intake.count(SENSOR, UUID(int=3), self.received_at)
        origin = Origin(SENSOR, None, "/p", self.received_at, "corr", idempotency_key=key)
        return await self.intake.take_in(records, origin, minute, hold=hold or self.held.append), minute


async def test_each_record_has_its_own_ending() -> None:
    door = Door()
    result, minute = await door.take_in(b'{"a":1}', BAD, b"x" * ((1 << 20) + 1), BAD)
    assert [type(item) for item in result.items] == [Kept, Quarantined, TooLarge, Quarantined]
    assert (minute.requests, minute.accepted, minute.refused) == (1, 3, {"record_too_large": 1})
    [quarantined] = [body for body in door.bodies if b"Quarantined.v1" in messages.unpack(body)]
    envelope = messages.decode(quarantined, messages.Quarantined)
    assert [(item.index, item.ordinal, item.record) for item in envelope.items] == [(1, 0, BAD), (3, 1, BAD)]
    assert envelope.requests[0].items_total == 3
    assert len({item.id for item in envelope.items}) == 2


ZEEK = b"#separator \\x09\n#path\tconn\n#fields\tts\tuid\n"


async def test_each_line_of_a_zeek_log_is_a_record() -> None:
    door = Door()
    result, minute = await door.take_in(ZEEK + b"1763625600.5\tC1\n1763625600.5\n#close\tx\n")
    assert [type(item) for item in result.items] == [Kept, Quarantined]
    assert minute.accepted == 2
    [held] = door.held
    assert held >= len(ZEEK)


@pytest.mark.parametrize(
    ("log", "code"),
    [
        (ZEEK + b"#close\tx\n", "no_records"),
        (ZEEK + b"1\tC1\n" * 51, "too_many_records"),
        (ZEEK + b"#types\t" + b"x" * 64_000 + b"\n" + (b"y" * 40_000 + b"\n") * 50, "decoded_too_large"),
    ],
    ids=["no line", "lines", "bytes"],
)
async def test_a_zeek_log_grows_within_bounds(log: bytes, code: str) -> None:
    with pytest.raises(Refused) as raised:
        await Door().take_in(log)
    assert raised.value.code == code


@pytest.mark.parametrize("beside", [0, 64 << 10], ids=["on the loop", "in a thread"])
async def test_what_a_zeek_log_grows_to_is_held_before_it_is_made(beside: int) -> None:
    door = Door()
    made = ZEEK + b"#types\t" + b"x" * 40_000 + b"\n" + b"y\n" * 50
    budget = InFlight(max_bytes=600_000, max_requests=2)
    with budget.enter() as other, budget.enter() as slot, pytest.raises(Refused) as raised:
        other.grow(1)

        def hold(count: int) -> None:
            door.held.append(count)
            slot.grow(count)

        await door.take_in(made, *[b"z" * beside][: bool(beside)], hold=hold)
    assert raised.value.code == "busy"
    assert max(door.held) < HELD_BYTES + 50_000
    assert 600_000 < sum(door.held) < 700_000
    assert budget.bytes == 0


async def test_a_long_header_is_cut_in_each_record() -> None:
    door = Door()
    result, _ = await door.take_in(ZEEK + b"#types\t" + b"x" * 1_000_000 + b"\n" + b"y\n" * 50)
    assert {item.reason for item in result.items if isinstance(item, Quarantined)} == {"header_too_long"}
    assert sum(door.held) < 50 * (66 << 10)


async def test_a_refusal_of_the_broker_is_for_the_whole_request() -> None:
    door = Door(code="queue_full", rate=2)
    for _ in range(5):  # the budget of two is given back each time
        with pytest.raises(Refused) as raised:
            await door.take_in(b'{"a":1}', BAD)
        assert (raised.value.code, raised.value.status) == ("queue_full", 503)
    minute = door.intake.count(SENSOR, UUID(int=3), door.received_at)
    assert (minute.accepted, minute.unconfirmed) == (0, 10)


async def test_the_budget_is_taken_before_anything_is_published() -> None:
    door = Door(rate=1)
    await door.take_in(b'{"a":1}')
    with pytest.raises(Refused) as raised:
        await door.take_in(b'{"a":2}')
    assert raised.value.code == "rate_limited"
    assert len(door.bodies) == 1


async def test_an_event_that_cannot_be_encoded_goes_to_quarantine(monkeypatch: pytest.MonkeyPatch) -> None:
    def unwritable(_: object) -> None:
        raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")

    monkeypatch.setattr(messages, "encoded", unwritable)
    door = Door()
    result, _ = await door.take_in(b'{"a":1}')
    [item] = result.items
    assert isinstance(item, Quarantined)
    assert item.reason == "unencodable"
    assert messages.decode(door.bodies[0], messages.Quarantined).items[0].record == b'{"a":1}'


async def test_long_requests_let_others_have_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_module, "TURN_SECONDS", 0.0)
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    await Door().take_in(*(b'{"a":%d}' % number for number in range(40)))
    counting.cancel()
    assert turns >= 40


def test_quarantine_ids_are_of_the_record_itself() -> None:
    organization, sensor = UUID(int=1), UUID(int=2)

    def of(record: bytes = BAD, ordinal: int = 0, key: tuple[str, int] | None = None, who: UUID = sensor) -> UUID:
        return quarantine_id(organization, who, record, ordinal=ordinal, idempotency=key)

    assert of() == of() == UUID("00000000-0000-8d8b-ab62-5e0a1a0d6e2b") or of().version == 8
    assert of().int >> 80 == 0
    different = [
        of(),
        of(b"x"),
        of(ordinal=1),
        of(key=("k", 0)),
        of(key=("k", 1)),
        of(key=("j", 0)),
        of(who=organization),
    ]
    assert len(set(different)) == len(different)


@pytest.mark.parametrize("code", REFUSALS)
def test_every_refusal_is_a_problem_and_says_when_to_come_back(code: str) -> None:
    reply = of_refusal(Refused(code), correlation_id="c")
    headers = dict(reply.headers)
    assert reply.status == REFUSALS[code].status
    assert (b"retry-after" in headers) == (reply.status in (429, 503))
    assert f'"code":"{code}"'.encode() in reply.body
    assert b'"correlation_id":"c"' in reply.body


async def test_statuses_of_results() -> None:
    async def status(*records: bytes) -> int:
        result, _ = await Door().take_in(*records)
        return of_result(result, correlation_id="c", with_items=False).status

    huge = b"x" * ((1 << 20) + 1)
    assert await status(b'{"a":1}') == 202
    assert await status(b'{"a":1}', BAD) == 207
    assert await status(BAD) == 207
    assert await status(b'{"a":1}', huge) == 207
    assert await status(huge) == 413


def test_a_snapshot_survives_its_file(tmp_path: Path) -> None:
    profile = SensorProfile(
        id=UUID(int=7), organization_id=UUID(int=1), name="n", format="json", zone="Europe/Berlin",
        ignored_types=frozenset({"a:b"}), severity_overrides={"1": 5},
    )  # fmt: skip
    snapshot = Snapshot(
        clock.now(),
        [Sensor(profile, 3.5, True)],
        [SensorKey(b"d" * 32, profile.id, clock.now()), SensorKey(b"e", profile.id, None)],
    )
    file = tmp_path / "deep" / "registry"
    assert from_file(file) is None
    to_file(snapshot, file)
    assert from_file(file) == snapshot
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["registry"]


async def test_what_records_take_is_held_beyond_the_bodys_bytes() -> None:
    door = Door()
    await door.take_in(b'{"a":1}', b'{"a":2}')
    assert sum(door.held) == 2 * intake_module.RECORD_BYTES


async def test_a_small_post_that_grows_large_is_held_whole_or_refused() -> None:
    def post(alerts: int) -> bytes:
        alert = {"status": "firing", "labels": {"a": "b"}, "startsAt": "2026-11-25T01:00:00Z", "fingerprint": "f"}
        return orjson.dumps(
            {"version": "4", "groupKey": "g" * 4000, "status": "firing", "receiver": "r", "groupLabels": {},
             "alerts": [alert] * alerts}
        )  # fmt: skip

    door = Door()
    await door.take_in(post(40))
    assert sum(door.held) > 40 * 4000
    with pytest.raises(Refused) as raised:
        await door.take_in(*[post(40)] * 1400)
    assert raised.value.code == "too_many_records"
    door.intake.max_bytes = 100_000
    with pytest.raises(Refused) as raised:
        await door.take_in(post(40))
    assert raised.value.code == "decoded_too_large"
