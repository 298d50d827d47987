"""`python -m shared.bus.users`: gives each process a RabbitMQ user of its own that may do what it does, and no more.

Run it as the operator's user, which needs the tag `administrator`, before the processes start, and again whenever a
password has changed: open connections stay, new ones need the new password. May run at any time, and twice at once.
"""

import argparse
import asyncio
import re
import sys
from dataclasses import dataclass
from typing import Any

import uvloop
from pydantic import AliasChoices, Field, SecretStr

from shared import log, starting
from shared.bus.management import Management, Rights
from shared.bus.migrate import BusMigrateSettings, management_of, patiently
from shared.bus.parked import PARKED
from shared.bus.topology import ACCOUNTS_KEY, CHANGES_EXCHANGE, EXCHANGE, QUARANTINED_KEY, QUEUES
from shared.credentials import Password
from shared.errors import EventSecError, Invalid

logger = log.get(__name__)

NOTHING = "^$"


@dataclass(frozen=True)
class Process:
    """A process's user: what it may do, and what the management API tells it (`tags`)."""

    rights: Rights
    tags: str = ""


def _only(*names: str) -> str:
    return f"^({'|'.join(re.escape(name) for name in names)})$"


# Nobody configures: the topology is the operator's. Only the queue that an api process hears changes by is its own.
_OWN_QUEUE = r"^amq\.gen-.*$"

# The broker's name for what publishes straight to a queue.
_DEFAULT_EXCHANGE = "amq.default"

PROCESSES = {
    # May put in what came to the door. May not see it again, take it out, or tell of changes.
    "ingest": Process(
        Rights(NOTHING, _only(EXCHANGE), NOTHING, rf"^events\.received\..+$|{_only(QUARANTINED_KEY, ACCOUNTS_KEY)}")
    ),
    # Takes out of every queue, tells of changes, and puts what was parked back into the queue it came from.
    # Sees what is free on the broker's disk, which takes `monitoring`.
    "indexer": Process(
        Rights(
            NOTHING,
            _only(EXCHANGE, CHANGES_EXCHANGE, _DEFAULT_EXCHANGE),
            _only(*(queue.name for queue in QUEUES)),
            r"^[a-z_]+\.changed$",
        ),
        tags="monitoring",
    ),
    # Hears of changes and looks at what is parked. Sees how much is in the queues, which takes `management`.
    "api": Process(
        Rights(
            _OWN_QUEUE,
            _OWN_QUEUE,
            f"{_OWN_QUEUE}|{_only(CHANGES_EXCHANGE, *PARKED)}",
            NOTHING,
        ),
        tags="management",
    ),
}


def _password(process: str) -> Any:
    return Field(
        default=None,
        validation_alias=AliasChoices(f"EVENTSEC_{process.upper()}_RABBITMQ_PASSWORD"),
        description=f"Password that `python -m shared.bus.users` gives the {process} process's user.",
    )


class BusUsersSettings(BusMigrateSettings):
    """For the run that makes the users."""

    rabbitmq_users: str = Field(
        default="eventsec",
        pattern=r"^[A-Za-z0-9_-]{1,60}$",
        description="How the users' names begin, so that one broker serves several: `eventsec` makes eventsec_ingest.",
    )
    ingest_rabbitmq_password: Password | None = _password("ingest")
    indexer_rabbitmq_password: Password | None = _password("indexer")
    api_rabbitmq_password: Password | None = _password("api")

    def passwords(self) -> dict[str, SecretStr]:
        """By process. Raises Invalid, naming the variables, where one is missing."""
        found = {process: getattr(self, f"{process}_rabbitmq_password") for process in PROCESSES}
        if missing := [f"EVENTSEC_{process.upper()}_RABBITMQ_PASSWORD" for process, one in found.items() if not one]:
            raise Invalid(f"{', '.join(missing)}: not set", code="incomplete_setting")
        return found


def user_name(settings: BusUsersSettings, process: str) -> str:
    """What a process's user is called."""
    return f"{settings.rabbitmq_users}_{process}"


async def set_users(settings: BusUsersSettings) -> None:
    """Make the users, and set what they may do and their passwords; may run twice, and twice at once.

    Raises Unavailable when the server did not come in time, Invalid for settings that do not suffice, and where the
    server refuses.
    """
    passwords, management = settings.passwords(), management_of(settings)
    if management is None:
        raise Invalid("EVENTSEC_RABBITMQ_MANAGEMENT_URL: not set", code="incomplete_setting")

    async def step() -> None:
        for process, user in PROCESSES.items():
            await asyncio.to_thread(_set, management, user_name(settings, process), user, passwords[process])

    await patiently(step, settings.migrate_wait_seconds)
    logger.info("bus_users_set", users=[user_name(settings, process) for process in PROCESSES])


def _set(management: Management, name: str, user: Process, password: SecretStr) -> None:
    management.set_user(name, password.get_secret_value(), user.tags)
    management.set_rights(name, user.rights)


def main(arguments: list[str] | None = None) -> int:
    """Run once; 0 when all users are as they should be."""
    argparse.ArgumentParser(prog="python -m shared.bus.users", description=__doc__).parse_args(arguments)
    settings = starting.read(BusUsersSettings)
    log.configure("bus-users", log_format=settings.log_format, level=settings.log_level)
    try:
        uvloop.run(set_users(settings))
    except EventSecError as error:
        logger.error("bus_users_failed", code=error.code, reason=str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
