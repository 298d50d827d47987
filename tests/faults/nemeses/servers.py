"""What can be done to any server: kill all of its processes at once, or freeze them."""

import asyncio
import random
import signal

from tests.faults.nemeses.nemesis import Field, Nemesis


def killed(server: str) -> Nemesis:
    """SIGKILL to every process of it; started again on the data it left."""

    async def hurt(field: Field, _: random.Random, seconds: float) -> int:
        try:
            delivered = await field.system.kill_server(server)
            await asyncio.sleep(seconds)
        finally:
            await field.system.start_server(server)
        return delivered

    return Nemesis(f"{server}_killed", frozenset({server}), hurt)


def frozen(server: str) -> Nemesis:
    """SIGSTOP to every process of it: connections stay, nothing answers; then SIGCONT."""

    async def hurt(field: Field, _: random.Random, seconds: float) -> int:
        try:
            delivered = await field.system.kill_server(server, signal.SIGSTOP)
            await asyncio.sleep(seconds)
        finally:
            await field.system.kill_server(server, signal.SIGCONT)
        return delivered

    return Nemesis(f"{server}_frozen", frozenset({server}), hurt)
