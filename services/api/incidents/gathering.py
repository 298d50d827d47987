"""Gathers all that a report or an export says of an incident, each list up to a bound, what is beyond it counted."""

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.incidents import clocks, facts, markings, queries, related, service
from services.api.incidents.facts import Facts
from services.api.principal import Principal
from shared import clock
from shared.domain.incident import Pap, Status, Tlp
from shared.domain.triage import Verdict
from shared.models import (
    Alert,
    Evidence,
    EvidenceCustody,
    Incident,
    IncidentEntry,
    IncidentNote,
    IncidentObservable,
    IncidentReview,
    IncidentTask,
    Observable,
    Organization,
    Sensor,
    User,
)

MOST = {
    "alerts": 1000, "observables": 2000, "tasks": 500, "entries": 2000, "notes": 500, "evidence": 1000, "reviews": 100,
    "links": 200,
}  # fmt: skip
MOST_STEPS = 50
"""Of the way of one file."""


class _Gathering:
    """What is being gathered: rows, and how many were left out of each list."""

    def __init__(self, session: AsyncSession, incident: Incident) -> None:
        self.session = session
        self.incident = incident
        self.omitted: dict[str, int] = {}

    async def rows(self, name: str, statement: Select[*tuple[Any, ...]]) -> Sequence[Any]:
        """The first rows of a list."""
        most = MOST[name]
        rows = (await self.session.execute(statement.limit(most + 1))).all()
        if len(rows) > most:
            counted = select(func.count()).select_from(statement.order_by(None).subquery())
            self.omitted[name] = (await self.session.scalar(counted) or 0) - most
        return rows[:most]

    def bounded(self, name: str, rows: tuple[Any, ...]) -> tuple[Any, ...]:
        """The same of rows that are all there."""
        self.omitted |= {name: len(rows) - MOST[name]} if len(rows) > MOST[name] else {}
        return rows[: MOST[name]]

    async def names(self, people: Iterable[UUID | None]) -> dict[UUID | None, str]:
        """Names by id."""
        wanted = {one for one in people if one is not None}
        rows = await self.session.execute(select(User.id, User.name).where(User.id.in_(wanted)))
        return {row.id: row.name for row in rows}


async def gather(session: AsyncSession, incident: Incident, *, by: Principal, notes: bool) -> Facts:
    """The incident with all that hangs on it; without notes, if they are not wanted."""
    gathering, now = _Gathering(session, incident), clock.now()
    organization = await session.get_one(Organization, incident.organization_id)
    people = (incident.assignee_id, incident.reporter_id, incident.reviewer_id, incident.closed_by_id)
    names = await gathering.names(people)
    found = await clocks.readings(session, incident, now=now)
    definitions = await service.definitions(session, incident)
    gathered = Facts(
        id=incident.id,
        number=incident.number,
        organization_id=organization.id,
        organization_name=organization.name,
        title=incident.title,
        severity=incident.severity,
        status=Status(incident.status),
        tlp=Tlp(incident.tlp),
        pap=Pap(incident.pap),
        times=_times(incident),
        generated_at=now,
        generated_by=by.name,
        verdict=_verdict(incident.verdict),
        reason=incident.reason,
        restricted=incident.restricted,
        summary=incident.summary,
        tags=tuple(incident.tags),
        people=facts.People(
            **dict(
                zip(("assignee", "reporter", "reviewer", "closed_by"), (names.get(one) for one in people), strict=True)
            )
        ),
        fields=tuple(_field(one, incident.fields) for one in definitions if one["name"] in incident.fields),
        # Work goes on, and is measured, in what it went into.
        clocks=()
        if incident.merged_into_id is not None
        else tuple(
            facts.Clock(name=name.value, target=one.target, due_at=one.due_at, met_at=one.met_at, breached=one.breached)
            for name, one in found.items()
        ),
        measures=tuple(
            facts.Measure(name=one.label, formula=one.formula, value=_span(one.seconds))
            for one in clocks.measures(incident)
        ),
        alerts=await _alerts(gathering),
        techniques=tuple(incident.techniques),
        observables=await _observables(gathering),
        tasks=await _tasks(gathering),
        entries=await _entries(gathering, by),
        notes=await _notes(gathering) if notes else None,
        evidence=await _evidence(gathering),
        reviews=await _reviews(gathering),
        merged_from=tuple(await session.scalars(queries.merged_numbers(incident.id, by=by))),
        merged_into=await _merged_into(session, incident, by),
    )
    return await _marked(gathering, gathered, by)


async def _marked(gathering: _Gathering, gathered: Facts, by: Principal) -> Facts:
    """With how all is marked that its texts may name. That is read after them: they name nothing that came later."""
    here, elsewhere = await markings.strictest_of(gathering.session, gathered.id)
    links = await related.told(gathering.session, gathered.id, by=by)
    return replace(
        gathered,
        observables=tuple(replace(one, tlp=here.get((one.type, one.value), one.tlp)) for one in gathered.observables),
        links=gathering.bounded("links", links),
        omitted=gathering.omitted,
        beyond=(*markings.values(here, but=gathered.observables), *links[MOST["links"] :]),
        elsewhere=(*markings.values(elsewhere), *await markings.relatives(gathering.session, gathered.id)),
    )


async def _merged_into(session: AsyncSession, incident: Incident, by: Principal) -> int | None:
    into = select(Incident.number).where(Incident.id == incident.merged_into_id, queries.may_see(by))
    return None if incident.merged_into_id is None else await session.scalar(into)


def _times(incident: Incident) -> facts.Times:
    names = (
        "occurred_at", "detected_at", "received_at", "acknowledged_at", "contained_at", "eradicated_at",
        "recovered_at", "resolved_at", "closed_at",
    )  # fmt: skip
    return facts.Times(**{name: getattr(incident, name) for name in names})


def _verdict(kept: str | None) -> Verdict | None:
    return None if kept is None else Verdict(kept)


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def _field(definition: dict[str, Any], kept: dict[str, Any]) -> facts.CustomField:
    name, kind, value = definition["name"], definition["kind"], kept[definition["name"]]
    # The template may have had it as another kind when it was filled in.
    try:
        read = datetime.fromisoformat(value) if kind == "date" else value
    except (TypeError, ValueError):
        read = value
    return facts.CustomField(name=name, label=definition.get("label") or name, kind=kind, value=read)


async def _alerts(gathering: _Gathering) -> tuple[facts.Alert, ...]:
    # Of a thousand alerts all that is known would be read for nothing.
    columns = (getattr(Alert, one.name) for one in fields(facts.Alert) if one.name != "sensor_name")
    statement = (
        select(*columns, Sensor.name.label("sensor_name"))
        .outerjoin(Sensor, Sensor.id == Alert.sensor_id)
        .where(Alert.incident_id == gathering.incident.id)
        .order_by(Alert.first_seen, Alert.id)
    )
    return tuple(
        facts.Alert(**{**row._mapping, "verdict": _verdict(row.verdict), "techniques": tuple(row.techniques)})
        for row in await gathering.rows("alerts", statement)
    )


async def _observables(gathering: _Gathering) -> tuple[facts.Observable, ...]:
    # What is known to be of harm first.
    statement = (
        select(IncidentObservable, Observable.type, Observable.value)
        .join(Observable, Observable.id == IncidentObservable.observable_id)
        .where(IncidentObservable.incident_id == gathering.incident.id)
        .order_by(IncidentObservable.ioc.desc(), Observable.type, Observable.value)
    )
    return tuple(
        facts.Observable(
            type=kind,
            value=value,
            verdict=link.verdict,
            ioc=link.ioc,
            tlp=None if link.tlp is None else Tlp(link.tlp),
            tags=tuple(link.tags),
            note=link.note,
        )
        for link, kind, value in await gathering.rows("observables", statement)
    )


async def _tasks(gathering: _Gathering) -> tuple[facts.Task, ...]:
    statement = select(IncidentTask).where(IncidentTask.incident_id == gathering.incident.id)
    rows = await gathering.rows("tasks", statement.order_by(IncidentTask.position, IncidentTask.id))
    names = await gathering.names(task.assignee_id for (task,) in rows)
    return tuple(
        facts.Task(
            title=task.title,
            group=task.phase,
            status=task.status,
            assignee=names.get(task.assignee_id),
            required=task.required,
            done_at=task.done_at,
        )
        for (task,) in rows
    )


async def _entries(gathering: _Gathering, by: Principal) -> tuple[facts.Entry, ...]:
    of_it = queries.entries(gathering.incident.id, by=by)
    statement = of_it.order_by(IncidentEntry.occurred_at, IncidentEntry.id)
    entries = [entry for (entry,) in await gathering.rows("entries", statement)]
    said = await related.named(gathering.session, entries, by=by)
    return tuple(
        facts.Entry(occurred_at=one.occurred_at, kind=one.kind, text=said.get(one.id, one.message), by=one.author_name)
        for one in entries
    )


async def _notes(gathering: _Gathering) -> tuple[facts.Note, ...]:
    of_it = (IncidentNote.incident_id == gathering.incident.id, IncidentNote.body != "")
    statement = select(IncidentNote).where(*of_it).order_by(IncidentNote.id)
    return tuple(
        facts.Note(by=note.author_name, at=note.created_at, text=note.body)
        for (note,) in await gathering.rows("notes", statement)
    )


async def _evidence(gathering: _Gathering) -> tuple[facts.Evidence, ...]:
    statement = select(Evidence).where(Evidence.incident_id == gathering.incident.id).order_by(Evidence.id)
    rows = [row for (row,) in await gathering.rows("evidence", statement)]
    names = await gathering.names(row.added_by_id for row in rows)
    steps = await _steps(gathering.session, [row.id for row in rows])
    return tuple(
        facts.Evidence(
            name=row.name,
            size=row.size,
            sha256=row.sha256.hex(),
            media_type=row.media_type,
            by=names.get(row.added_by_id, "–"),
            at=row.created_at,
            description=row.description,
            removed_at=row.removed_at,
            custody=tuple(steps.get(row.id, ())),
        )
        for row in rows
    )


async def _steps(session: AsyncSession, evidence_ids: Sequence[UUID]) -> dict[UUID, list[facts.Custody]]:
    """The first steps of each file's way."""
    place = func.row_number().over(partition_by=EvidenceCustody.evidence_id, order_by=EvidenceCustody.id)
    numbered = (
        select(EvidenceCustody.id, place.label("place")).where(EvidenceCustody.evidence_id.in_(evidence_ids)).subquery()
    )
    rows = await session.scalars(
        select(EvidenceCustody)
        .join(numbered, numbered.c.id == EvidenceCustody.id)
        .where(numbered.c.place <= MOST_STEPS)
        .order_by(EvidenceCustody.id)
    )
    found: dict[UUID, list[facts.Custody]] = {}
    for row in rows:
        step = facts.Custody(action=row.action, by=row.actor_name, at=row.created_at)
        found.setdefault(row.evidence_id, []).append(step)
    return found


async def _reviews(gathering: _Gathering) -> tuple[facts.Review, ...]:
    statement = select(IncidentReview).where(IncidentReview.incident_id == gathering.incident.id)
    return tuple(
        facts.Review(
            requested_by=row.requested_by_name,
            requested_at=row.created_at,
            decided_by=row.decided_by_name,
            decided_at=row.decided_at,
            decision=row.decision,
            comment=row.comment,
            decision_comment=row.decision_comment or "",
        )
        for (row,) in await gathering.rows("reviews", statement.order_by(IncidentReview.id))
    )
