"""`python -m services.indexer.quarantine ACTION`: the records that wait, and their way out.

summary  how many there are, by sensor, reason and request
list     records, of each the first bytes; by id, which says nothing of when they came (the API has them by time)
show     one record whole, with its history
edit     keep a mended copy of one beside the bytes received, for a re-drive to read
redrive  read records anew, as their sensors are set today, and store them as if they had come then
discard  give records up: they are never stored, and stay for as long as retention says
cancel   take back what was requested of records and is not done yet

redrive and discard do the work themselves, without an indexer running; an interrupt takes back what was not done yet.
"""

import argparse
import asyncio
import getpass
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from services.indexer.periods import PeriodBook, plans_of
from services.indexer.redrive import STORED_AS, Redriver
from services.indexer.settings import IndexerSettings
from shared import ids, log, starting
from shared.db.engine import create_pool
from shared.db.failures import in_words, is_transient
from shared.domain.quarantine import MAX_HISTORY
from shared.errors import EventSecError, Invalid, NotFound
from shared.lifecycle import Stop, on_signals, to_stdout
from shared.normalise import pipeline
from shared.normalise.event import MAX_RECORD_BYTES

HEAD_BYTES = 120
MARK_CHUNK = 5000
SAID_EVERY = 1.0

_MATCHING = """
    ($1::uuid[] IS NULL OR id = ANY($1)) AND ($2::text IS NULL OR reason = $2)
    AND ($3::uuid IS NULL OR sensor_id = $3)
"""
_DETAILS = """
    id, organization_id, sensor_id, (SELECT name FROM sensors WHERE sensors.id = quarantine.sensor_id) AS sensor,
    batch_id, received_at, coalesce(edited_hint, hint) AS format, reason, detail, path,
    status, requested, event_id, edited_record IS NOT NULL AS edited,
    octet_length(coalesce(edited_record, record)) AS bytes
"""
LIST = f"""
    SELECT {_DETAILS}, substr(coalesce(edited_record, record), 1, {HEAD_BYTES}) AS head FROM quarantine
    WHERE {_MATCHING} AND status = $4 AND ($5::uuid IS NULL OR id > $5) ORDER BY id LIMIT $6
"""
SHOW = f"SELECT {_DETAILS}, history, record, edited_record FROM quarantine WHERE id = $1"
# Names no column that ix_quarantine_open lacks: of open records, it is all that is read.
SUMMARY = """
    SELECT q.sensor_id, s.name AS sensor, q.reason, $1::text AS status, q.requested, count(*) AS records,
           min(q.received_at) AS oldest, max(q.received_at) AS newest
    FROM quarantine q LEFT JOIN sensors s ON s.id = q.sensor_id WHERE q.status = $1
    GROUP BY q.sensor_id, s.name, q.reason, q.requested ORDER BY count(*) DESC LIMIT 1000
"""
_KEPT = f"CASE WHEN jsonb_array_length(history) >= {MAX_HISTORY} THEN history - 0 ELSE history END"
EDIT = f"""
    UPDATE quarantine SET edited_record = $2, edited_hint = coalesce($3, edited_hint), revision = revision + 1,
        history = {_KEPT} || jsonb_build_array(jsonb_build_object('at', now(), 'by', $4::text, 'what', $5::text))
    WHERE id = $1 AND status = 'open'
"""
# Passes each record once: an indexer beside us opens again what still cannot be read.
MARK = f"""
    WITH chosen AS (
        SELECT id FROM quarantine WHERE {_MATCHING} AND status = 'open' AND id > $7 ORDER BY id LIMIT $8 FOR UPDATE),
    marked AS (
        UPDATE quarantine q SET requested = $4, requested_at = now(), requested_by = $5,
                                edited_hint = coalesce($6, edited_hint),
                                revision = revision + (edited_hint IS DISTINCT FROM coalesce($6, edited_hint))::int
        FROM chosen WHERE q.id = chosen.id
             AND (requested IS DISTINCT FROM $4 OR edited_hint IS DISTINCT FROM coalesce($6, edited_hint)))
    SELECT id FROM chosen ORDER BY id
"""
CANCEL = f"""
    UPDATE quarantine SET requested = NULL, requested_at = NULL, requested_by = NULL,
        history = {_KEPT} || jsonb_build_array(
            jsonb_build_object('at', now(), 'by', $4::text, 'what', requested || ' cancelled'))
    WHERE id IN (SELECT id FROM quarantine WHERE {_MATCHING} AND requested IS NOT NULL
                 AND ($5::timestamptz IS NULL OR (requested_by = $4 AND requested_at >= $5))
                 ORDER BY id LIMIT $6 FOR UPDATE)
"""
BECAME = f"""
    SELECT CASE WHEN requested IS NOT NULL THEN 'requested' WHEN status <> 'redriven' THEN status
                WHEN history -> -1 ->> 'what' LIKE '{STORED_AS} %' THEN 'stored' ELSE 'duplicate' END AS became,
           CASE WHEN status = 'open' AND requested IS NULL THEN reason END AS reason, count(*) AS records
    FROM quarantine WHERE id = ANY($1::uuid[]) GROUP BY 1, 2
"""
LEFT = "SELECT count(*) FROM quarantine WHERE requested IS NOT NULL AND status = 'open'"


def selection(options: argparse.Namespace) -> tuple[object, ...]:
    """The first three arguments of _MATCHING. Raises Invalid when nothing at all is named."""
    if not (options.ids or options.reason or options.sensor or options.all):
        raise Invalid("say which: ids, --reason, --sensor, or --all")
    return (options.ids or None, options.reason, options.sensor)


async def carry_out(options: argparse.Namespace, settings: IndexerSettings) -> int:
    """Do what the command line asks; the exit status."""
    async with _pool(settings) as pool:
        match options.action:
            case "summary":
                return _print(await pool.fetch(SUMMARY, options.status))
            case "list":
                wanted = (options.ids or None, options.reason, options.sensor, options.status)
                return _print(await pool.fetch(LIST, *wanted, options.after, options.limit))
            case "show":
                return await _show(pool, options)
            case "edit":
                return await _edit(pool, options)
            case "cancel":
                cancelled = await _in_chunks(pool, CANCEL, *selection(options), _who(), None)
                sys.stderr.write(f"{cancelled} requests taken back\n")
                return 0
        return await _take_out(pool, settings, options)


async def _take_out(pool: asyncpg.Pool, settings: IndexerSettings, options: argparse.Namespace) -> int:
    """Mark the records; unless told not to wait, do the work here, and say what became of them."""
    wanted, began = selection(options), await pool.fetchval("SELECT clock_timestamp()")
    marked = await _mark(pool, wanted, options)
    if options.ids and not marked:
        raise NotFound("no open record matches")
    sys.stderr.write(f"{len(marked)} records to {options.action}\n" if marked else "no open record matches\n")
    if options.no_wait:
        return 0
    stop = Stop()
    with on_signals(stop):
        await _work(pool, settings, stop)
    if stop.requested:
        cancelled = await _in_chunks(pool, CANCEL, *wanted, _who(), began)
        sys.stderr.write(f"interrupted: {cancelled} requests taken back\n")
    became = await _became(pool, marked)
    to_stdout(orjson.dumps(became) + b"\n")
    return 1 if stop.requested or became.keys() & {"open", "requested"} else 0


async def _mark(pool: asyncpg.Pool, wanted: tuple[object, ...], options: argparse.Namespace) -> list[UUID]:
    """Request it of the open records that match; their ids, also of those of which it was requested before."""
    marked: list[UUID] = []
    asked = (*wanted, options.action, _who(), options.format)
    while rows := await pool.fetch(MARK, *asked, marked[-1] if marked else ids.NIL, MARK_CHUNK):
        marked += [row["id"] for row in rows]
    return marked


async def _work(pool: asyncpg.Pool, settings: IndexerSettings, stop: Stop) -> None:
    """Settle what is requested, by whomever, until nothing is left, or until `stop`."""
    redriver = Redriver(pool, PeriodBook(plans_of(settings)))
    loop = asyncio.get_running_loop()
    said = loop.time()
    while not stop.requested:
        settled = await redriver.work()
        if loop.time() - said > SAID_EVERY:
            said = loop.time()
            sys.stderr.write(f"{await pool.fetchval(LEFT)} left\n")
        # Nothing to take, but an indexer may still hold some.
        if not settled and (not await pool.fetchval(LEFT) or await stop.sleep(0.2)):
            break


async def _became(pool: asyncpg.Pool, marked: Sequence[UUID]) -> dict[str, Any]:
    """How many of these records are stored, duplicate, discarded, open (for which reasons), or requested as before.

    Asked of the rows, for an indexer beside us settles its share, and anybody may ask for something else.
    """
    became: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for start in range(0, len(marked), MARK_CHUNK):
        for row in await pool.fetch(BECAME, marked[start : start + MARK_CHUNK]):
            became[row["became"]] += row["records"]
            if row["reason"] is not None:
                reasons[row["reason"]] += row["records"]
    return dict(became) | ({"reasons": dict(reasons.most_common())} if reasons else {})


async def _in_chunks(pool: asyncpg.Pool, statement: str, *arguments: object) -> int:
    """Run an UPDATE with a limit as its last argument until it finds nothing more; how many rows it changed."""
    changed = 0
    while count := int((await pool.execute(statement, *arguments, MARK_CHUNK)).rpartition(" ")[2]):
        changed += count
    return changed


async def _show(pool: asyncpg.Pool, options: argparse.Namespace) -> int:
    row = await pool.fetchrow(SHOW, _only(options))
    if row is None:
        raise NotFound("there is no such record in quarantine")
    record = row["record"] if row["edited_record"] is None else row["edited_record"]
    if options.raw:
        to_stdout(record)
        return 0
    shown = dict(row) | {"history": orjson.loads(row["history"]), "record": _text(row["record"])}
    shown["edited_record"] = None if row["edited_record"] is None else _text(row["edited_record"])
    return _print([shown])


async def _edit(pool: asyncpg.Pool, options: argparse.Namespace) -> int:
    """Keep an edited copy beside the bytes received, which never change."""
    record = None if options.undo else await asyncio.to_thread(_mended, options.file)
    what = "edit undone" if record is None else f"edited, {len(record)} bytes"
    status = await pool.execute(EDIT, _only(options), record, options.format, _who(), what)
    if status != "UPDATE 1":
        raise NotFound("there is no such record open in quarantine")
    sys.stderr.write(f"{what}; redrive it when you like\n")
    return 0


def _mended(file: str | None) -> bytes:
    """The record to keep instead. Raises Invalid."""
    if file is None:
        raise Invalid("say --file with the mended record (- for standard input), or --undo")
    try:
        record = sys.stdin.buffer.read(MAX_RECORD_BYTES + 1) if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise Invalid(str(error)) from error
    if not 0 < len(record) <= MAX_RECORD_BYTES:
        raise Invalid(f"a record has 1 to {MAX_RECORD_BYTES} bytes")
    return record


def _who() -> str:
    try:
        return f"{getpass.getuser()} (command line)"
    except (KeyError, OSError):  # a uid without a name, as in a container
        return f"uid {os.getuid()} (command line)"


def _only(options: argparse.Namespace) -> UUID:
    if len(options.ids) != 1:
        raise Invalid("say one id")
    only: UUID = options.ids[0]
    return only


def _print(rows: Sequence[Any]) -> int:
    for row in rows:
        shown = {name: _text(value) if isinstance(value, bytes) else value for name, value in dict(row).items()}
        to_stdout(orjson.dumps(shown, default=str) + b"\n")
    if not rows:
        sys.stderr.write("nothing\n")
    return 0


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")


@asynccontextmanager
async def _pool(settings: IndexerSettings) -> AsyncIterator[asyncpg.Pool]:
    url = settings.postgres_address
    async with await create_pool(url, application_name="eventsec-quarantine", max_size=3) as pool:
        yield pool


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m services.indexer.quarantine",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("action", choices=["summary", "list", "show", "edit", "redrive", "discard", "cancel"])
    parser.add_argument("ids", nargs="*", type=UUID, help="records, by id")
    parser.add_argument("--reason", help="only records with this reason")
    parser.add_argument("--sensor", type=UUID, help="only records of this sensor, by id")
    parser.add_argument("--all", action="store_true", help="redrive, discard, cancel: all that are open")
    parser.add_argument(
        "--format", choices=pipeline.FORMATS, help="edit, redrive: read the records as this from now on"
    )
    parser.add_argument("--no-wait", action="store_true", help="redrive, discard: leave the work to the indexer")
    parser.add_argument(
        "--status", choices=["open", "redriven", "discarded"], default="open", help="summary, list: which (open)"
    )
    parser.add_argument("--limit", type=_count, default=100, help="list: most records to show (default 100)")
    parser.add_argument("--after", type=UUID, help="list: go on behind this id")
    parser.add_argument("--raw", action="store_true", help="show: nothing but the record's bytes")
    parser.add_argument("--file", help="edit: the mended record; - for standard input")
    parser.add_argument("--undo", action="store_true", help="edit: back to the bytes received")
    return parser


def _count(text: str) -> int:
    number = int(text)
    if not 0 < number <= 10_000:
        raise ValueError
    return number


def main(run: Callable[..., Any] = asyncio.run) -> int:
    """Parse the command line and do it; returns the exit status."""
    options = _parser().parse_args()
    settings = starting.read(IndexerSettings)
    log.configure("quarantine", log_format=settings.log_format, level="WARNING", stream=sys.stderr)
    try:
        status: int = run(carry_out(options, settings))
    except EventSecError as error:
        sys.stderr.write(f"quarantine: {error}\n")
        return 2
    except Exception as error:  # the driver has a dozen types for "away"; is_transient knows them
        if not is_transient(error):
            raise
        sys.stderr.write(f"quarantine: {in_words(error, 'indexer')}\n")
        return 2
    return status


if __name__ == "__main__":
    sys.exit(main())
