"""Every relationship, made, followed both ways, changed and taken apart in a real database."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import selectinload

from shared import clock
from shared.db.engine import create_engine, sessionmaker
from shared.models import (
    Alert,
    AlertNoteVersion,
    AlertObservable,
    AuditEntry,
    Base,
    CloseReason,
    Incident,
    IncidentAlert,
    Invitation,
    JobItem,
    JobOutput,
    Membership,
    NotificationRoute,
    Organization,
    SavedView,
    Sensor,
    SensorKey,
    Snooze,
    SuppressionMatch,
    SuppressionVersion,
    User,
)
from tests.fixtures.postgres import Postgres
from tests.integration.db.incident_rows import make_incident, make_template, on
from tests.integration.db.rows import (
    make_alert,
    make_api_token,
    make_channel,
    make_job,
    make_note,
    make_notification,
    make_observable,
    make_organization,
    make_sensor,
    make_sensor_key,
    make_session,
    make_suppression,
    make_user,
)


@pytest.fixture
async def sessions(postgres: Postgres) -> AsyncIterator[async_sessionmaker[AsyncSession]]:
    engine = create_engine(postgres.url("owner"), application_name="test")
    yield sessionmaker(engine)
    await engine.dispose()


async def _populate(session: AsyncSession) -> None:
    """One row at each end of each relationship."""
    organization, person = make_organization(), make_user()
    sensor = make_sensor(organization)
    session.add_all([organization, person, sensor])
    await session.flush()
    first = make_alert(organization, status="closed", current=False)
    second = make_alert(organization, fingerprint=first.fingerprint, previous_alert=first)
    second.assignee = second.created_by = second.acknowledged_by = second.closed_by = person
    suppression = make_suppression(organization)
    suppression.approved_at = clock.now()
    suppression.owner = suppression.created_by = suppression.approved_by = suppression.ended_by = person
    second.suppression = suppression
    channel = make_channel(organization)
    sent = make_notification(organization, user=person)
    job = make_job(organization, created_by=person)
    link = AlertObservable(alert=second, observable=make_observable(organization))
    session.add_all([second, link, make_sensor_key(sensor), make_api_token(organization, created_by=person)])
    session.add_all([suppression, channel, sent, job])
    await session.flush()
    note = make_note(second, author=person)
    session.add_all(
        [
            Membership(user=person, organization=organization, role="analyst"),
            make_session(person),
            note,
            AlertNoteVersion(note=note, revision=1, author=person, author_name="Ada", body=""),
            Snooze(alert=second, user=person, until=clock.now(), count=1, severity=3),
            SavedView(organization=organization, owner=person, kind="alert", name="mine", query=""),
            Invitation(
                organization=organization, email="x@example.org", role="viewer", code_hash=b"x", expires_at=clock.now()
            ),
            CloseReason(organization=organization, verdict="false_positive", name="test"),
            make_job(organization, undo_of=job),
            JobItem(job=job, ordinal=0, target_id=second.id),
            JobOutput(job=job, ordinal=0, content=b"{}"),
            SuppressionVersion(suppression=suppression, revision=1, content={}, changed_by=person),
            SuppressionMatch(suppression=suppression, alert=second),
            NotificationRoute(organization=organization, channel=channel),
            NotificationRoute(organization=organization, user=person),
            make_notification(organization, channel=channel, sent_with=sent),
            AuditEntry(organization_id=organization.id, actor="system", actor_name="x", action="x", kind="x"),
        ]
    )
    await _populate_incidents(session, organization, person)
    await session.commit()


async def _populate_incidents(session: AsyncSession, organization: Organization, person: User) -> None:
    template = make_template(organization, created_by=person)
    people = {"assignee": person, "reporter": person, "reviewer": person, "closed_by": person}
    incident = make_incident(organization, 1, template=template, **people)
    merged = make_incident(organization, 2, merged_into=incident, status="merged")
    alert = make_alert(organization, incident=incident)
    session.add_all([incident, merged, alert])
    await session.flush()
    session.add_all(on(incident, merged, person, alert, make_observable(organization)))


def _ends() -> list[tuple[str, str]]:
    Base.registry.configure()
    return [
        (mapper.class_.__name__, relationship.key)
        for mapper in sorted(Base.registry.mappers, key=lambda m: m.class_.__name__)
        for relationship in mapper.relationships
    ]


async def test_each_relationship_leads_there_and_back(sessions: async_sessionmaker[AsyncSession]) -> None:
    classes = {mapper.class_.__name__: mapper.class_ for mapper in Base.registry.mappers}
    async with sessions() as session:
        await _populate(session)
    for name, key in _ends():
        followed = 0
        attribute = getattr(classes[name], key)
        back = attribute.property.back_populates
        other = getattr(attribute.property.mapper.class_, back)
        async with sessions() as session:
            rows: list[Any] = list(
                await session.scalars(select(classes[name]).options(selectinload(attribute).selectinload(other)))
            )
            for row in rows:
                for there in _as_list(getattr(row, key)):
                    assert row in _as_list(getattr(there, back)), f"{name}.{key} does not lead back"
                    followed += 1
        assert followed, f"{name}.{key} was not followed once"


async def test_touching_what_was_not_asked_for_says_so(sessions: async_sessionmaker[AsyncSession]) -> None:
    async with sessions() as session:
        await _populate(session)
    for name, key in _ends():
        async with sessions() as session:
            row = (
                await session.scalars(
                    select(next(m.class_ for m in Base.registry.mappers if m.class_.__name__ == name))
                )
            ).first()
            with pytest.raises(InvalidRequestError, match="lazy='raise'"):
                getattr(row, key)


@pytest.mark.parametrize(
    ("column", "ours", "theirs"),
    [
        ("assignee_id", "assignee", "assigned_alerts"),
        ("created_by_id", "created_by", "created_alerts"),
        ("acknowledged_by_id", "acknowledged_by", "acknowledged_alerts"),
        ("closed_by_id", "closed_by", "closed_alerts"),
    ],
)
async def test_a_person_in_one_part_is_in_no_other(
    sessions: async_sessionmaker[AsyncSession], column: str, ours: str, theirs: str
) -> None:
    """Four references to users: each is written through its own relationship, from both ends, and taken back."""
    async with sessions() as session:
        organization, ada, ben = make_organization(), make_user(), make_user(name="Ben")
        alert = make_alert(organization, **{ours: ada})
        session.add_all([alert, ben])
        await session.commit()
        people = ("assignee_id", "created_by_id", "acknowledged_by_id", "closed_by_id")
        assert {name: getattr(alert, name) for name in people if getattr(alert, name)} == {column: ada.id}
        await session.refresh(ben, [theirs])
        getattr(ben, theirs).append(alert)
        await session.commit()
        assert {name: getattr(alert, name) for name in people if getattr(alert, name)} == {column: ben.id}
        setattr(alert, ours, None)
        await session.commit()
        assert await session.scalar(select(getattr(Alert, column))) is None
        assert await session.scalar(select(func.count()).select_from(User)) == 2


async def test_what_was_written_in_an_incident_keeps_it(sessions: async_sessionmaker[AsyncSession]) -> None:
    async with sessions() as session:
        await _populate(session)
        for number in (1, 2):
            with pytest.raises(IntegrityError):
                async with session.begin_nested():
                    await session.execute(Incident.__table__.delete().where(Incident.number == number))  # type: ignore[attr-defined]


async def test_an_alert_has_one_open_link(sessions: async_sessionmaker[AsyncSession]) -> None:
    async with sessions() as session:
        organization = make_organization()
        first, second = make_incident(organization, 1), make_incident(organization, 2)
        alert = make_alert(organization)
        session.add_all([first, second, alert])
        await session.flush()
        links = [
            IncidentAlert(organization_id=organization.id, incident_id=one.id, alert_id=alert.id, linked_by_name="Ada")
            for one in (first, second)
        ]
        session.add(links[0])
        await session.flush()
        with pytest.raises(IntegrityError, match="uq_incident_alerts_open"):
            async with session.begin_nested():
                session.add(links[1])
                await session.flush()


async def test_deleting_a_sensor_takes_its_keys(sessions: async_sessionmaker[AsyncSession]) -> None:
    async with sessions() as session:
        await _populate(session)
        await session.delete((await session.scalars(select(Sensor))).one())
        await session.commit()
        assert await session.scalar(select(func.count()).select_from(SensorKey)) == 0


async def test_deleting_an_alert_takes_its_links_and_leaves_the_observable(
    sessions: async_sessionmaker[AsyncSession],
) -> None:
    async with sessions() as session:
        await _populate(session)
        link = (await session.scalars(select(AlertObservable).options(selectinload(AlertObservable.observable)))).one()
        with pytest.raises(IntegrityError):
            async with session.begin_nested():
                await session.delete(link.observable)
                await session.flush()
        await session.delete(await session.get_one(Alert, link.alert_id))
        await session.commit()
        assert await session.scalar(select(func.count()).select_from(AlertObservable)) == 0


@pytest.mark.parametrize("model", [User, Organization])
async def test_what_alerts_name_cannot_be_deleted(sessions: async_sessionmaker[AsyncSession], model: type[Any]) -> None:
    async with sessions() as session:
        await _populate(session)
        row = (await session.scalars(select(model).limit(1))).one()
        with pytest.raises(IntegrityError):
            await session.execute(model.__table__.delete().where(model.id == row.id))


async def test_email_is_unique_whatever_its_case(sessions: async_sessionmaker[AsyncSession]) -> None:
    async with sessions() as session:
        session.add(make_user(email="Ada@Example.org"))
        await session.commit()
        session.add(make_user(email="ada@example.ORG"))
        with pytest.raises(IntegrityError, match="uq_users_email"):
            await session.commit()


async def test_doors_see_changed_settings_and_not_that_a_sensor_was_heard(
    sessions: async_sessionmaker[AsyncSession], postgres: Postgres
) -> None:
    async with sessions() as session:
        sensor = make_sensor(make_organization())
        session.add(sensor)
        await session.commit()
        before = sensor.updated_at
        async with postgres.connect("indexer") as writer:
            await writer.execute("UPDATE sensors SET last_seen_at = now()")
        await session.refresh(sensor)
        assert sensor.last_seen_at is not None
        assert sensor.updated_at == before
        sensor.zone = "Europe/Vienna"
        await session.commit()
        assert sensor.updated_at > before


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
