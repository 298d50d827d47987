"""Exports brought to an organization by the real command: all of it, once, however often it is interrupted."""

import asyncio
import contextlib
import hashlib
import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.evidence_store.opened import open_store
from services.api.importing.cases import Attachment, ImportedCase, Note, Observable, Person
from services.api.importing.writing import Home, OwnerNeeded, Writer, members_of
from services.api.incidents import clocks
from services.api.settings import ApiSettings
from shared import clock
from shared.db.engine import create_engine, sessionmaker
from shared.domain.incident import Status, Tlp
from shared.domain.triage import Verdict
from shared.models import (
    AuditEntry,
    Evidence,
    EvidenceCustody,
    ImportedItem,
    Incident,
    IncidentEntry,
    IncidentMember,
    IncidentNote,
    IncidentNoteVersion,
    IncidentObservable,
    IncidentTask,
    IncidentWatch,
    Notification,
    Organization,
    OutboxMessage,
)
from tests.fixtures.postgres import Postgres
from tests.imports import exports
from tests.imports.exports import Counts
from tests.integration.api.rows import Tenant, make_person
from tests.integration.api.test_process import environment

MANY = 2000
SOME = 200
SECONDS = 500.0
LONG_AGO = clock.parse("2023-11-14T22:13:20Z")

TABLES = (
    Incident, IncidentTask, IncidentNote, IncidentObservable, IncidentEntry, Evidence, ImportedItem, AuditEntry,
    OutboxMessage,
)  # fmt: skip


def command(product: str, path: Path, organization: str, *more: str) -> list[str]:
    where = [product, str(path), "--organization", organization]
    return [sys.executable, "-m", "services.api.importing", *where, *more]


class Import:
    """The command against one organization and one folder of evidence."""

    def __init__(self, database: Postgres, evidence: Path, organization: str) -> None:
        self.organization = organization
        self.environment = environment(
            database, EVENTSEC_EVIDENCE_FOLDER=str(evidence), EVENTSEC_EVIDENCE_RESERVE_BYTES="0"
        )

    async def run(self, product: str, path: Path, *more: str, status: int = 0) -> dict[str, Any]:
        """Its summary."""
        process = await self.begin(product, path, *more)
        out, err = await asyncio.wait_for(process.communicate(), SECONDS)
        assert process.returncode == status, err.decode()
        return json.loads(out) if out else {"stderr": err.decode()}

    async def begin(self, product: str, path: Path, *more: str) -> asyncio.subprocess.Process:
        arguments = command(product, path, self.organization, *more)
        return await asyncio.create_subprocess_exec(
            *arguments, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )


@pytest.fixture
async def importing(database: Postgres, evidence_folder: Path, acme: Tenant, session: AsyncSession) -> Import:
    organization = await session.get_one(Organization, acme.id)
    return Import(database, evidence_folder, organization.name)


async def kinds(session: AsyncSession, tenant: Tenant) -> Counter[str]:
    """How much of each kind is mapped."""
    found = select(ImportedItem.kind, func.count()).where(ImportedItem.organization_id == tenant.id)
    rows = await session.execute(found.group_by(ImportedItem.kind))
    return Counter({row[0]: row[1] for row in rows})


async def count(session: AsyncSession, model: Any, tenant: Tenant, *where: ColumnElement[bool]) -> int:
    found = select(func.count()).select_from(model).where(model.organization_id == tenant.id, *where)
    return await session.scalar(found) or 0


async def state(session: AsyncSession, tenant: Tenant) -> dict[str, Any]:
    """What a run that changes nothing leaves as it was."""
    counts = {model.__tablename__: await count(session, model, tenant) for model in TABLES}
    found = select(func.max(Incident.version), func.max(Incident.updated_at), func.max(Incident.number))
    changed = (await session.execute(found.where(Incident.organization_id == tenant.id))).one()
    return {**counts, "changed": tuple(changed)}


def of_thehive5(counts: Counts) -> Counter[str]:
    """What the generator's records become: a note of each case says where it is from."""
    return Counter(
        case=counts["cases"],
        task=counts["tasks"],
        note=counts["comments"] + counts["pages"] + counts["logs"] + counts["cases"],
        observable=counts["observables"],
        entry=counts["procedures"],
        evidence=counts["attachments"],
    )


def of_thehive4(counts: Counts) -> Counter[str]:
    return +of_thehive5(counts)


def of_iris(counts: Counts) -> Counter[str]:
    """An asset with an address is two observables; of each entry in its list of evidences a note tells."""
    return Counter(
        case=counts["cases"],
        task=counts["tasks"],
        note=counts["notes"] + counts["comments"] + counts["evidences"] + counts["cases"],
        observable=counts["iocs"] + 2 * counts["assets"],
        entry=counts["timeline"],
        evidence=counts["datastore"],
    )


async def test_two_thousand_cases_come_whole_though_the_process_is_killed_and_a_second_run_changes_nothing(
    importing: Import, acme: Tenant, session: AsyncSession, tmp_path: Path
) -> None:
    expected = of_thehive5(exports.thehive5(tmp_path / "export", MANY))
    await _kill_half_way(importing, tmp_path / "export", session, acme)
    there = await kinds(session, acme)
    assert 0 < there["case"] < MANY
    assert there == Counter({kind: number * there["case"] // MANY for kind, number in expected.items()}), "whole cases"
    resumed = await importing.run("thehive", tmp_path / "export")
    assert resumed["cases"] == {"new": MANY - there["case"], "continued": 0, "unchanged": there["case"]}
    assert await kinds(session, acme) == expected
    assert await count(session, Incident, acme) == MANY
    assert await count(session, IncidentTask, acme) == expected["task"]
    assert await count(session, Evidence, acme) == expected["evidence"]
    assert await count(session, IncidentEntry, acme, IncidentEntry.kind == "observed") == expected["entry"]
    unplaced = MANY  # one observable of each case is of no type of ours, and one note says so
    assert await count(session, IncidentNote, acme) == expected["note"] + unplaced
    assert await count(session, IncidentObservable, acme) == expected["observable"] - unplaced
    before = await state(session, acme)
    assert before["changed"][2] == MANY, "numbers without a gap, though a process was killed"
    again = await importing.run("thehive", tmp_path / "export")
    assert again["cases"] == {"new": 0, "continued": 0, "unchanged": MANY}
    assert await state(session, acme) == before


async def test_what_the_server_breaks_off_is_begun_anew(
    importing: Import, acme: Tenant, session: AsyncSession, database: Postgres, tmp_path: Path
) -> None:
    exports.thehive5(tmp_path / "export", SOME)
    async with database.connect("owner") as owner:
        # A number is taken for good, whatever becomes of its transaction.
        await owner.execute("""
            CREATE SEQUENCE tried;
            GRANT USAGE ON SEQUENCE tried TO PUBLIC;
            CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF nextval('tried') % 2 = 1 THEN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01'; END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER break_off BEFORE INSERT ON incidents FOR EACH ROW EXECUTE FUNCTION break_off();
        """)
        try:
            done = await importing.run("thehive", tmp_path / "export")
        finally:
            await owner.execute("DROP FUNCTION break_off CASCADE; DROP SEQUENCE tried")
    assert done["cases"]["new"] == SOME
    assert await count(session, Incident, acme) == SOME


async def _kill_half_way(importing: Import, path: Path, session: AsyncSession, tenant: Tenant) -> None:
    process = await importing.begin("thehive", path)
    try:
        async with asyncio.timeout(SECONDS):
            while await count(session, Incident, tenant) < MANY // 2:
                await session.rollback()
                await asyncio.sleep(0.05)
    finally:
        await session.rollback()
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        await process.communicate()
    assert process.returncode == -signal.SIGKILL
    await _until_its_connection_ends(session)


async def _until_its_connection_ends(session: AsyncSession) -> None:
    """A commit that was on its way when the process was killed still happens."""
    mine = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'eventsec-importing' "
    async with asyncio.timeout(SECONDS):
        while await session.scalar(text(mine + "AND datname = current_database()")):
            await session.rollback()
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("make", "product", "becomes"),
    [(exports.thehive4, "thehive", of_thehive4), (exports.iris, "iris", of_iris)],
    ids=["thehive4", "iris"],
)
async def test_the_others_come_whole_and_once(
    *,
    make: Callable[[Path, int], Counts],
    product: str,
    becomes: Callable[[Counts], Counter[str]],
    importing: Import,
    acme: Tenant,
    session: AsyncSession,
    tmp_path: Path,
) -> None:
    expected = becomes(make(tmp_path / "export", SOME))
    done = await importing.run(product, tmp_path / "export", "--owner", (await make_person(session, acme)).email)
    assert done["cases"]["new"] == SOME
    assert Counter(done["written"]) == expected
    assert await kinds(session, acme) == expected
    before = await state(session, acme)
    await session.rollback()
    assert (await importing.run(product, tmp_path / "export"))["cases"]["unchanged"] == SOME
    assert await state(session, acme) == before


@pytest.mark.parametrize(
    ("path", "more", "said"),
    [
        ("cases.ndjson", ["--owner", "nobody@acme.example"], "The owner is nobody"),
        ("cases.ndjson", ["--organization", "Nowhere"], "There is no organization"),
        ("nowhere", [], "nowhere is not there"),
    ],
    ids=["owner", "organization", "path"],
)
async def test_what_is_wrong_with_the_command_is_told_apart_from_what_another_run_mends(
    path: str, more: list[str], said: str, importing: Import, tmp_path: Path
) -> None:
    exports.ndjson(tmp_path / "cases.ndjson", [exports.hive5_case(1)])
    assert said in (await importing.run("thehive", tmp_path / path, *more, status=2))["stderr"]


def files_in(folder: Path) -> int:
    return sum(1 for _ in folder.rglob("*"))


async def test_a_dry_run_says_what_a_run_does_and_writes_nothing(
    importing: Import, acme: Tenant, session: AsyncSession, evidence_folder: Path, tmp_path: Path
) -> None:
    expected = of_thehive5(exports.thehive5(tmp_path / "export", 5))
    before, files = await state(session, acme), files_in(evidence_folder)
    await session.rollback()
    said = await importing.run("thehive", tmp_path / "export", "--dry-run")
    assert Counter(said["written"]) == expected
    assert await state(session, acme) == before
    assert files_in(evidence_folder) == files
    await session.rollback()
    limited = await importing.run("thehive", tmp_path / "export", "--limit", "2")
    assert limited["cases"]["new"] == 2
    assert (await kinds(session, acme))["case"] == 2


@pytest.fixture
async def writer(bare_settings: ApiSettings, acme: Tenant, session: AsyncSession) -> AsyncIterator[Writer]:
    """Without an owner."""
    engine = create_engine(bare_settings.postgres_url.get_secret_value(), application_name="test", pool_size=1)
    store = open_store(bare_settings)
    home = Home(acme.id, await members_of(session, acme.id))
    yield Writer(sessionmaker(engine), store, home, file_limit=100)
    await store.close()
    await engine.dispose()


def a_case(**values: Any) -> ImportedCase:
    plain: dict[str, Any] = {
        "source": "thehive5",
        "source_id": "~1",
        "title": "A case",
        "severity": 3,
        "created_at": LONG_AGO,
    }
    return ImportedCase(**(plain | {"status": Status.OPEN} | values))


async def incidents(session: AsyncSession, tenant: Tenant) -> list[Incident]:
    found = select(Incident).where(Incident.organization_id == tenant.id).order_by(Incident.number)
    return list(await session.scalars(found.execution_options(populate_existing=True)))


async def bodies(session: AsyncSession, tenant: Tenant) -> list[str]:
    found = select(IncidentNote.body).where(IncidentNote.organization_id == tenant.id).order_by(IncidentNote.id)
    return list(await session.scalars(found))


async def test_a_closed_case_is_closed_as_it_was(writer: Writer, acme: Tenant, session: AsyncSession) -> None:
    closed = LONG_AGO + timedelta(days=3)
    ended: dict[str, Any] = {
        "status": Status.CLOSED,
        "verdict": Verdict.FALSE_POSITIVE,
        "closing_summary": "A newsletter",
    }
    await writer.bring(a_case(**ended, closed_at=closed, tags=("mail",), description="A mail"))
    await writer.bring(a_case(**ended, source_id="~2"))
    first, second = await incidents(session, acme)
    assert (first.status, first.verdict, first.closed_at) == ("closed", "false_positive", closed)
    assert (first.created_at, first.received_at, first.tags) == (LONG_AGO, LONG_AGO, ["mail"])
    assert first.summary == "A mail\n\n## Closing summary\n\nA newsletter"
    assert second.closed_at == LONG_AGO, "closed without a time is closed when it was made"


async def test_what_is_open_is_watched_and_what_was_late_there_is_not_told(
    writer: Writer, acme: Tenant, session: AsyncSession
) -> None:
    await writer.bring(a_case(source_id="~1"))
    await writer.bring(a_case(source_id="~2", status=Status.CONTAINED))
    await writer.bring(a_case(source_id="~3", status=Status.RESOLVED))
    made = await incidents(session, acme)
    assert [one.acknowledged_at for one in made] == [None, LONG_AGO, None]
    watched = select(IncidentWatch).where(IncidentWatch.incident_id.in_([one.id for one in made]))
    assert {one.incident_id for one in await session.scalars(watched)} == {one.id for one in made[:2]}
    while await clocks._sweep(session) == clocks.AT_ONCE:
        pass  # What is due of other organizations stands before these.
    told = select(Notification.id).where(Notification.organization_id == acme.id, Notification.kind.like("clock.%"))
    assert (await session.scalars(told)).all() == []
    late = {one.incident_id: one.told for one in await session.scalars(watched)}
    assert late == {made[0].id: ["acknowledge 3 breached", "contain 3 breached", "resolve 3 breached"],
                    made[1].id: ["resolve 3 breached"]}  # fmt: skip


async def test_red_needs_an_owner_who_alone_is_let_in(
    writer: Writer, importing: Import, acme: Tenant, session: AsyncSession, tmp_path: Path
) -> None:
    with pytest.raises(OwnerNeeded):
        await writer.bring(a_case(tlp=Tlp.RED))
    red = exports.hive5_case(1) | {"tlp": 4, "tlpLabel": "RED"}
    exports.ndjson(tmp_path / "cases.ndjson", [red])
    refused = await importing.run("thehive", tmp_path / "cases.ndjson", status=3)
    assert (refused["refused_count"], refused["cases"]["new"]) == (1, 0)
    owner = await make_person(session, acme)
    await importing.run("thehive", tmp_path / "cases.ndjson", "--owner", owner.email.upper())
    (incident,) = await incidents(session, acme)
    members = await session.scalars(select(IncidentMember.user_id).where(IncidentMember.incident_id == incident.id))
    assert (incident.restricted, list(members)) == (True, [owner.id])


async def test_what_came_to_a_case_since_is_added_and_what_is_there_stays(
    writer: Writer, acme: Tenant, session: AsyncSession
) -> None:
    ip = Observable(source_id="~10", source_type="ip", type="ip", value="198.51.100.7", message="First")
    await writer.bring(a_case(observables=(ip,)))
    (before,) = await incidents(session, acme)
    version = before.version
    await session.rollback()
    same = msgspec.structs.replace(ip, source_id="~11", message="Second")
    more = a_case(title="Renamed", observables=(ip, same), notes=(Note(source_id="~12", text="New"),))
    assert (await writer.bring(more, dry_run=True)).written == {"note": 1, "observable": 1}
    assert (await writer.bring(more)).written == {"note": 1, "observable": 1}
    (after,) = await incidents(session, acme)
    assert (after.title, after.version) == ("A case", version + 1), "the projection hears of it"
    link = await session.scalar(select(IncidentObservable).where(IncidentObservable.incident_id == after.id))
    assert link is not None
    assert link.note == "First"
    assert any("Second" in body for body in await bodies(session, acme)), "nothing is lost"
    assert not (await writer.bring(more)).written


async def test_a_file_that_is_not_what_the_export_says_is_told_of_and_comes_when_it_is(
    writer: Writer, acme: Tenant, session: AsyncSession, tmp_path: Path
) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(b"changed")
    file = Attachment(source_id="~20", name="log.txt", sha256=hashlib.sha256(b"as it was").hexdigest(), path=path)
    assert (await writer.bring(a_case(attachments=(file,)))).written == {"case": 1, "note": 2}
    assert not (await writer.bring(a_case(attachments=(file,)))).written
    assert await count(session, Evidence, acme) == 0
    await session.rollback()
    path.write_bytes(b"as it was")
    assert (await writer.bring(a_case(attachments=(file,)))).written == {"evidence": 1}
    kept = await session.scalar(select(Evidence).where(Evidence.organization_id == acme.id))
    assert kept is not None
    assert kept.sha256.hex() == file.sha256
    steps = await session.scalars(select(EvidenceCustody.action).where(EvidenceCustody.evidence_id == kept.id))
    assert list(steps) == ["uploaded"]


async def test_a_long_note_is_several_in_order_and_who_is_no_member_stays_by_name(
    writer: Writer, acme: Tenant, session: AsyncSession
) -> None:
    written = "\n".join(f"line {number}" for number in range(5000))
    unknown = Person("Cy", "cy@elsewhere.example")
    await writer.bring(a_case(assignee=unknown, notes=(Note(source_id="~30", text=written, author=unknown),)))
    about, *pieces = sorted(await bodies(session, acme), key=lambda body: body.startswith("("))
    assert "Cy" in about
    pieces.sort()
    assert [piece[:5] for piece in pieces] == [f"({place}/{len(pieces)})" for place in range(1, len(pieces) + 1)]
    assert "".join(piece[7:] for piece in pieces) == written
    kept = select(IncidentNoteVersion.body).join(IncidentNote, IncidentNote.id == IncidentNoteVersion.note_id)
    versions = await session.scalars(kept.where(IncidentNote.organization_id == acme.id))
    assert sorted(versions) == sorted([about, *pieces])
