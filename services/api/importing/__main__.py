"""`python -m services.api.importing thehive|iris PATH --organization NAME`: brings the cases of an export.

What is there already stays as it is, so the same export may be brought again: after an interruption, or with what came
since. The summary is JSON on standard output, progress goes to standard error.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import msgspec
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from services.api.evidence_store.opened import open_store
from services.api.importing import iris, thehive
from services.api.importing.account import Account
from services.api.importing.cases import ImportedCase, Refused
from services.api.importing.export import NotAnExport
from services.api.importing.writing import Home, OwnerNeeded, Writer, members_of
from services.api.settings import ApiSettings
from services.api.tokens import queries as organizations
from shared import starting
from shared.db.engine import create_engine, sessionmaker
from shared.db.failures import in_words, is_data_error, is_transient
from shared.errors import EventSecError, Invalid, NotFound
from shared.lifecycle import Stop, on_signals

DONE, BROKEN_OFF, WRONG, REFUSED, STOPPED = 0, 1, 2, 3, 4
"""Exit statuses. `WRONG` is argparse's own for wrong options: running it again as it was helps nobody."""

EVERY = 100
"""Cases between two lines of progress."""

READERS: dict[str, Callable[[Path], Iterator[ImportedCase | Refused]]] = {"thehive": thehive.read, "iris": iris.read}


class UnknownOrganization(NotFound):
    """There is no organization of this name."""

    code = "organization_not_found"


class UnknownOwner(Invalid):
    """The owner is nobody who works in the organization."""

    code = "unknown_person"


def main(arguments: Sequence[str] | None = None) -> int:
    """The program; returns its exit status."""
    options = _parser().parse_args(arguments)
    account = Account(options.dry_run)
    try:
        asyncio.run(_run(options, starting.read(ApiSettings), account))
    except (UnknownOrganization, UnknownOwner, NotAnExport) as error:
        return _ended(WRONG, str(error), account)
    except EventSecError as error:
        return _ended(BROKEN_OFF, str(error), account)
    except (SQLAlchemyError, OSError) as error:
        if not is_transient(error):
            raise
        said = in_words(error, "api") if isinstance(error, SQLAlchemyError) else str(error)
        return _ended(BROKEN_OFF, said, account)
    _say(account)
    return STOPPED if account.stopped else REFUSED if account.refused_count else DONE


async def _run(options: argparse.Namespace, settings: ApiSettings, account: Account) -> None:
    url = settings.postgres_address
    engine = create_engine(url, application_name="eventsec-importing", pool_size=1)
    sessions, store, stop = sessionmaker(engine), open_store(settings), Stop()
    try:
        home = await _home(sessions, options)
        writer = Writer(sessions, store, home, file_limit=settings.evidence_max_bytes)
        with on_signals(stop):
            found = READERS[options.product](options.path)
            await _bring(writer, islice(found, options.limit), account, stop)
    finally:
        await store.close()
        await engine.dispose()


async def _bring(writer: Writer, found: Iterator[ImportedCase | Refused], account: Account, stop: Stop) -> None:
    """One after the other, until it is to stop; then the case at hand is the last one."""
    for one in found:
        if isinstance(one, Refused):
            account.refuse(one)
        else:
            await _bring_one(writer, one, account)
        if account.seen % EVERY == 0:
            sys.stderr.write(f"importing: {account.progress()}\n")
        await asyncio.sleep(0)  # a signal may have come while the export was read
        if stop.requested:
            account.stopped = True
            return


async def _bring_one(writer: Writer, case: ImportedCase, account: Account) -> None:
    """A case that the database can never keep is refused and the rest go on."""
    try:
        account.take(case, await writer.bring(case, dry_run=account.dry_run))
    except OwnerNeeded as error:
        account.refuse(Refused(case.source_id, str(error)))
    except SQLAlchemyError as error:
        if not is_data_error(error):
            raise
        account.refuse(Refused(case.source_id, "the database cannot keep it, or another import just brought it"))


async def _home(sessions: async_sessionmaker[AsyncSession], options: argparse.Namespace) -> Home:
    async with sessions() as session:
        organization = await session.scalar(organizations.organization_named(options.organization))
        if organization is None:
            raise UnknownOrganization
        people = await members_of(session, organization.id)
    owner = people.get(options.owner.strip().lower()) if options.owner is not None else None
    if options.owner is not None and owner is None:
        raise UnknownOwner
    return Home(organization.id, people, owner)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.api.importing", description=__doc__)
    parser.add_argument("product", choices=sorted(READERS), help="whose export it is")
    parser.add_argument("path", type=Path, help="the folder or file, as docs/importing.md has it")
    parser.add_argument("--organization", required=True, help="whose the incidents will be; it has to be there")
    parser.add_argument("--owner", metavar="EMAIL", help="who is let in to cases that are TLP:RED, a member")
    parser.add_argument("--dry-run", action="store_true", help="write nothing and say what would be written")
    parser.add_argument("--limit", type=_count, help="read so many cases of the export and no more")
    return parser


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("1 or more")
    return count


def _say(account: Account) -> None:
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(account.summary()), indent=2) + b"\n")
    sys.stdout.buffer.flush()


def _ended(status: int, reason: str, account: Account) -> int:
    """What was written before stays, and the same command goes on behind it."""
    if account.seen:
        _say(account)
    sys.stderr.write(f"importing: {reason}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
