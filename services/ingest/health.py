"""What the door needs to be ready, and what it would like to have."""

from collections.abc import Callable

from aio_pika.exceptions import AMQPError

from shared.bus.management import Management
from shared.bus.migrate import TopologyProbe, missing_policies
from shared.bus.publisher import Publisher
from shared.health import Check, NotReady


class Rabbitmq:
    """RabbitMQ is up when connected, taking messages, and set up; missing policies are a warning."""

    def __init__(self, publisher: Publisher, management: Management | None) -> None:
        self._publisher, self._management = publisher, management
        self._topology = TopologyProbe()
        self._warning: str | None = None if management else "policies not checked: no management URL"

    async def look_at_policies(self) -> None:
        """Ask for the policies; less often than for readiness, because it goes over HTTP."""
        if self._management is not None:
            self._warning = await missing_policies(self._management)

    async def probe(self) -> str | None:
        """For a Check."""
        connection = self._publisher.connection
        if connection is None:
            raise NotReady("not connected, or its exchanges are not there")
        if self._publisher.blocked:
            raise NotReady("blocked: no memory or no disk left on the broker")
        try:
            missing = await self._topology.missing(connection)
        except (AMQPError, RuntimeError, ConnectionError):
            raise NotReady("connection lost") from None
        if missing:
            raise NotReady(f"not set up: {', '.join(missing)}")
        return self._warning


def checks(
    rabbitmq: Rabbitmq,
    *,
    registry_trouble: Callable[[], str | None],
    registry_age: Callable[[], float],
    registry_seconds: float,
    full: Callable[[], bool],
) -> list[Check]:
    """The checks of `/readyz`. `registry_age` is infinite while no registry was ever loaded."""

    async def registry() -> str | None:
        if trouble := registry_trouble():
            raise NotReady(trouble)
        return None

    async def capacity() -> str | None:
        if full():
            raise NotReady("as many requests in flight as it may hold")
        return None

    async def postgres() -> str | None:
        if (age := registry_age()) > 4 * registry_seconds + 5:
            old = "was never read" if age == float("inf") else f"is {age:.0f} seconds old"
            raise NotReady(f"the sensor registry {old}")
        return None

    return [
        Check("rabbitmq", rabbitmq.probe),
        Check("registry", registry),
        Check("capacity", capacity),
        Check("postgres", postgres, required=False),
    ]
