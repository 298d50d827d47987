"""`python -m services.api.rekey`: encrypt every stored secret with the first key of EVENTSEC_SECRET_KEYS.

The key before can be taken out of the settings when `--check` ends with status 0. Processes keep running: all of them
need the new key first, before any program runs this. May be killed and run again: what is done stays done.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import InstrumentedAttribute

from services.api.settings import RekeySettings
from shared import log, starting
from shared.cipher import Cipher, WrongKey
from shared.db.engine import create_single_use_engine, sessionmaker
from shared.db.failures import in_words, is_transient
from shared.errors import EventSecError
from shared.ids import NIL
from shared.models import NotificationChannel, User

logger = log.get(__name__)

PAGE = 500
DONE, LEFT, FAILED = 0, 1, 2

Model = type[User] | type[NotificationChannel]
KINDS: dict[str, tuple[Model, "InstrumentedAttribute[Any]"]] = {
    "one-time-code seeds": (User, User.totp_secret),
    "notification channels": (NotificationChannel, NotificationChannel.secret),
}
"""Every column that `shared.cipher` encrypts."""


@dataclass
class Count:
    """Secrets of a kind: `old` are under another key than the first, `lost` under none that is known."""

    current: int = 0
    old: int = 0
    lost: int = 0
    renewed: int = 0


async def run(sessions: async_sessionmaker[AsyncSession], cipher: Cipher, *, write: bool) -> dict[str, Count]:
    """Go through all secrets, a page in a transaction; with `write` those of other keys are encrypted anew."""
    return {kind: await _go_through(sessions, cipher, kind, write=write) for kind in KINDS}


async def _go_through(sessions: async_sessionmaker[AsyncSession], cipher: Cipher, kind: str, *, write: bool) -> Count:
    count, after = Count(), NIL
    while True:
        async with sessions.begin() as session:
            last = await _page(session, cipher, kind, after, count, write=write)
        if last is None:
            return count
        after = last
        logger.info("rekeyed" if write else "keys_checked", kind=kind, renewed=count.renewed, current=count.current)


async def _page(
    session: AsyncSession, cipher: Cipher, kind: str, after: UUID, count: Count, *, write: bool
) -> UUID | None:
    """The last id of the page, None behind the end."""
    model, column = KINDS[kind]
    rows = await session.execute(
        select(model.id, column).where(model.id > after, column.is_not(None)).order_by(model.id).limit(PAGE)
    )
    last = None
    for last, kept in rows.all():
        try:
            if cipher.is_current(kept):
                count.current += 1
                continue
            fresh = cipher.encrypt(cipher.decrypt(kept))
        except WrongKey:
            count.lost += 1
            logger.warning("secret_lost", kind=kind, id=str(last))
            continue
        # Whoever changed it meanwhile has encrypted it anew, with a key that is current.
        changed = update(model).where(model.id == last, column == kept).values({column: fresh})
        if write and (await session.execute(changed)).rowcount:  # type: ignore[attr-defined]
            count.renewed += 1
        else:
            count.old += 1
    return last


async def _run(settings: RekeySettings, *, write: bool) -> dict[str, Count]:
    engine = create_single_use_engine(settings.postgres_address, application_name="eventsec-rekey")
    try:
        return await run(sessionmaker(engine), Cipher(settings.secret_keys.get_secret_value().split(",")), write=write)
    finally:
        await engine.dispose()


def main(arguments: Sequence[str] | None = None) -> int:
    """The program; status 0 when all secrets are under the first key, 1 when some are not."""
    parser = argparse.ArgumentParser(prog="python -m services.api.rekey", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; only count")
    options = parser.parse_args(arguments)
    try:
        settings = starting.read(RekeySettings)
        log.configure("rekey", log_format=settings.log_format, level=settings.log_level, stream=sys.stderr)
        counts = asyncio.run(_run(settings, write=not options.check))
    except (EventSecError, ValueError) as error:
        return _fail(str(error))
    except (SQLAlchemyError, OSError) as error:
        if not is_transient(error):
            raise
        return _fail(in_words(error, "api"))
    for kind, count in counts.items():
        sys.stdout.write(
            f"{kind}: {count.renewed} renewed, {count.current} current before, {count.old} under an old key, "
            f"{count.lost} under no known key\n"
        )
    return LEFT if any(count.old or count.lost for count in counts.values()) else DONE


def _fail(reason: str) -> int:
    sys.stderr.write(f"rekey: {reason}\n")
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
