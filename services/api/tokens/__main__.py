"""`python -m services.api.tokens`: makes, lists and revokes API tokens, of an organization and of nobody in it.

`create` prints the token and nothing else: it is shown this once, the database keeps a hash.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.principal import EVERYTHING, SCOPES
from services.api.settings import TokenSettings
from services.api.text import MAX_NAME
from services.api.tokens import queries, service
from shared import clock, starting
from shared.db.engine import create_single_use_engine, sessionmaker
from shared.db.failures import in_words, is_transient
from shared.errors import EventSecError
from shared.models import ApiToken

EXPIRES_DAYS = 90
MOST_DAYS = 3650


def main(arguments: Sequence[str] | None = None) -> int:
    """The program; returns its exit status."""
    options = _parser().parse_args(arguments)
    try:
        answer = asyncio.run(_run(options, starting.read(TokenSettings)))
    except EventSecError as error:
        return _fail(str(error))
    except (SQLAlchemyError, OSError) as error:
        if not is_transient(error):
            raise
        return _fail(in_words(error, "api"))
    sys.stdout.write(answer + "\n")
    return 0


async def _run(options: argparse.Namespace, settings: TokenSettings) -> str:
    url = settings.postgres_address
    engine = create_single_use_engine(url, application_name="eventsec-tokens")
    try:
        async with sessionmaker(engine).begin() as session:
            return await _COMMANDS[options.command](session, options)
    finally:
        await engine.dispose()


async def _create(session: AsyncSession, options: argparse.Namespace) -> str:
    expires_at = clock.now() + timedelta(days=options.expires_days) if options.expires_days else None
    credential = await service.create(
        session,
        organization=options.organization,
        name=options.name,
        scopes=options.scopes,
        expires_at=expires_at,
    )
    return credential.secret


async def _list(session: AsyncSession, _: argparse.Namespace) -> str:
    rows = await session.execute(queries.with_organization())
    heading = "\t".join(("id", "organization", "name", "scopes", "expires", "last used", "revoked"))
    return "\n".join([heading, *(_line(token, owner) for token, owner in rows)])


async def _revoke(session: AsyncSession, options: argparse.Namespace) -> str:
    token = await service.revoke(session, options.id)
    return f"revoked {token.id}"


_COMMANDS = {"create": _create, "list": _list, "revoke": _revoke}


def _line(token: ApiToken, owner: str) -> str:
    moments = map(_moment, (token.expires_at, token.last_used_at, token.revoked_at))
    return "\t".join((str(token.id), owner, token.name, ",".join(token.scopes), *moments))


def _moment(value: datetime | None) -> str:
    return clock.isoformat(value) if value is not None else "-"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.api.tokens", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    create = commands.add_parser("create", help="make a token and print it, this once")
    create.add_argument("--organization", type=_name, required=True, help="whose it is; made where it is missing")
    create.add_argument("--name", type=_name, required=True, help="what it is for")
    create.add_argument(
        "--scopes",
        type=_scopes,
        default=[EVERYTHING],
        help=f"what it may do, by commas (default: everything): {' '.join(sorted(SCOPES))}",
    )
    create.add_argument(
        "--expires-days",
        type=_days,
        default=EXPIRES_DAYS,
        help=f"how long it is good for (default: {EXPIRES_DAYS}); 0 is for ever",
    )
    commands.add_parser("list", help="all tokens, without the secrets")
    revoke = commands.add_parser("revoke", help="end a token at once")
    revoke.add_argument("id", type=UUID, help="its id, as `list` shows it")
    return parser


def _name(text: str) -> str:
    name = text.strip()
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise argparse.ArgumentTypeError(f"1 to {MAX_NAME} printable characters")
    return name


def _scopes(text: str) -> list[str]:
    scopes = text.replace(",", " ").split()
    if unknown := set(scopes) - SCOPES:
        raise argparse.ArgumentTypeError(f"no such scope: {', '.join(sorted(unknown))}")
    if not scopes:
        raise argparse.ArgumentTypeError("at least one scope")
    return scopes


def _days(text: str) -> int:
    days = int(text)
    if not 0 <= days <= MOST_DAYS:
        raise argparse.ArgumentTypeError(f"0 to {MOST_DAYS} days")
    return days


def _fail(reason: str) -> int:
    sys.stderr.write(f"tokens: {reason}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
