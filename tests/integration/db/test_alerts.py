"""What the table of alerts holds to: one current row a key, versions that no writer can forget."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from shared import clock
from shared.db.engine import create_engine, sessionmaker
from shared.ids import uuid7
from shared.models import Organization
from tests.fixtures.postgres import Postgres
from tests.integration.db.rows import make_alert, make_observable, make_organization, make_suppression


@pytest.fixture
async def session(postgres: Postgres) -> AsyncIterator[AsyncSession]:
    engine = create_engine(postgres.url("owner"), application_name="test")
    async with sessionmaker(engine)() as session:
        yield session
    await engine.dispose()


@pytest.fixture
async def organization(session: AsyncSession) -> Organization:
    organization = make_organization()
    session.add(organization)
    await session.commit()
    return organization


async def test_every_update_raises_the_version_once_and_not_the_revision(
    session: AsyncSession, organization: Organization
) -> None:
    before = clock.now() - timedelta(minutes=1)
    alert = make_alert(organization, updated_at=before)
    session.add(alert)
    await session.commit()
    assert (alert.version, alert.revision) == (1, 1)
    alert.count = 7
    await session.commit()
    assert (alert.version, alert.revision) == (2, 1)
    assert alert.updated_at > before
    alert.revision += 1
    await session.commit()
    assert (alert.version, alert.revision) == (3, 2)


async def test_its_times_are_no_finer_than_opensearch_has_them(
    session: AsyncSession, organization: Organization
) -> None:
    moments = []
    for _ in range(3):
        alert = make_alert(organization)
        session.add(alert)
        await session.commit()
        moments += [alert.created_at, alert.updated_at]
        alert.count = 7
        await session.commit()
        moments.append(alert.updated_at)
    assert moments == [clock.whole_milliseconds(one) for one in moments]


@pytest.mark.parametrize("assignment", ["version = version", "title = title", "version = 40", "version = 0"])
async def test_no_writer_can_forget_or_forge_the_version(
    postgres: Postgres, session: AsyncSession, organization: Organization, assignment: str
) -> None:
    session.add(make_alert(organization))
    await session.commit()
    async with postgres.connect("indexer") as writer:
        assert await writer.fetchval(f"UPDATE alerts SET {assignment} RETURNING version") == 2


async def test_an_older_transaction_does_not_turn_updated_at_back(
    postgres: Postgres, session: AsyncSession, organization: Organization
) -> None:
    session.add(make_alert(organization))
    await session.commit()
    update = "UPDATE alerts SET count = count + 1 RETURNING updated_at"
    async with postgres.connect("indexer") as old, postgres.connect("indexer") as young, old.transaction():
        await old.fetchval("SELECT now()")
        later = await young.fetchval(update)
        assert await old.fetchval(update) >= later


async def test_one_current_alert_a_key(session: AsyncSession, organization: Organization) -> None:
    first = make_alert(organization)
    session.add(first)
    await session.commit()
    key: dict[str, Any] = {"fingerprint": first.fingerprint, "fold_window": first.fold_window}
    session.add_all(
        [
            make_alert(organization, fingerprint=first.fingerprint, fold_window=first.fold_window + 1),
            make_alert(organization, **key, suppression=make_suppression(organization), status="suppressed"),
        ]
    )
    await session.commit()
    with pytest.raises(IntegrityError, match="uq_alerts_current"):
        async with session.begin_nested():
            session.add(make_alert(organization, **key))
            await session.flush()
    with pytest.raises(IntegrityError, match="uq_alerts_current"):
        async with session.begin_nested():
            session.add(make_alert(organization, **key, status="closed"))
            await session.flush()


async def test_a_successor_takes_over_from_a_closed_alert_only(
    session: AsyncSession, organization: Organization
) -> None:
    first = make_alert(organization)
    session.add(first)
    await session.commit()
    with pytest.raises(IntegrityError, match="ck_alerts_succeeded_is_closed"):
        async with session.begin_nested():
            first.current = False
            await session.flush()
    await session.refresh(first)
    first.status, first.current = "closed", False
    await session.flush()
    successor = make_alert(
        organization,
        fingerprint=first.fingerprint,
        fold_window=first.fold_window,
        previous_alert_id=first.id,
    )
    session.add(successor)
    await session.commit()
    with pytest.raises(IntegrityError, match="ck_alerts_succeeded_is_closed"):
        async with session.begin_nested():
            first.status = "new"
            await session.flush()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("severity", 0),
        ("severity", 6),
        ("sensor_severity", 6),
        ("status", "opened"),
        ("verdict", "guilty"),
        ("risk", 101),
        ("risk", -1),
        ("assignee_id", uuid7()),
        ("previous_alert_id", uuid7()),
    ],
)
async def test_values_that_mean_nothing_are_refused(
    session: AsyncSession, organization: Organization, column: str, value: object
) -> None:
    session.add(make_alert(organization, **{column: value}))
    with pytest.raises(IntegrityError):
        await session.flush()


async def test_a_suppression_has_a_current_row_of_its_own_key(
    postgres: Postgres, session: AsyncSession, organization: Organization
) -> None:
    first = make_alert(organization, suppression=make_suppression(organization), status="suppressed")
    session.add(first)
    await session.commit()
    async with postgres.connect("indexer") as writer:
        with pytest.raises(asyncpg.UniqueViolationError):
            await writer.execute(
                """
                INSERT INTO alerts (id, organization_id, fingerprint, fold_window, suppression_id, status, title,
                    severity, sensor_severity, first_seen, last_seen)
                SELECT gen_random_uuid(), organization_id, fingerprint, fold_window, suppression_id, status, title,
                    severity, sensor_severity, first_seen, last_seen FROM alerts
                """
            )


async def test_an_observable_is_as_long_as_its_index_takes(
    postgres: Postgres, session: AsyncSession, organization: Organization
) -> None:
    """1,024 characters, 2,560 bytes; what a writer can test is what the table holds to."""
    import random

    letters = [chr(code) for code in range(0x4E00, 0x9FFF)]
    incompressible = "".join(random.Random(1).choices(letters, k=853))
    assert len(incompressible.encode()) == 2559
    session.add_all(
        [make_observable(organization, value=incompressible), make_observable(organization, value="é" * 1024)]
    )
    await session.commit()
    for value in ("", "x" * 1025, "語" * 1024):
        with pytest.raises(IntegrityError, match="ck_observables_value"):
            async with session.begin_nested():
                session.add(make_observable(organization, value=value))
                await session.flush()


async def test_the_queue_is_read_from_its_index(postgres: Postgres) -> None:
    async with postgres.connect("owner") as connection:
        await connection.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
        plan = await connection.fetch(
            """
            EXPLAIN (COSTS OFF) SELECT id FROM alerts
            WHERE organization_id = '00000000-0000-0000-0000-000000000001'
                AND status IN ('new', 'acknowledged', 'in_progress')
            ORDER BY risk DESC, last_seen DESC, id LIMIT 50
            """
        )
    words = "\n".join(row[0] for row in plan)
    assert "ix_alerts_queue" in words
    assert "Sort" not in words
