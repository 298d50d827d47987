"""How a process comes by its settings: it has them, or says in one line what is wrong with them and ends."""

import os
import sys
from typing import TypeVar

from pydantic import ValidationError
from pydantic_settings import SettingsError

from shared.errors import EventSecError
from shared.settings import Settings, variables

Own = TypeVar("Own", bound=Settings)


def read(settings: type[Own]) -> Own:
    """The settings of the environment. Ends the process with status EX_CONFIG when they are refused."""
    try:
        return settings()
    except ValidationError as error:
        refused = "; ".join(_in_words(settings, one["loc"], one["msg"]) for one in error.errors(include_input=False))
    except (EventSecError, SettingsError) as error:
        refused = str(error)
    sys.stderr.write(f"settings: {refused}\n")
    raise SystemExit(os.EX_CONFIG)


def _in_words(settings: type[Settings], where: tuple[int | str, ...], message: str) -> str:
    """Names the variable, and never what is in it: that may be a secret."""
    named = [str(part) for part in where]
    if named:
        named[0] = variables(settings).get(named[0], named)[0]
    return f"{'.'.join(named)}: {message}" if named else message
