"""Install a Debian or Ubuntu package as root, without any service of the system being started by it."""

import contextlib
import fcntl
import functools
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

from deploy.stack import machine
from deploy.stack.errors import StackError

POLICY = Path("/usr/sbin/policy-rc.d")
MANUALS = Path("/usr/share/man/man1")  # Java's packages fail without it, and slim images leave it out
LOCK = Path("/run/eventsec-stack.lock")
_SIGNATURE = "# Written by EventSec's deploy/stack for the time of one apt run; safe to remove.\n"

_one_at_a_time = threading.Lock()


def can_install() -> bool:
    return os.geteuid() == 0 and machine.program("apt-get") is not None


def install(*names: str) -> None:
    """Raises `StackError` with apt's last words."""
    with _one_at_a_time, _alone_on_this_machine(), services_stay_down():
        _refresh_lists()
        MANUALS.mkdir(parents=True, exist_ok=True)
        _apt("install", "--yes", "--no-install-recommends", "--no-upgrade", *names)


@functools.cache
def _refresh_lists() -> None:
    _apt("update")


def _apt(*words: str) -> None:
    argv = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", *words]
    environment = {**os.environ, "PATH": machine.search_path(), "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-8:])
        raise StackError(f"`{' '.join(argv)}` failed:\n{last}")


@contextlib.contextmanager
def _alone_on_this_machine() -> Iterator[None]:
    """Two checkouts at once would each put back the other's policy."""
    with LOCK.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def services_stay_down(policy: Path = POLICY) -> Iterator[None]:
    """Debian's way to say so: a policy script that answers 101. The one that was there comes back afterwards."""
    aside = policy.with_name(policy.name + ".eventsec-stack")
    _put_back(policy, aside)  # of a run that was killed
    if policy.exists():
        policy.rename(aside)
    policy.write_text(f"#!/bin/sh\n{_SIGNATURE}exit 101\n", encoding="ascii")
    policy.chmod(0o755)
    try:
        yield
    finally:
        _put_back(policy, aside)


def _put_back(policy: Path, aside: Path) -> None:
    if aside.exists():
        aside.replace(policy)
    elif policy.exists() and _SIGNATURE.encode() in policy.read_bytes():
        policy.unlink()
