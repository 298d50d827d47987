"""The audit's chain: whole it is found whole, and each kind of tampering is found where it is."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from shared.domain.audit import FIELDS, FIRST, Chain, Link, canonical, sealed

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def entry(number: int, **changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "id": UUID(int=number),
        "organization_id": UUID(int=1),
        "actor": "user",
        "actor_id": UUID(int=2),
        "actor_name": "Ann",
        "action": "alert.closed",
        "kind": "alert",
        "object_id": UUID(int=3),
        "changes": {"status": ["new", "closed"]},
        "details": {},
        "correlation_id": "c",
        "address": None,
        "created_at": NOON + timedelta(seconds=number),
    }
    return base | changes


def links(count: int) -> list[Link]:
    made, before = [], FIRST
    for number in range(1, count + 1):
        one = entry(number)
        before = sealed(before, one)
        made.append(Link(one, number, before))
    return made


def followed(chain: list[Link]) -> Chain:
    found = Chain()
    found.follow(chain)
    return found


def test_a_whole_chain_is_whole_also_in_pieces() -> None:
    chain = links(5)
    assert followed(chain).broken is None
    pieces = Chain()
    pieces.follow(chain[:2])
    pieces.follow(chain[2:])
    assert (pieces.broken, pieces.sequence, pieces.head) == (None, 5, chain[-1].hash)


@pytest.mark.parametrize("field", FIELDS)
def test_a_change_of_any_field_shows_at_its_entry(field: str) -> None:
    chain = links(4)
    changed = dict(chain[2].entry) | {field: "tampered"}
    chain[2] = chain[2]._replace(entry=changed)
    broken = followed(chain).broken
    assert broken is not None
    assert (broken.sequence, broken.reason) == (3, "the entry is not what was sealed")


def test_a_link_taken_out_shows_at_the_gap() -> None:
    chain = links(4)
    del chain[1]
    broken = followed(chain).broken
    assert broken is not None
    assert (broken.sequence, broken.reason) == (3, "place 2 is gone")


def test_a_seal_made_anew_shows_at_the_next() -> None:
    chain = links(4)
    changed = entry(2, action="alert.reopened")
    chain[1] = Link(changed, 2, sealed(chain[0].hash or b"", changed))
    broken = followed(chain).broken
    assert broken is not None
    assert broken.sequence == 3


def test_what_is_hashed_depends_on_the_moment_not_on_its_zone() -> None:
    zone = timezone(timedelta(hours=1))
    assert canonical(entry(1)) == canonical(entry(1, created_at=entry(1)["created_at"].astimezone(zone)))
    assert canonical(entry(1, changes={"a": 1, "b": 2})) == canonical(entry(1, changes={"b": 2, "a": 1}))
