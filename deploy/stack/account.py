"""Whose processes the servers are: the caller's, or an ordinary user's when the caller is root."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass

NAME = "eventsec-stack"


@dataclass(frozen=True)
class Account:
    name: str
    uid: int
    gid: int


def ordinary() -> Account | None:
    """The user to run servers as, or `None` for the caller.

    Postgres and OpenSearch refuse root. As root we make a system user of our own rather than borrow one: `postgres`
    and `rabbitmq` own the system's servers, `nobody` is shared with whatever else runs as it, and a bare number will
    not do because `initdb` wants a name. Where no user can be made, `nobody` it is.
    """
    if os.geteuid() != 0:
        return None
    return _look_up(NAME) or _create() or _look_up("nobody")


def _look_up(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _create() -> Account | None:
    shadow = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell"]
    ways = [[*shadow, "/usr/sbin/nologin", NAME], ["adduser", "-S", "-D", "-H", NAME]]  # the second is BusyBox's
    for way in ways:
        if shutil.which(way[0]):
            # May fail because another checkout did it at the same moment: the look-up tells.
            subprocess.run(way, capture_output=True, check=False)
            if account := _look_up(NAME):
                return account
    return None
