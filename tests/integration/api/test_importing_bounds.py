"""Imports keep to what holds for people: the bounds of an incident, the order of locks, a file handed in once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.evidence_store.opened import open_store
from services.api.importing import filing, room
from services.api.importing.cases import Attachment, Observable, Task
from services.api.importing.writing import Home, OwnerNeeded, Writer, members_of
from services.api.settings import ApiSettings
from shared.db.engine import create_engine, sessionmaker
from shared.domain.incident import Tlp
from shared.models import Evidence, Incident, IncidentNote, IncidentObservable, IncidentTask
from tests.fixtures.postgres import Postgres
from tests.integration.api.calling import Api
from tests.integration.api.incidents import done, opened
from tests.integration.api.rows import Tenant, make_person
from tests.integration.api.signed_in import Page, page_of
from tests.integration.api.test_closing import WAITING
from tests.integration.api.test_importing import a_case, bodies, incidents


@pytest.fixture
async def writer(bare_settings: ApiSettings, acme: Tenant, session: AsyncSession) -> AsyncIterator[Writer]:
    """With an owner."""
    owner = await make_person(session, acme)
    engine = create_engine(bare_settings.postgres_url.get_secret_value(), application_name="test", pool_size=1)
    store = open_store(bare_settings)
    home = Home(acme.id, await members_of(session, acme.id), owner.id)
    yield Writer(sessionmaker(engine), store, home, file_limit=100)
    await store.close()
    await engine.dispose()


@pytest.fixture
async def page(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    """A lead of Acme."""
    yield await page_of(api, await make_person(session, acme, "lead"))


def a_full_case(folder: Path, count: int, **values: Any) -> Any:
    """So many observables, tasks and files."""
    numbers = range(count)
    (folder / "log.txt").write_bytes(b"a line")
    return a_case(
        observables=tuple(
            Observable(source_id=f"~o{one}", source_type="ip", type="ip", value=f"198.51.100.{one + 1}")
            for one in numbers
        ),
        tasks=tuple(Task(source_id=f"~t{one}", title=f"Task {one}", description="To do") for one in numbers),
        attachments=tuple(
            Attachment(source_id=f"~f{one}", name=f"{one}.txt", path=folder / "log.txt") for one in numbers
        ),
        **values,
    )


async def test_what_an_incident_has_no_room_for_is_told_of_and_the_rest_comes(
    writer: Writer, acme: Tenant, session: AsyncSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for bound in ("MAX_PER_INCIDENT", "MAX_TASKS", "MAX_FILES"):
        monkeypatch.setattr(room, bound, 3)
    told = {
        "observable": "An incident has at most 5,000 observables.",
        "task": "An incident has at most 500 tasks.",
        "file": "An incident has at most 1,000 files.",
    }
    for count, beyond in ((2, []), (5, ["3", "4"])):
        case = a_full_case(tmp_path, count)
        tried = await writer.bring(case, dry_run=True)
        brought = await writer.bring(case)
        assert tried == brought, "a dry run says what a run does"
        assert {(one.what, one.reason) for one in brought.left_out} == {
            (f"{kind} ~{kind[0]}{number}", reason) for kind, reason in told.items() for number in beyond
        }
    (incident,) = await incidents(session, acme)
    for model in (IncidentObservable, IncidentTask, Evidence):
        number = select(func.count()).select_from(model).where(model.incident_id == incident.id)
        assert await session.scalar(number) == 3, model
    said = " ".join(await bodies(session, acme))
    assert all(one in said for one in ("198.51.100.4", "198.51.100.5", "Task 3", "Task 4", "3.txt", "4.txt"))
    await session.rollback()
    assert not (await writer.bring(a_full_case(tmp_path, 5))).written, "nothing is told twice"


@asynccontextmanager
async def broken_off_once(database: Postgres, table: str) -> AsyncIterator[None]:
    """The first transaction that writes to the table is broken off."""
    async with database.connect("owner") as owner:
        # A number is taken for good, whatever becomes of its transaction.
        await owner.execute(f"""
            CREATE SEQUENCE tried;
            GRANT USAGE ON SEQUENCE tried TO PUBLIC;
            CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF nextval('tried') = 1 THEN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01'; END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER break_off BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION break_off();
        """)
        try:
            yield
        finally:
            await owner.execute("DROP FUNCTION break_off CASCADE; DROP SEQUENCE tried")


async def test_what_was_handed_in_before_the_server_broke_off_is_not_handed_in_again(
    *,
    writer: Writer,
    acme: Tenant,
    session: AsyncSession,
    database: Postgres,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hand_in, handed_in = filing.hand_in, []

    async def counted(store: Any, key: UUID, file: Attachment, limit: int) -> filing.Filed:
        handed_in.append(key)
        return await hand_in(store, key, file, limit)

    monkeypatch.setattr(filing, "hand_in", counted)
    async with broken_off_once(database, "incident_notes"):
        await writer.bring(a_full_case(tmp_path, 2))
    kept = await session.scalars(select(Evidence.id).where(Evidence.organization_id == acme.id))
    assert sorted(handed_in) == sorted(kept)
    assert len(handed_in) == 2


async def merged_case(writer: Writer, page: Page, session: AsyncSession, tenant: Tenant) -> tuple[UUID, UUID]:
    """Of an imported case: what it was merged into, which is older, and itself."""
    target = await opened(page)
    await writer.bring(a_case(tlp=Tlp.RED))
    source = (await incidents(session, tenant))[1]
    await session.commit()
    reply = await page.post("incidents/break-glass", {"number": source.number, "reason": "To merge it"})
    assert reply.status_code == 200
    await done(page, target, "merge", {"incident_ids": [str(source.id)]})
    return UUID(target["id"]), source.id


async def test_the_import_holds_no_merged_incident_while_it_waits_for_what_that_went_into(
    *, writer: Writer, page: Page, acme: Tenant, session: AsyncSession, database: Postgres, tmp_path: Path
) -> None:
    """Whoever takes it out again wants both: each would wait for the other."""
    target, source = await merged_case(writer, page, session, acme)
    async with database.connect("owner") as other:
        async with other.transaction():
            await other.execute("SELECT FROM incidents WHERE id = $1 FOR UPDATE", target)
            bringing = asyncio.create_task(writer.bring(a_full_case(tmp_path, 1, tlp=Tlp.RED)))
            async with asyncio.timeout(20):
                while not await other.fetchval(WAITING):
                    await asyncio.sleep(0.02)
            await other.execute("SELECT FROM incidents WHERE id = $1 FOR UPDATE NOWAIT", source)
        assert (await bringing).written == {"observable": 1, "task": 1, "evidence": 1}
    home = await session.scalar(select(IncidentTask.incident_id).where(IncidentTask.organization_id == acme.id))
    assert home == target


async def test_red_parts_do_not_go_to_what_all_see(
    writer: Writer, page: Page, acme: Tenant, session: AsyncSession, tmp_path: Path
) -> None:
    target, _ = await merged_case(writer, page, session, acme)
    await session.execute(update(Incident).where(Incident.id == target).values(tlp="amber", restricted=False))
    await session.commit()
    with pytest.raises(OwnerNeeded):
        await writer.bring(a_full_case(tmp_path, 1, tlp=Tlp.RED))
    notes = select(IncidentNote.id).where(IncidentNote.incident_id == target, IncidentNote.body.contains("Task"))
    assert await session.scalar(notes) is None
