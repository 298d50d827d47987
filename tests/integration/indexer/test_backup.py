"""A backup is taken, everything is destroyed, and all of it comes back; what is no whole backup is refused."""

import asyncio
import contextlib
import hashlib
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.audit import service as audits
from services.indexer.sealer import Sealer
from shared import ids
from shared.db.engine import create_single_use_engine
from shared.lifecycle import Stop
from shared.search.migrate import migrate
from tests.integration.indexer import programs
from tests.integration.indexer.conftest import NOW, Bench, eve
from tests.integration.indexer.incident_rows import dress, link, make_person, open_incident
from tests.waiting import until

EVENTS = 600
ALIASES = ("events", "alerts", "incidents")
CONTENT = "SELECT count(*), md5(string_agg(md5(t::text), '' ORDER BY t::text)) FROM {} AS t"
TABLES = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1
"""
# Programs of the server, as --postgres-exec reaches them; a dump takes its time to begin.
SLOWLY = """#!/bin/sh
echo "$@" | grep -q -- --format && : > "$0.begun" && sleep 5
exec "$@"
"""
# A restore whose script breaks off after most of it, is refused by the server, or never ends.
HARMFUL = {
    "refused": """#!/bin/sh
[ "$*" = "${*#*--file=-}" ] && exec "$@"
"$@" && echo 'SELECT 1 / 0;'
""",
    "cut": """#!/bin/sh
[ "$*" = "${*#*--file=-}" ] && exec "$@"
"$@" | head -c 100000
exit 9
""",
    "killed": """#!/bin/sh
[ "$*" = "${*#*--file=-}" ] && exec "$@"
"$@" && : > "$0.begun" && sleep 5
""",
    "counts": """#!/bin/sh
exec "$@"
""",
}
SAID = {"refused": "division by zero", "cut": "pg_restore failed", "counts": "users: 0 rows, 7 in the backup"}


async def backup(
    bench: Bench,
    *arguments: str,
    before: str = "",
    evidence: Path | None = None,
    settings: dict[str, str] | None = None,
) -> asyncio.subprocess.Process:
    """`python -m deploy.backup` as an operator runs it; `before` is a line of shell that it is run after."""
    command = [sys.executable, "-m", "deploy.backup", *arguments]
    environment = {"PATH": os.environ["PATH"], "EVENTSEC_POSTGRES_URL": bench.postgres.url("owner")} | (settings or {})
    if evidence is not None:
        environment["EVENTSEC_EVIDENCE_FOLDER"] = str(evidence)
    return await asyncio.create_subprocess_exec(
        "/bin/sh", "-c", f'{before} exec "$@"', "sh", *command,
        env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def done(bench: Bench, *arguments: str, **more: Any) -> tuple[int, str, str]:
    """Exit status, standard output and standard error."""
    process = await backup(bench, *arguments, **more)
    async with asyncio.timeout(120):
        out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode().strip(), err.decode()


async def taken(bench: Bench, shelf: Path, **more: Any) -> Path:
    status, out, err = await done(bench, "take", "--to", str(shelf), **more)
    assert status == 0, err
    return Path(out)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def content(bench: Bench) -> dict[str, tuple[Any, ...]]:
    """How many rows each table has, and a hash over all of them."""
    async with bench.postgres.connect() as owner:
        tables = [row[0] for row in await owner.fetch(TABLES)]
        return {table: tuple(await owner.fetchrow(CONTENT.format(table)) or ()) for table in tables}


async def chain(bench: Bench) -> tuple[bool, int, str]:
    """What verifying says of the organization's audit chain: whole, how long, and its last hash."""
    engine = create_single_use_engine(bench.postgres.url("api"), application_name="test")
    async with AsyncSession(engine) as session:
        read = await audits.verify(session, bench.organization_id)
    return read.whole, read.entries, read.head


async def destroy(bench: Bench) -> None:
    """The database and every index are gone; an empty database takes its place."""
    await bench.postgres.cluster.drop(bench.postgres.name)
    await bench.postgres.cluster.create(bench.postgres.name)
    await bench.search.client.indices.delete(index=f"{bench.search.names.prefix}*")


async def add_evidence(bench: Bench, incident: UUID, folder: Path, text: bytes) -> Path:
    """A file as the api keeps it, and its row."""
    key = ids.uuid7()
    file = folder / str(key)[-2:] / str(key)[-4:-2] / str(key)
    file.parent.mkdir(parents=True)
    file.write_bytes(text)
    async with bench.postgres.connect() as owner:
        await owner.execute(
            "INSERT INTO evidence (id, organization_id, incident_id, name, size, sha256, media_type) "
            "VALUES ($1, $2, $3, 'a', $4, $5, 'text/plain')",
            key, bench.organization_id, incident, len(text), hashlib.sha256(text).digest(),
        )  # fmt: skip
    return file


@pytest.fixture
async def incident(bench: Bench) -> UUID:
    """Events of three days, in alerts; an incident with some of them and with people; sealed entries of the audit."""
    records = [eve(n, signature=n % 40, time=NOW - timedelta(days=n % 3, minutes=9)) for n in range(EVENTS)]
    assert await bench.send(*(bench.envelope(records[n : n + 100]) for n in range(0, EVENTS, 100))) == [None] * 6
    incident = await open_incident(bench)
    await dress(bench, incident, await make_person(bench))
    await link(bench, incident, [row["id"] for row in await bench.rows("SELECT id FROM alerts LIMIT 5")])
    async with bench.postgres.connect() as owner:
        for n in range(20):
            await owner.execute(
                "INSERT INTO audit_log (id, organization_id, actor, actor_name, action, kind) "
                "VALUES ($1, $2, 'system', 'test', $3, 'alert')",
                ids.uuid7(), bench.organization_id, f"step_{n}",
            )  # fmt: skip
    await Sealer(bench.pool).seal_all(Stop())
    await bench.settle()
    return incident


async def test_everything_comes_back(
    bench: Bench, incident: UUID, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, shelf = tmp_path / "evidence", tmp_path / "backups"
    files = {await add_evidence(bench, incident, folder, f"proof {n}".encode() * 1000): n for n in range(3)}
    texts = {file: file.read_bytes() for file in files}
    # An index that is not the first of its line: the rows know its name, an empty cluster does not.
    for command in (("repair",), ("reindex", "alerts")):
        status, _, err = await programs.run(bench, *command)
        assert status == 0, err
    rows, audit = await content(bench), await chain(bench)
    found = {alias: await bench.found(alias) for alias in ALIASES}
    assert (len(found["events"]), len(found["alerts"]), len(found["incidents"])) == (EVENTS, 40, 1)
    assert {one["_index"].removeprefix(bench.search.names.prefix) for one in found["alerts"].values()} != {
        "alerts-v1-000001"
    }
    assert audit[:2] == (True, 20)

    one = await taken(bench, shelf, evidence=folder)
    await destroy(bench)
    for file in files:
        file.unlink()
    began = time.monotonic()
    status, _, err = await done(bench, "restore", str(one), evidence=folder)
    assert status == 0, err
    assert await content(bench) == rows
    assert await chain(bench) == audit
    assert {file: file.read_bytes() for file in files} == texts
    await migrate(bench.search.client, bench.search.names)
    status, _, err = await programs.run(bench, "repair")
    assert status == 0, err
    assert {alias: await bench.found(alias) for alias in ALIASES} == found
    status, out, _ = await programs.run(bench, "drift", "--json")
    assert (status, orjson.loads(out)["drift"]) == (0, False)
    with capsys.disabled():
        print(f"\nrestored and found again in {(time.monotonic() - began) / 60:.2f} minutes\n{err}")


async def test_a_backup_is_of_one_moment_while_events_come(bench: Bench, incident: UUID, tmp_path: Path) -> None:
    async with _sending(bench) as sent:
        one = await taken(bench, tmp_path)
        assert len(sent) > 1
    rows = json.loads((one / "manifest.json").read_text())["rows"]
    assert EVENTS <= rows["events"] < EVENTS + sum(sent)
    await destroy(bench)
    status, _, err = await done(bench, "restore", str(one))  # counts, and compares with the manifest
    assert status == 0, err
    assert await bench.count("events") == rows["events"]


async def test_only_an_empty_database_without_sessions_is_restored_into(bench: Bench, tmp_path: Path) -> None:
    one = await taken(bench, tmp_path)
    before = await content(bench)
    async with bench.postgres.connect("indexer"):
        status, _, err = await done(bench, "restore", str(one))
        assert (status, "1 other sessions are connected" in err) == (1, True)
    await bench.pool.close()
    status, _, err = await done(bench, "restore", str(one))
    assert (status, "the database is not empty" in err) == (1, True)
    async with bench.postgres.connect() as owner:
        await owner.execute("UPDATE organizations SET name = 'changed since'")
    assert await content(bench) != before
    status, _, err = await done(bench, "restore", str(one), "--force-replace")
    assert status == 0, err
    assert await content(bench) == before


async def test_a_comparison_that_was_under_way_does_not_go_on_from_there(bench: Bench, tmp_path: Path) -> None:
    """It would skip what it had seen, and the documents of then are no more."""
    jobs = {"repair": None, "drift": "2026-11-28T03:00:00.000Z", "reindex:alerts": None}
    async with bench.postgres.connect() as owner:
        for name, finished_at in jobs.items():
            state = json.dumps({"finished_at": finished_at, "reports": {}})
            await owner.execute("INSERT INTO process_controls (key, value) VALUES ($1, $2)", f"job:{name}", state)
    one = await taken(bench, tmp_path)
    await bench.pool.close()
    status, _, err = await done(bench, "restore", str(one), "--force-replace")
    assert status == 0, err
    async with bench.postgres.connect() as owner:
        left = await owner.fetch("SELECT key FROM process_controls WHERE starts_with(key, 'job:') ORDER BY key")
    assert [row["key"] for row in left] == ["job:drift", "job:reindex:alerts"]


@pytest.mark.parametrize("harm", ["refused", "cut", "killed", "counts"])
async def test_a_restore_that_fails_leaves_what_was_there(bench: Bench, tmp_path: Path, harm: str) -> None:
    one = await taken(bench, tmp_path / "backups")
    manifest = json.loads((one / "manifest.json").read_text())
    (one / "manifest.json").write_text(json.dumps(manifest | {"rows": manifest["rows"] | {"users": 7}}))
    await bench.pool.close()
    async with bench.postgres.connect() as owner:
        await owner.execute("UPDATE organizations SET name = 'changed since'")
    before = await content(bench)
    program = tmp_path / "program"
    program.write_text(HARMFUL[harm])
    program.chmod(0o700)
    process = await backup(bench, "restore", str(one), "--force-replace", "--postgres-exec", str(program))
    if harm == "killed":
        await until((tmp_path / "program.begun").exists)
        process.kill()
    _, err = await process.communicate()
    assert process.returncode != 0
    if harm != "killed":
        assert SAID[harm] in err.decode()
    assert await content(bench) == before


@pytest.mark.parametrize("harm", ["flip", "cut", "gone", "more", "manifest", "newer"])
async def test_a_damaged_backup_is_refused(bench: Bench, tmp_path: Path, harm: str) -> None:
    one = await taken(bench, tmp_path)
    dump, manifest = one / "postgres.dump", one / "manifest.json"
    status, _, err = await done(bench, "verify", str(one))
    assert status == 0, err
    text = dump.read_bytes()
    match harm:
        case "flip":
            dump.write_bytes(text[:5000] + bytes([text[5000] ^ 1]) + text[5001:])
        case "cut":
            dump.write_bytes(text[:-1])
        case "gone":
            dump.unlink()
        case "more":
            (one / "evidence").mkdir()
            (one / "evidence" / "planted").touch()
        case "manifest":
            manifest.write_bytes(manifest.read_bytes()[:-20])
        case "newer":
            manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"revision": "ffffffffffff"}))
    await destroy(bench)
    for command in ("verify", "restore"):
        status, _, err = await done(bench, command, str(one))
        assert status == 1, err
    assert await content(bench) == {}


async def test_what_is_no_dump_is_refused_though_its_sum_is_right(bench: Bench, tmp_path: Path) -> None:
    one = await taken(bench, tmp_path)
    manifest = json.loads((one / "manifest.json").read_text())
    (one / "postgres.dump").write_bytes(b"no dump")
    manifest["files"][0]["sha256"] = hashlib.sha256(b"no dump").hexdigest()
    (one / "manifest.json").write_text(json.dumps(manifest))
    status, _, err = await done(bench, "verify", str(one))
    assert (status, "pg_restore --list failed" in err) == (1, True)


async def test_the_password_may_stand_in_a_file(bench: Bench, tmp_path: Path) -> None:
    secret, url = tmp_path / "password", bench.postgres.url("owner")
    password = bench.postgres.cluster.password
    bare = url.replace(f":{password}@", "@")
    assert bare != url
    secret.write_text("wrong\n")
    given = {"EVENTSEC_POSTGRES_URL": bare, "EVENTSEC_POSTGRES_PASSWORD_FILE": str(secret)}
    status, _, err = await done(bench, "take", "--to", str(tmp_path / "backups"), settings=given)
    assert (status, "password authentication failed" in err) == (1, True)
    secret.write_text(f"{password}\n")
    await taken(bench, tmp_path / "backups", settings=given)


async def test_a_full_disk_leaves_nothing(bench: Bench, tmp_path: Path) -> None:
    status, out, err = await done(bench, "take", "--to", str(tmp_path), before="ulimit -f 16;")
    assert (status, out, "no room left" in err) == (1, "", True)
    assert names(tmp_path) == [".lock"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_a_killed_run_leaves_nothing_that_looks_like_a_backup(
    bench: Bench, tmp_path: Path, number: signal.Signals
) -> None:
    slowly, shelf = tmp_path / "slowly", tmp_path / "backups"
    slowly.write_text(SLOWLY)
    slowly.chmod(0o700)
    process = await backup(bench, "take", "--to", str(shelf), "--postgres-exec", str(slowly))
    await until((tmp_path / "slowly.begun").exists)
    status, _, err = await done(bench, "take", "--to", str(shelf))
    assert (status, "another backup is being taken" in err) == (1, True)
    process.send_signal(number)
    await process.communicate()
    assert (await done(bench, "list", str(shelf)))[1] == ""
    assert len(list(shelf.glob("*.part"))) == (number == signal.SIGKILL)
    one = await taken(bench, shelf)
    assert names(shelf) == [".lock", one.name]


async def test_evidence_is_linked_told_apart_and_pruned(bench: Bench, incident: UUID, tmp_path: Path) -> None:
    folder, shelf = tmp_path / "evidence", tmp_path / "backups"
    files = [await add_evidence(bench, incident, folder, f"proof {n}".encode()) for n in range(3)]
    first = await taken(bench, shelf, evidence=folder)
    kept, changed, missing = (str(file.relative_to(folder)) for file in files)
    changed_since = await add_evidence(bench, incident, folder, b"a fourth")
    changed_since.write_bytes(b"not what was handed in")
    await asyncio.sleep(1.1)  # backups are named by the second
    status, out, err = await done(bench, "take", "--to", str(shelf), evidence=folder)
    second = Path(out)
    assert (status, "1 files of evidence are changed" in err) == (3, True)
    assert (second / "evidence" / kept).samefile(first / "evidence" / kept)
    assert (await done(bench, "verify", str(second)))[0] == 0
    for path in (changed, missing):
        (folder / path).unlink()
    (first / "manifest.json").write_text("{")
    await asyncio.sleep(1.1)
    status, out, err = await done(bench, "take", "--to", str(shelf), evidence=folder)
    assert status == 3, err  # what was deleted since is linked to
    assert json.loads((Path(out) / "manifest.json").read_text())["missing"] == []
    status, out, _ = await done(bench, "prune", str(shelf), "--keep", "1")
    assert (status, len(out.splitlines())) == (0, 2)
    assert len(list(shelf.glob("eventsec-*"))) == 1


@contextlib.asynccontextmanager
async def _sending(bench: Bench) -> AsyncIterator[list[int]]:
    """Events that come all the time."""
    sent: list[int] = []
    stop = Stop()

    async def send() -> None:
        while not stop.requested:
            number = EVENTS + len(sent) * 20
            assert await bench.send(bench.envelope([eve(number + n, signature=n) for n in range(20)])) == [None]
            sent.append(20)
            await stop.sleep(0.02)

    task = asyncio.create_task(send())
    try:
        yield sent
    finally:
        stop.set()
        await task
