"""Which indices a row's document goes to: the one that is read, and the one being filled to take its place.

A *line* of indices is known by its first name: `alerts`, `incidents`, or the index of one period of events. Its
generations are rows of `search_generations`; a line without rows still has the index it began with.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import asyncpg

from shared.search.indices import TABLES, first_generation

READ = """
    SELECT alias AS line, index_name, state FROM search_generations
    WHERE alias = ANY($1::text[]) AND state <> 'retired'
"""


@dataclass(frozen=True, slots=True)
class Target:
    """The bare names of a line's indices: the one that is read, and the one being filled, if any.

    `active` is None for who fills the other one alone.
    """

    active: str | None
    building: str | None = None

    @property
    def names(self) -> list[str]:
        """Both, as far as they are there."""
        return [name for name in (self.active, self.building) if name]


Targets = Mapping[str, Target]


def first_of_line(line: str) -> str:
    """Bare name of the index that a line begins with."""
    return first_generation(line) if line in TABLES else line


def next_of_line(line: str, generation: int) -> str:
    """Bare name of a later index of a line."""
    return f"{line}-v{generation}-000001" if line in TABLES else f"{line}-{generation:06d}"


class Generations:
    """Asks Postgres each time.

    Whoever writes documents asks after it has read the rows they are made of. So of two things one is true: it
    sees that a generation is being filled and writes both, or its rows were committed before the filling began
    and are read by that.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def of(self, lines: Iterable[str]) -> dict[str, Target]:
        """The target of each of these lines, as of now."""
        wanted = sorted(set(lines))
        rows = await self._pool.fetch(READ, wanted) if wanted else []
        named = {(row["line"], row["state"]): row["index_name"] for row in rows}
        return {
            line: Target(named.get((line, "active"), first_of_line(line)), named.get((line, "building")))
            for line in wanted
        }
