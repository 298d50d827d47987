"""`/incidents/{id}/observables`: values that matter to an incident, pasted or from its alerts, with their verdicts."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi import status as statuses
from pydantic import AfterValidator, BaseModel, Field, StrictBool, model_validator
from sqlalchemy import Select, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import pagination, preconditions, restricted, trail
from services.api.alerts.by_hand import Pair, read
from services.api.alerts.schemas import Body, ObservableType, ObservableWrite, Tags
from services.api.auth.permissions import IncidentReader, IncidentWriter
from services.api.deps import RequestTrace, Session, Trace
from services.api.errors import problems
from services.api.incidents import work
from services.api.pagination import Cursor, Limit, Page
from services.api.preconditions import IfMatch, etag
from services.api.principal import Principal
from services.api.text import storable
from shared.domain import incident as rules
from shared.domain.incident import Tlp
from shared.domain.observable import MAX_PER_INCIDENT, identify
from shared.errors import Conflict, NotFound
from shared.models import Alert, AlertObservable, Incident, IncidentObservable, Observable
from shared.models.incident_observable import MAX_OBSERVABLE_NOTE
from shared.normalise import paste

router = APIRouter(prefix="/incidents/{incident_id}/observables", tags=["incidents"], responses=problems(404))

MAX_AT_ONCE = 1000
MAX_PASTED = 500_000
EDITED = ("ioc", "verdict", "tlp", "tags", "note")

ObservableVerdict = Literal["malicious", "suspicious", "benign", "unknown"]
ObservableNote = Annotated[str, Field(max_length=MAX_OBSERVABLE_NOTE), AfterValidator(storable)]
Text = Annotated[str, Field(min_length=1, max_length=MAX_PASTED), AfterValidator(storable)]


class ObservableNotFound(NotFound):
    """The incident has no such observable."""

    code = "observable_not_found"


class ObservableInAlerts(Conflict):
    """A linked alert has the value and brings it again; say that it is benign, or unlink the alert."""

    code = "observable_in_alerts"


class TooManyObservables(Conflict):
    """An incident has at most 5,000 observables."""

    code = "too_many_observables"


class ObservableOfIncident(BaseModel):
    """A value, and what this incident says of it. `revision` is the ETag of that.

    `in_alerts` tells that a linked alert had it.
    """

    id: UUID
    incident_id: UUID
    origin_id: UUID | None
    observable_id: UUID
    type: str
    value: str
    ioc: bool
    in_alerts: bool
    verdict: ObservableVerdict
    tlp: Tlp | None
    tags: list[str]
    note: str
    added_by_id: UUID | None
    revision: int
    created_at: datetime
    updated_at: datetime


OF_LINK = tuple(name for name in ObservableOfIncident.model_fields if name not in ("type", "value"))


class Said(Body):
    """What is said of the values that are added."""

    ioc: StrictBool = False
    tags: Tags = Field(default_factory=list)
    tlp: Tlp | None = None
    note: ObservableNote = ""


class ObservablesAdd(Said):
    """Values with their types, or a text in which to look for them: a mail, a report, a column of a table.

    With `dry_run` nothing is added.
    """

    observables: list[ObservableWrite] = Field(default_factory=list, max_length=MAX_AT_ONCE)
    text: Text | None = None
    dry_run: StrictBool = False

    @model_validator(mode="after")
    def _has_something(self) -> Self:
        if not self.observables and self.text is None:
            raise ValueError("give `observables`, with their types, or a `text` in which to look for them")
        return self


class PastedRead(BaseModel):
    """A value that was found, as it is kept, and how it was written. An `internal` one is another in every network."""

    type: str
    value: str
    original: str
    line: int
    internal: bool


class ObservablesAdded(BaseModel):
    """What was found, how many of that are new here, and what looks like a value and was not taken."""

    found: list[PastedRead]
    added: int
    already_there: int
    left_over: list[str]
    truncated: bool = Field(description="There is more in the text than is taken at once.")


class ObservableUpdate(Body):
    """What is left out stays as it is; `tlp` may be set to null."""

    ioc: StrictBool | None = None
    verdict: ObservableVerdict | None = None
    tlp: Tlp | None = None
    tags: Tags | None = None
    note: ObservableNote | None = None


@router.get("")
async def list_incident_observables(
    *,
    incident_id: UUID,
    caller: IncidentReader,
    session: Session,
    kind: Annotated[ObservableType | None, Query(alias="type", description="Of this type alone.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ObservableOfIncident]:
    """The incident's observables by type and value."""
    after = pagination.decode(cursor, str, str, UUID) if cursor is not None else None
    incident = await work.one(session, incident_id, by=caller)
    place = (Observable.type, Observable.value, IncidentObservable.id)
    found = _joined(incident)
    if kind is not None:
        found = found.where(Observable.type == kind)
    if after is not None:
        there = zip(after, place, strict=True)
        found = found.where(tuple_(*place) > tuple_(*(literal(value, column.type) for value, column in there)))
    rows = (await session.execute(found.order_by(*place).limit(limit + 1))).all()
    page, next_cursor = pagination.cut(rows, limit, lambda row: (row[1].type, row[1].value, row[0].id))
    return Page(items=[_shown(*row, by=caller) for row in page], next_cursor=next_cursor)


@router.post("", responses=problems(409, 415))
async def add_incident_observables(
    incident_id: UUID, wanted: ObservablesAdd, caller: IncidentWriter, session: Session, trace: RequestTrace
) -> ObservablesAdded:
    """Add values: by type, or out of a text, in which defanged ones (`hxxp`, `[.]`) are found too."""
    given = [paste.pasted(pair, original, 0) for pair, original in read(wanted.observables).items()]
    # For a thread: a long text may take a second.
    pasted = await asyncio.to_thread(paste.found, wanted.text or "")
    found = list({(one.type, one.value): one for one in (*given, *pasted.observables)}.values())
    kept, truncated = found[:MAX_AT_ONCE], pasted.truncated or len(found) > MAX_AT_ONCE
    pairs = [(one.type, one.value) for one in kept]
    if wanted.dry_run:
        incident = await work.one(session, incident_id, by=caller)
        added = len(pairs) - await _there(session, incident, pairs)
    else:
        added = await _add(session, incident_id, pairs, wanted, by=caller, trace=trace)
    return ObservablesAdded(
        found=[PastedRead(**{name: getattr(one, name) for name in PastedRead.model_fields}) for one in kept],
        added=added,
        already_there=len(pairs) - added,
        left_over=pasted.left_over[:MAX_AT_ONCE],
        truncated=truncated,
    )


@router.get("/{incident_observable_id}")
async def get_incident_observable(
    incident_id: UUID, incident_observable_id: UUID, caller: IncidentReader, session: Session, response: Response
) -> ObservableOfIncident:
    """One of them."""
    incident = await work.one(session, incident_id, by=caller)
    link, observable = await _one(session, incident, incident_observable_id)
    response.headers["ETag"] = etag(link.revision)
    return _shown(link, observable, by=caller)


@router.patch("/{incident_observable_id}", responses=problems(409, 412, 415, 428))
async def change_incident_observable(
    *,
    incident_id: UUID,
    incident_observable_id: UUID,
    wanted: ObservableUpdate,
    caller: IncidentWriter,
    session: Session,
    trace: RequestTrace,
    response: Response,
    seen: IfMatch = None,
) -> ObservableOfIncident:
    """Say what it turned out to be."""
    incident = await work.locked(session, incident_id, by=caller)
    rules.require_open(incident)
    link, observable = await _one(session, incident, incident_observable_id)
    preconditions.check(seen, link.revision, lambda: _shown(link, observable, by=caller).model_dump(mode="json"))
    before = trail.snapshot(link, EDITED)
    for name, value in wanted.model_dump(exclude_unset=True).items():
        if value is not None or name == "tlp":
            setattr(link, name, value)
    if changes := trail.differences(link, before):
        link.revision += 1
        await session.flush()
        said = f"{observable.type} {observable.value}: {link.verdict}" if "verdict" in changes else None
        await work.touch(
            session,
            incident,
            "observable_changed",
            by=caller,
            trace=trace,
            changes=changes,
            said=said,
            observable_id=observable.id,
        )
    response.headers["ETag"] = etag(link.revision)
    return _shown(link, observable, by=caller)


@router.delete("/{incident_observable_id}", status_code=statuses.HTTP_204_NO_CONTENT, responses=problems(409))
async def remove_incident_observable(
    incident_id: UUID, incident_observable_id: UUID, caller: IncidentWriter, session: Session, trace: RequestTrace
) -> None:
    """Take out what somebody put in by mistake. 409 `observable_in_alerts` where a linked alert has it.

    Not under legal hold.
    """
    incident = await work.locked(session, incident_id, by=caller)
    rules.require_open(incident)
    rules.require_unheld(incident)
    link, observable = await _one(session, incident, incident_observable_id)
    if await session.scalar(_in_alerts(link)):
        raise ObservableInAlerts
    await session.delete(link)
    name = f"{observable.type} {observable.value}"
    await work.touch(
        session,
        incident,
        "observable_removed",
        by=caller,
        trace=trace,
        said=f"{name} removed",
        observable=name,
    )


async def _add(
    session: AsyncSession, incident_id: UUID, pairs: Sequence[Pair], said: Said, *, by: Principal, trace: Trace
) -> int:
    """How many of these are new in the incident; what is said of the others stays as it was."""
    incident = await work.locked(session, incident_id, by=by)
    rules.require_open(incident)
    there = select(func.count()).where(IncidentObservable.incident_id == incident.id)
    new = len(pairs) - await _there(session, incident, pairs)
    if new and (await session.scalar(there) or 0) + new > MAX_PER_INCIDENT:
        raise TooManyObservables
    if not pairs:
        return 0
    home = incident.organization_id
    # In the order in which everybody locks them.
    rows = [
        {"id": identify(home, kind, value), "organization_id": home, "type": kind, "value": value}
        for kind, value in sorted(pairs)
    ]
    await session.execute(insert(Observable).values(rows).on_conflict_do_nothing())
    links = [
        {
            "organization_id": home,
            "incident_id": incident.id,
            "observable_id": row["id"],
            "added_by_id": by.user_id,
            **said.model_dump(include={"ioc", "tags", "tlp", "note"}),
        }
        for row in rows
    ]
    made = insert(IncidentObservable).on_conflict_do_nothing().returning(IncidentObservable.id)
    added = len((await session.scalars(made, links)).all())
    if added:
        text = f"{added} observables added" if added > 1 else f"{pairs[0][0]} {pairs[0][1]} added"
        await work.touch(session, incident, "observables_added", by=by, trace=trace, said=text, count=added)
    return added


async def _there(session: AsyncSession, incident: Incident, pairs: Sequence[Pair]) -> int:
    wanted = [identify(incident.organization_id, kind, value) for kind, value in pairs]
    found = select(func.count()).where(
        IncidentObservable.incident_id == incident.id, IncidentObservable.observable_id.in_(wanted)
    )
    return await session.scalar(found) or 0


def _in_alerts(link: IncidentObservable) -> Select[bool]:
    """Whether an alert that is linked now has it, whatever was the case when it was added."""
    seen = (
        select(literal(1))
        .select_from(AlertObservable)
        .join(Alert, Alert.id == AlertObservable.alert_id)
        .where(AlertObservable.observable_id == link.observable_id, Alert.incident_id == link.incident_id)
    )
    return select(seen.exists())


def _joined(incident: Incident) -> Select[IncidentObservable, Observable]:
    return (
        select(IncidentObservable, Observable)
        .join(Observable, Observable.id == IncidentObservable.observable_id)
        .where(IncidentObservable.incident_id == incident.id)
    )


async def _one(
    session: AsyncSession, incident: Incident, incident_observable_id: UUID
) -> tuple[IncidentObservable, Observable]:
    row = (
        await session.execute(_joined(incident).where(IncidentObservable.id == incident_observable_id))
    ).one_or_none()
    if row is None:
        raise ObservableNotFound
    return row[0], row[1]


def _shown(link: IncidentObservable, observable: Observable, *, by: Principal) -> ObservableOfIncident:
    of_link = {name: getattr(link, name) for name in OF_LINK}
    return restricted.moved(ObservableOfIncident(type=observable.type, value=observable.value, **of_link), by=by)
