"""Loopback ports: keep those we had while they are free, else find others."""

import random
import socket
from collections.abc import Iterable, Mapping

LOOPBACK = "127.0.0.1"

# Below every system's ephemeral range, so that no client's source port takes a server's port while it is down.
CANDIDATES = range(20000, 32000)


def is_free(port: int) -> bool:
    """Whether a server could listen there now (connections still closing do not count as taken)."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def settle(roles: Iterable[str], before: Mapping[str, int]) -> dict[str, int]:
    """A free port for each role: the one it had, else a new one.

    Raises `OSError` when no port is free.
    """
    settled: dict[str, int] = {}
    for role in roles:
        had = before.get(role)
        keeps = had is not None and had not in settled.values() and is_free(had)
        settled[role] = had if had is not None and keeps else _find(set(settled.values()) | set(before.values()))
    return settled


def _find(avoid: set[int]) -> int:
    # Random, so that two checkouts starting at the same moment do not run after the same port.
    for port in random.SystemRandom().sample(CANDIDATES, 500):
        if port not in avoid and is_free(port):
            return port
    raise OSError(f"no free port on {LOOPBACK} between {CANDIDATES.start} and {CANDIDATES.stop}")
