"""`python -m services.indexer.stores COMMAND`: keep OpenSearch what Postgres says, and both within their disks.

Ctrl-C, SIGTERM and kill leave a job where it is: the same command goes on from there.
"""

import argparse
import asyncio
import sys
from typing import Any

import orjson

from services.indexer.settings import IndexerSettings
from services.indexer.stores import disk as disks
from services.indexer.stores import expire, job, requested
from services.indexer.stores.job import Ended, Job, Running
from services.indexer.stores.opened import Stores, opened
from shared import log, starting
from shared.db.failures import in_words, is_transient, is_unprepared
from shared.errors import EventSecError
from shared.jobs import period
from shared.lifecycle import Stop, on_signals, to_stdout
from shared.search.indices import EVENTS, TABLES

EQUAL, DIFFERENT, FAILED, STOPPED = 0, 1, 2, 130


async def compare(stores: Stores, options: argparse.Namespace) -> int:
    """`drift` and `repair`."""
    result = await job.carry_out(stores, options.command, requested.comparison(options.command, options.index))
    if options.json:
        _print(result)
    else:
        _print_drift(result)
    return DIFFERENT if result["drift"] else EQUAL


async def reindex(stores: Stores, options: argparse.Namespace) -> int:
    """`reindex alerts`, `reindex incidents` and `rebuild events`."""
    name, action = await requested.refilling(stores, options.command, getattr(options, "period", options.what))
    _print(await job.carry_out(stores, name, action))
    return EQUAL


async def retention(stores: Stores, options: argparse.Namespace) -> int:
    """`retention`, with `--dry-run` only what it would do."""
    if options.dry_run:
        _print(await expire.plan(stores))
        return EQUAL

    async def action(stores: Stores, running: Job) -> dict[str, Any]:
        await running.begin(phase="deleting", done=0)
        done = 0

        async def step(rows: int) -> None:
            nonlocal done
            done += rows
            await running.save(done=done)

        result = await expire.run(stores, step)
        await running.finish("done", **result)
        return result

    _print(await job.carry_out(stores, "retention", action))
    return EQUAL


async def disk(stores: Stores, options: argparse.Namespace) -> int:
    """`disk`."""
    measured = await disks.measure(stores, options.settings)
    advice = {one.store: disks.advice(one, measured, options.settings) for one in measured.disks if one.nearly_full}
    _print(measured.as_dict() | {"helps": advice})
    return DIFFERENT if advice else EQUAL


async def cancel(stores: Stores, options: argparse.Namespace) -> int:
    """`cancel`: whoever runs the job ends it; where nobody does, it is ended here."""
    await job.cancel(stores, options.job)
    try:
        await requested.end(stores, options.job)
    except Running:
        sys.stderr.write(f"stores: a job is running; {options.job} ends at its next page, now or when resumed\n")
    return EQUAL


async def status(stores: Stores, options: argparse.Namespace) -> int:
    """`status`: each job as its row says, without the long lists."""
    states = await job.read_all(stores)
    _print({name: {key: value for key, value in state.items() if key != "reports"} for name, state in states.items()})
    return EQUAL


def _print(result: Any) -> None:
    to_stdout(orjson.dumps(result, option=orjson.OPT_INDENT_2) + b"\n")


def _print_drift(result: dict[str, Any]) -> None:
    line = "{:<46} {:>12} {:>12} {:>9} {:>9} {:>9} {:>9}  {}\n"
    lines = [line.format("index", "rows", "documents", "missing", "stale", "ahead", "too many", "")]
    for part in result["parts"]:
        words = [word for word in ("hidden", "orphan", "outdated") if part[word]]
        words += [f"{part[word]} {word}" for word in ("young", "repaired") if part[word]]
        counts = part["differences"]
        numbers = (
            part["rows"],
            part["documents"],
            *(counts[sort] for sort in ("missing", "stale", "ahead", "too_many")),
        )
        lines.append(line.format(part["index"], *numbers, ", ".join(words)).rstrip() + "\n")
    lines.append("the stores differ" if result["drift"] else "the stores agree")
    if result["young"]:
        lines.append(f"; {result['young']} changes of the last minute are not found yet: look again in a minute")
    lines.append("\n")
    to_stdout("".join(lines).encode())


def parser() -> argparse.ArgumentParser:
    """The command line."""
    root = argparse.ArgumentParser(
        prog="python -m services.indexer.stores",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = root.add_subparsers(dest="command", required=True)

    def add(name: str, what: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")

    for name, what in (
        ("drift", "compare both, by ids and versions; exit status 1 when they differ"),
        ("repair", "compare both, and mend what differs; exit status 1 when something is left"),
    ):
        command = add(name, what)
        command.add_argument("--index", help="only this index, or `alerts`, or `incidents`")
        command.add_argument("--json", action="store_true")
        command.set_defaults(action=compare)
    command = add("reindex", "fill a new index of alerts or incidents with today's mapping, then switch to it")
    command.add_argument("what", choices=TABLES)
    command.set_defaults(action=reindex)
    command = add("rebuild", "fill a new index of one period of events with today's mapping, then switch to it")
    command.add_argument("what", choices=[EVENTS])
    command.add_argument("--period", type=period, required=True, help="alert/2026-11-23, or telemetry/unclocked")
    command.set_defaults(action=reindex)
    what = "drop events below the floors that maintenance put in force, in both (it does so every ten minutes)"
    command = add("retention", what)
    command.add_argument("--dry-run", action="store_true", help="only say what would go")
    command.set_defaults(action=retention)
    command = add("disk", "room used and left, and the day it is gone; exit status 1 when a store is nearly full")
    command.epilog = "PostgreSQL's room is null, not known, until EVENTSEC_POSTGRES_BUDGET_BYTES says what it may take."
    command.set_defaults(action=disk)
    command = add("cancel", "end a job for good: a half-filled index goes")
    command.add_argument("job", help="its name as `status` tells it")
    command.set_defaults(action=cancel)
    add("status", "how far each job is").set_defaults(action=status)
    return root


async def carry_out(options: argparse.Namespace, settings: IndexerSettings) -> int:
    """Carry out a command until it is done or a signal comes; returns the exit status."""
    stop = Stop()
    with on_signals(stop):
        async with opened(settings, stop) as stores:
            try:
                return int(await options.action(stores, options))
            except Ended as ended:
                again = "" if ended.cancelled else "; the same command goes on from here"
                sys.stderr.write(f"stores: {options.command} {ended}{again}\n")
                return STOPPED
            except Exception as error:
                if isinstance(error, EventSecError):
                    reason = f"{type(error).__name__} {error}"
                elif is_transient(error) or is_unprepared(error):
                    reason = in_words(error, "indexer")
                else:
                    raise
                sys.stderr.write(f"stores: {options.command}: {reason}\n")
                return FAILED


def main(arguments: list[str] | None = None) -> int:
    """The program; returns its exit status."""
    options = parser().parse_args(arguments)
    options.settings = settings = starting.read(IndexerSettings)
    log.configure("stores", log_format=settings.log_format, level=settings.log_level, stream=sys.stderr)
    return asyncio.run(carry_out(options, settings))


if __name__ == "__main__":
    sys.exit(main())
