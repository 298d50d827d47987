"""What a story is told with: the moment it begins, and chance."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random

from deploy.demo.generator.company import Attacker, attacker
from deploy.demo.generator.happening import Happening


class Scene:
    """One telling of a story; moments are seconds after its beginning."""

    def __init__(self, rng: Random, begin: datetime) -> None:
        self.rng = rng
        self._begin = begin
        self.enemy: Attacker = attacker(rng)

    def at(self, seconds: float) -> datetime:
        """That moment, give or take a few milliseconds, as sensors' clocks are."""
        return self._begin + timedelta(seconds=seconds, microseconds=self.rng.randrange(20_000))

    def every(self, step: float, count: int, *, start: float = 0) -> Iterator[datetime]:
        """`count` moments about `step` seconds apart."""
        for number in range(count):
            yield self.at(start + step * (number + self.rng.uniform(-0.2, 0.2)))


Story = Callable[[Scene], Iterator[Happening]]
