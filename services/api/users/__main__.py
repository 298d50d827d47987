"""`python -m services.api.users`: the first person of an installation, who adds the others; a way back for the last.

Who is reset signs in with a password from then on: the link to the identity provider goes, and what its groups gave.
The password comes from standard input, or is made and printed, this once; it has to be changed at the first sign-in
where it was made. Whose it is stands on standard error, so that a program reads nothing but the password.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from services.api import passwords, trail
from services.api.auth import oidc
from services.api.passwords import Passwords
from services.api.settings import TokenSettings
from services.api.text import MAX_NAME
from services.api.tokens import queries as organizations
from services.api.users import queries, service
from shared import ids, starting
from shared.db.engine import create_single_use_engine, sessionmaker
from shared.db.failures import is_transient
from shared.domain.permissions import Role
from shared.errors import EventSecError
from shared.models import Membership, Organization, User


class Said(NamedTuple):
    """What a command has to say, on standard output, and to a person about it."""

    text: str
    about: str = ""


def main(arguments: Sequence[str] | None = None) -> int:
    """The program; returns its exit status."""
    options = _parser().parse_args(arguments)
    try:
        said = asyncio.run(_run(options))
    except EventSecError as error:
        return _fail(str(error))
    except (SQLAlchemyError, OSError) as error:
        if not is_transient(error):
            raise
        return _fail(f"PostgreSQL does not answer ({type(error).__name__})")
    sys.stderr.write(said.about)
    sys.stderr.flush()
    sys.stdout.write(said.text + "\n")
    return 0


async def _run(options: argparse.Namespace) -> Said:
    url = starting.read(TokenSettings).postgres_address
    engine = create_single_use_engine(url, application_name="eventsec-users")
    try:
        async with sessionmaker(engine).begin() as session:
            return await _COMMANDS[options.command](session, options)
    finally:
        await engine.dispose()


async def _create(session: AsyncSession, options: argparse.Namespace) -> Said:
    given = sys.stdin.readline().rstrip("\n") if options.password_stdin else None
    if given is not None:
        passwords.refuse_weak(given, email=options.email)
    await session.execute(
        insert(Organization).values(id=ids.uuid7(), name=options.organization).on_conflict_do_nothing()
    )
    home = (await session.scalars(organizations.organization_named(options.organization))).one()
    if await session.scalar(queries.by_email(options.email)) is not None:
        raise service.AlreadyMember("Somebody with this e-mail address is there already.")
    password = given or service.first_password()
    user = User(email=options.email, name=options.name or options.email, must_change_password=given is None)
    user.password_hash = await Passwords().hash(password)
    session.add(user)
    await service.join(session, user, home.id, Role(options.role))
    trail.record_program(
        session,
        "user.added",
        program="services.api.users",
        organization_id=home.id,
        kind="user",
        object_id=user.id,
        changes={"role": (None, options.role)},
        email=user.email,
    )
    return _first(password, user) if given is None else Said(f"made {user.id}")


async def _reset(session: AsyncSession, options: argparse.Namespace) -> Said:
    found = queries.by_email(options.email).options(selectinload(User.memberships)).with_for_update(of=User)
    user = await session.scalar(found)
    if user is None:
        raise service.UserNotFound("Nobody has this e-mail address.")
    password = service.first_password()
    await service.begin_anew(session, user, await Passwords().hash(password))
    for one in user.memberships:
        _tell(session, "user.reset", user, one)
        if one.source == oidc.SOURCE:
            # Nobody would take it back when the groups do: they are followed where somebody signs in by the provider.
            await session.delete(one)
            _tell(session, "user.removed", user, one, {"role": (one.role, None)})
    return _first(password, user)


def _first(password: str, user: User) -> Said:
    return Said(password, about=f"first password of {user.email}, to be changed at the first sign-in:\n")


def _tell(
    session: AsyncSession, action: str, user: User, membership: Membership, changes: trail.Changes | None = None
) -> None:
    trail.record_program(
        session,
        action,
        program="services.api.users",
        organization_id=membership.organization_id,
        kind="user",
        object_id=user.id,
        changes=changes,
        email=user.email,
        name=user.name,
    )


_COMMANDS = {"create-admin": _create, "reset": _reset}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.api.users", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    create = commands.add_parser("create-admin", help="make a person, an admin unless told otherwise")
    create.add_argument("--email", type=_email, required=True, help="what they sign in with")
    create.add_argument("--name", type=_name, help="what others see (default: the e-mail address)")
    create.add_argument("--organization", type=_name, required=True, help="where; made where it is missing")
    create.add_argument("--role", choices=[str(role) for role in Role], default=str(Role.ADMIN))
    create.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    reset = commands.add_parser("reset", help="a new first password for who lost theirs, or the authenticator app")
    reset.add_argument("--email", type=_email, required=True, help="what they sign in with")
    return parser


def _name(text: str) -> str:
    name = text.strip()
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise argparse.ArgumentTypeError(f"1 to {MAX_NAME} printable characters")
    return name


def _email(text: str) -> str:
    name = _name(text)
    if name.count("@") != 1 or name.startswith("@") or name.endswith("@") or " " in name:
        raise argparse.ArgumentTypeError("an e-mail address")
    return name


def _fail(reason: str) -> int:
    sys.stderr.write(f"users: {reason}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
