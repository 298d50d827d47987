"""All is destroyed, and a backup put into new containers: the rows are what they were, and so is what is found."""

import asyncio
import hashlib
import shlex
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import Any

import asyncpg
import httpx
import orjson

from tests.drills.containers import Broken, Containers
from tests.drills.load import sender_of, under_load
from tests.drills.options import Options
from tests.faults.documents import all_documents
from tests.faults.verdict import quiet

LOAD_SECONDS, STILL_SECONDS = 20.0, 12.0
ALIASES = ("events", "alerts", "incidents")
CHIEF = {
    "events", "alerts", "incidents", "quarantine", "batches", "sensor_accounts", "audit_log", "evidence", "observables",
    "organizations", "sensors", "sensor_keys", "users", "api_tokens",
}  # fmt: skip
TABLES = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname
"""
EVIDENCE = "/var/lib/eventsec/evidence"
SUMS = f"cd {EVIDENCE} && find . -type f -exec sha256sum {{}} + | sort"

Rows = dict[str, tuple[int, str]]
Found = dict[str, set[tuple[str, int, str]]]


async def restore(there: Containers, options: Options) -> None:
    """A backup as docs/production.md has it for containers, `down -v`, and the way back by its numbers."""
    there.tell(f"all healthy after {await there.up():.1f} s, the demo feeds")
    await there.enrol()
    sender = sender_of(there, options)
    async with under_load(there, sender):
        await asyncio.sleep(LOAD_SECONDS)
        evidence = await _evidence(there)
    await there.compose("stop", "demo")
    took = await quiet(there)
    await _at_rest(there)
    there.tell(f"{len(sender.oracle.records):,} records of ours and the demo's, no message is left after {took:.1f} s")
    with tempfile.TemporaryDirectory(prefix="eventsec-drill-") as folder:
        backup, rows, found = await _backed_up(there, folder)
        await there.compose("down", "--volumes", "--remove-orphans", "--timeout", "20")
        there.tell("destroyed: containers and volumes are gone")
        await _put_back(there, backup, rows)
    await _filled_anew(there, found)
    if (now := await _evidence(there)) != evidence:
        raise Broken(f"files of evidence are not what they were: {evidence} {now}")
    there.tell(f"{len(evidence)} files of evidence are what they were")
    await there.judge(sender.oracle, sender)
    there.tell(f"and searchable after {await there.searchable(sender):.1f} s")


async def _at_rest(there: Containers) -> None:
    """Return once the chief tables stood still for longer than a door takes to report on its accounts."""
    now, before = await _rows(there), None
    while before is None or any(before[name] != now[name] for name in CHIEF & now.keys()):
        await asyncio.sleep(STILL_SECONDS)
        before, now = now, await _rows(there)


async def _backed_up(there: Containers, folder: str) -> tuple[str, Rows, Found]:
    """Takes it while the services run; its path, the rows that stood still meanwhile, and the documents."""
    before, found = await _rows(there), await _found(there)
    backup, took = await _backup(
        there, "take", "--to", folder, *_postgres(there),
        "--evidence-exec", _through(there, "exec", "-T", "api"), "--evidence", EVIDENCE,
    )  # fmt: skip
    after = await _rows(there)
    still = {name: rows for name, rows in before.items() if rows == after[name]}
    there.tell(f"backup taken in {took:.1f} s: "
               f"{_counts(before)}; written to meanwhile {sorted(before.keys() - still.keys())}")  # fmt: skip
    if moved := CHIEF - still.keys():
        raise Broken(f"not at rest, or not there: {sorted(moved)}")
    return backup, still, found


async def _put_back(there: Containers, backup: str, rows: Rows) -> None:
    """Into new stores, before any service is there."""
    there.tell(f"new stores healthy after {await there.up('postgres', 'rabbitmq', 'opensearch'):.1f} s")
    _, took = await _backup(
        there, "restore", backup, *_postgres(there),
        "--evidence-exec", _through(there, "run", "--rm", "-T", "--no-deps", "api"),
        "--evidence", EVIDENCE,
    )  # fmt: skip
    restored = await _rows(there)
    if wrong := sorted(name for name, one in rows.items() if restored.get(name) != one):
        raise Broken(f"not as they were: {', '.join(f'{name} {rows[name]} {restored.get(name)}' for name in wrong)}")
    there.tell(f"restored in {took:.1f} s, the rows of {len(rows)} tables are what they were, by count and hash")


async def _filled_anew(there: Containers, found: Found) -> None:
    there.tell(f"services healthy after {await there.up('api', 'indexer', 'web'):.1f} s")
    stores = ("exec", "-T", "indexer", "python", "-m", "services.indexer.stores")
    began = time.monotonic()
    said = await there.compose(*stores, "repair")
    there.tell(f"repair ended after {time.monotonic() - began:.1f} s: {said.splitlines()[-1]}")
    there.tell(f"drift: {(await there.compose(*stores, 'drift')).splitlines()[-1]}")
    now = await _found(there)
    for alias in ALIASES:
        lacking, invented = found[alias] - now[alias], now[alias] - found[alias]
        there.tell(f"{alias}: {len(found[alias]):,} documents before and {len(now[alias]):,} now, "
                   f"{len(lacking)} lacking or changed, {len(invented)} new")  # fmt: skip
        if lacking or invented:
            raise Broken(f"{alias} are not found as before: {sorted(lacking)[:3]}, {sorted(invented)[:3]}")


async def _evidence(there: Containers) -> list[str]:
    """Every file with its hash; the demo's people hand some in."""
    while not (lines := (await there.compose("exec", "-T", "api", "sh", "-c", SUMS)).splitlines()):
        await asyncio.sleep(1)
    return lines


async def _backup(there: Containers, *words: str) -> tuple[str, float]:
    """Run its command; what it printed, and the seconds that it took. Raises StackError."""
    began = time.monotonic()
    return (await there.run(sys.executable, "-m", "deploy.backup", *words)).strip(), time.monotonic() - began


def _postgres(there: Containers) -> Sequence[str]:
    return (
        "--postgres-exec",
        _through(there, "exec", "-T", "postgres"),
        "--postgres-url",
        "postgresql://eventsec@/eventsec",
    )


def _through(there: Containers, *words: str) -> str:
    return shlex.join([*there.project.command, *words])


async def _rows(there: Containers) -> Rows:
    """Of each table how many rows, and a sum of their hashes, whatever their order."""
    connection = await asyncpg.connect(there.owner_url)
    try:
        names = [row["relname"] for row in await connection.fetch(TABLES)]
        asked = 'SELECT count(*) AS n, coalesce(sum(hashtextextended(t::text, 0)), 0)::text AS sum FROM public."{}" t'
        found = {name: (await connection.fetch(asked.format(name)))[0] for name in names}
        return {name: (row["n"], row["sum"]) for name, row in found.items()}
    finally:
        await connection.close()


async def _found(there: Containers) -> Found:
    """Every document by alias: its id, its version and a hash of it."""
    async with httpx.AsyncClient(base_url=there.search_url, timeout=60) as client:
        (await client.post(f"/{there.indices}/_refresh")).raise_for_status()
        return {
            alias: {
                (str(key), *_told(one))
                for key, several in (await all_documents(client, alias)).items()
                for one in several
            }
            for alias in ALIASES
        }


def _told(document: tuple[int, Any]) -> tuple[int, str]:
    version, source = document
    return version, hashlib.sha256(orjson.dumps(source, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def _counts(rows: Rows) -> str:
    return ", ".join(f"{name} {rows[name][0]:,}" for name in sorted(CHIEF & rows.keys()))
