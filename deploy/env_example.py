"""`python -m deploy.env_example [--check]`: writes `deploy/env.example` from the settings classes."""

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from pydantic import SecretStr
from pydantic_settings import BaseSettings

from deploy import written
from services.api.settings import ApiSettings
from services.indexer.settings import IndexerSettings
from services.ingest.settings import IngestSettings
from shared.bus.migrate import BusMigrateSettings
from shared.bus.users import BusUsersSettings
from shared.migrations.settings import MigrateSettings
from shared.search.migrate import MigrateSettings as SearchMigrateSettings
from shared.settings import variables

FILE = Path(__file__).with_name("env.example")
COMMON = {
    "EVENTSEC_POSTGRES_URL": "PostgreSQL URL (libpq's form) of processes that have none of their own below.",
    "EVENTSEC_POSTGRES_PASSWORD": "Password of its user; not for a URL that holds one.",
}
WIDTH = 118

HEAD = """\
# Settings of EventSec's processes, with their defaults. Uncomment what differs.
# Written by `make docs-write` from the settings classes; change the classes, not this file.
# Any EVENTSEC_X may come by file: EVENTSEC_X_FILE=/path. Passwords of the stores are read anew for each connection."""

# Each variable stands under the first process or program that reads it, the widest first.
EVERY = "every process"
READERS: dict[str, tuple[type[BaseSettings], ...]] = {
    EVERY: (IngestSettings, IndexerSettings, ApiSettings),
    "ingest": (IngestSettings,),
    "indexer": (IndexerSettings,),
    "api": (ApiSettings,),
    "the three migrate programs": (MigrateSettings, BusMigrateSettings, SearchMigrateSettings),
    "python -m shared.bus.users": (BusUsersSettings,),
}


def described(settings: type[BaseSettings]) -> Iterator[tuple[str, str, Any]]:
    """The environment variables a class reads: name, meaning, default. One field may be read from two."""
    read = variables(settings)
    for name, field in settings.model_fields.items():
        meaning, default = field.description or "", field.get_default(call_default_factory=True)
        own, *common = read[name]
        yield own, meaning, default
        yield from ((other, COMMON[other], default) for other in common)


def text() -> str:
    """What the file should hold."""
    lines, told = [HEAD], set[str]()
    for reader, group in READERS.items():
        read = [{name: (meaning, default) for name, meaning, default in described(one)} for one in group]
        together = set(read[0]).intersection if reader == EVERY else set(read[0]).union
        wanted = together(*read) - told
        lines += ["", f"# ---- {reader}", ""]
        for name, (meaning, default) in {k: v for one in read for k, v in one.items() if k in wanted}.items():
            lines += textwrap.wrap(meaning, WIDTH, initial_indent="# ", subsequent_indent="# ")
            lines += [f"#{name}={_shown(default)}", ""]
        told |= wanted
    return "\n".join(lines)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, bool | list | dict):
        return orjson.dumps(value).decode()
    return str(value)


if __name__ == "__main__":
    sys.exit(written.main("deploy.env_example", __doc__, FILE, text, "make docs-write"))
