"""Rows of incidents for tests of the indexer, which makes none itself: put there as the owner."""

from collections.abc import Sequence
from itertools import count
from typing import Any
from uuid import UUID

from shared import ids
from tests.integration.indexer.conftest import NOW, Bench

_NUMBERS = count(1)


async def open_incident(bench: Bench, title: str = "A break-in", **columns: Any) -> UUID:
    """A new incident; `columns` are others of its table."""
    incident_id = ids.uuid7()
    values: dict[str, Any] = {
        "id": incident_id,
        "organization_id": bench.organization_id,
        "number": next(_NUMBERS),
        "title": title,
        "severity": 4,
        "received_at": NOW,
    } | columns
    names, places = ", ".join(values), ", ".join(f"${n + 1}" for n in range(len(values)))
    async with bench.postgres.connect() as owner:
        await owner.execute(f"INSERT INTO incidents ({names}) VALUES ({places})", *values.values())
    return incident_id


async def link(bench: Bench, incident_id: UUID, alert_ids: Sequence[UUID]) -> None:
    """Link alerts, as far as what follows them looks at."""
    async with bench.postgres.connect() as owner:
        await owner.execute(
            "UPDATE alerts SET incident_id = $1 WHERE id = ANY($2::uuid[])", incident_id, list(alert_ids)
        )


async def make_person(bench: Bench) -> UUID:
    """Somebody, as yet in no organization."""
    person = ids.uuid7()
    async with bench.postgres.connect() as owner:
        await owner.execute(
            "INSERT INTO users (id, email, name) VALUES ($1, $2, 'Ada')", person, f"{person}@example.org"
        )
    return person


async def dress(bench: Bench, incident_id: UUID, person: UUID) -> None:
    """What hangs on an incident and its document shows: a member, a note and an observable."""
    async with bench.postgres.connect() as owner:
        await owner.execute("INSERT INTO incident_members (incident_id, user_id) VALUES ($1, $2)", incident_id, person)
        await owner.execute(
            "INSERT INTO incident_notes (id, organization_id, incident_id, author_name, body) "
            "VALUES ($1, $2, $3, 'Ada', 'Lateral movement')",
            ids.uuid7(),
            bench.organization_id,
            incident_id,
        )
        value = ids.uuid7()
        await owner.execute(
            "INSERT INTO observables (id, organization_id, type, value) VALUES ($1, $2, 'ip', '203.0.113.9')",
            value,
            bench.organization_id,
        )
        await owner.execute(
            "INSERT INTO incident_observables (id, organization_id, incident_id, observable_id, ioc) "
            "VALUES ($1, $2, $3, $4, true)",
            ids.uuid7(),
            bench.organization_id,
            incident_id,
            value,
        )
