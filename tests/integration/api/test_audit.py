"""The audit over the API: what was done is in it, its chain is whole, and tampering shows where it is."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.audit import service
from services.api.audit.__main__ import main
from services.indexer.sealer import Sealer
from shared.db.engine import create_pool
from shared.lifecycle import Stop
from tests.fixtures.postgres import Postgres
from tests.integration.api.calling import Api
from tests.integration.api.rows import Tenant, make_alert, make_person
from tests.integration.api.signed_in import Page, page_of


@pytest.fixture
async def pool(database: Postgres) -> AsyncIterator[asyncpg.Pool]:
    made = await create_pool(database.url("indexer"), application_name="test")
    yield made
    await made.close()


@pytest.fixture
async def admin(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    yield await page_of(api, await make_person(session, acme, "admin"))


@pytest.fixture
async def filled(admin: Page, acme: Tenant, session: AsyncSession, pool: asyncpg.Pool) -> list[str]:
    """Some changes, sealed; the ids of their entries, the first one first."""
    alert = await make_alert(session, acme)
    for step in range(6):
        await admin.post(f"alerts/{alert.id}/tags", {"add": [f"t{step}"]}, headers={"If-Match": "*"})
    await Sealer(pool).seal_all(Stop())
    entries = (await admin.get("audit", params={"object_id": str(alert.id)})).json()["items"]
    return [entry["id"] for entry in reversed(entries)]


async def test_the_chain_is_whole_and_goes_on(admin: Page, filled: list[str], pool: asyncpg.Pool) -> None:
    (chain,) = (await admin.get("audit/verify")).json()
    assert (chain["whole"], chain["waiting"], chain["broken"]) == (True, 0, None)
    assert chain["entries"] >= len(filled) == 6
    listed = (await admin.get("audit", params={"limit": 3})).json()["items"]
    assert [entry["sequence"] for entry in listed] == [chain["entries"] - step for step in range(3)]
    assert listed[0]["hash"] == chain["head"]
    await admin.post("auth/totp")
    await admin.post("auth/logout")
    await Sealer(pool).seal_all(Stop())


async def test_a_long_chain_is_followed_in_pieces(
    admin: Page, filled: list[str], session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    (whole,) = (await admin.get("audit/verify")).json()
    assert whole["complete"]
    monkeypatch.setattr(service, "CHUNK", 2)
    monkeypatch.setattr(service, "MOST", 4)
    (first,) = (await admin.get("audit/verify")).json()
    assert (first["whole"], first["complete"], first["entries"]) == (True, False, 4)
    place = {"after": 4, "head": first["head"]}
    pieces = [first]
    while not pieces[-1]["complete"]:
        place = {"after": pieces[-1]["entries"], "head": pieces[-1]["head"]}
        pieces += (await admin.get("audit/verify", params=place)).json()
    assert (pieces[-1]["entries"], pieces[-1]["head"]) == (whole["entries"], whole["head"])
    (wrong,) = (await admin.get("audit/verify", params=place | {"head": "00" * 32})).json()
    assert not wrong["whole"]
    (beyond,) = (await admin.get("audit/verify", params=place | {"after": whole["entries"] + 9})).json()
    assert (beyond["whole"], beyond["broken"]["sequence"]) == (False, whole["entries"] + 9)
    reply = await admin.get("audit/verify", params={"after": 4})
    assert (reply.status_code, reply.json()["code"]) == (422, "head_needed")


@pytest.mark.parametrize(
    ("tamper", "reason"),
    [
        ("UPDATE audit_log SET actor_name = 'somebody else' WHERE id = :id", "the entry is not what was sealed"),
        ("UPDATE audit_log SET changes = '{}' WHERE id = :id", "the entry is not what was sealed"),
        ("UPDATE audit_log SET created_at = created_at + interval '1 microsecond' WHERE id = :id",
         "the entry is not what was sealed"),
        ("DELETE FROM audit_seals WHERE audit_id = :id", "is gone"),
    ],
)  # fmt: skip
async def test_one_row_tampered_with_is_named(
    admin: Page, filled: list[str], session: AsyncSession, tamper: str, reason: str
) -> None:
    before = {entry["id"]: entry["sequence"] for entry in (await admin.get("audit")).json()["items"]}
    await session.execute(text(tamper), {"id": filled[2]})
    await session.commit()
    (chain,) = (await admin.get("audit/verify")).json()
    assert not chain["whole"]
    named = filled[3] if "DELETE" in tamper else filled[2]
    assert (chain["broken"]["id"], chain["broken"]["sequence"]) == (named, before[named])
    assert reason in chain["broken"]["reason"]


async def test_an_entry_that_was_deleted_with_its_seal_leaves_a_gap(
    admin: Page, filled: list[str], session: AsyncSession
) -> None:
    await session.execute(text("DELETE FROM audit_seals WHERE audit_id = :id"), {"id": filled[4]})
    await session.execute(text("DELETE FROM audit_log WHERE id = :id"), {"id": filled[4]})
    await session.commit()
    (chain,) = (await admin.get("audit/verify")).json()
    assert chain["broken"]["id"] == filled[5]


async def test_an_entry_nobody_sealed_is_a_break_after_a_minute(
    admin: Page, filled: list[str], session: AsyncSession, acme: Tenant
) -> None:
    await session.execute(
        text(
            "INSERT INTO audit_log (id, organization_id, actor, actor_name, action, kind, created_at) "
            "VALUES (gen_random_uuid(), :organization, 'user', 'x', 'x', 'x', now() - interval '2 minutes')"
        ),
        {"organization": acme.id},
    )
    await session.execute(text("DELETE FROM audit_pending WHERE organization_id = :id"), {"id": acme.id})
    await session.commit()
    (chain,) = (await admin.get("audit/verify")).json()
    assert not chain["whole"]
    assert "without a seal" in chain["broken"]["reason"]


async def test_an_export_is_verified_without_us(
    admin: Page, filled: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (chain,) = (await admin.get("audit/verify")).json()
    reply = await admin.get("audit/export")
    assert reply.headers["content-type"] == "application/x-ndjson"
    file = tmp_path / "audit.ndjson"
    file.write_bytes(reply.content)
    assert main(["verify", str(file), "--head", chain["head"]]) == 0
    assert chain["head"] in capsys.readouterr().out
    lines = reply.content.splitlines(keepends=True)
    assert orjson.loads(lines[-1]) == {"entries": chain["entries"], "head": chain["head"]}
    for cut in (lines[:-1], lines[:-2], [*lines[:-2], lines[-1]], []):
        file.write_bytes(b"".join(cut))
        assert main(["verify", str(file)]) == 1, "it was cut off"
    file.write_bytes(reply.content)
    assert main(["verify", str(file), "--head", "00" * 32]) == 1, "another end than the one that was kept"
    file.write_bytes(b"".join([*lines[:2], *lines[3:]]))
    assert main(["verify", str(file)]) == 1
    file.write_bytes(reply.content.replace(b'"t3"', b'"t9"'))
    assert main(["verify", str(file)]) == 1
    file.write_bytes(b"nothing of ours\n")
    assert main(["verify", str(file)]) == 2
    exported = (await admin.get("audit", params={"action": "audit.exported"})).json()["items"]
    assert len(exported) == 1


async def test_an_export_shows_a_seal_without_its_entry(
    admin: Page, filled: list[str], database: Postgres, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with database.connect("admin") as behind_us:
        await behind_us.execute("SET session_replication_role = replica")  # which asks no foreign key
        await behind_us.execute("DELETE FROM audit_log WHERE id = $1", filled[-1])
    file = tmp_path / "audit.ndjson"
    file.write_bytes((await admin.get("audit/export")).content)
    assert main(["verify", str(file)]) == 1
    assert "the entry is gone" in capsys.readouterr().out


async def test_two_sealers_make_one_chain(admin: Page, acme: Tenant, session: AsyncSession, pool: asyncpg.Pool) -> None:
    alert = await make_alert(session, acme)

    async def work() -> None:
        for step in range(15):
            await admin.post(f"alerts/{alert.id}/tags", {"add": [f"t{step}"]}, headers={"If-Match": "*"})

    async def seal() -> None:
        for _ in range(60):
            await Sealer(pool).seal()
            await asyncio.sleep(0.01)

    await asyncio.gather(work(), seal(), seal(), seal())
    await Sealer(pool).seal_all(Stop())
    (chain,) = (await admin.get("audit/verify")).json()
    assert (chain["whole"], chain["waiting"]) == (True, 0)


async def test_only_who_administers_reads_it(
    api: Api, acme: Tenant, other: Tenant, filled: list[str], session: AsyncSession
) -> None:
    for role in ("viewer", "analyst", "lead", "operator"):
        page = await page_of(api, await make_person(session, acme, role))
        assert (await page.get("audit")).status_code == 403
    stranger = await page_of(api, await make_person(session, other, "admin"))
    found = (await stranger.get("audit")).json()["items"]
    assert {entry["organization_id"] for entry in found} <= {str(other.id)}
