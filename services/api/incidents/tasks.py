"""`/incidents/{id}/tasks`: what is to be done; required tasks keep an incident from being closed."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi import status as statuses
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool
from sqlalchemy import func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import idempotency, outbox, pagination, preconditions, restricted, trail
from services.api.alerts import triage
from services.api.alerts.schemas import Body
from services.api.auth.permissions import IncidentReader, IncidentWriter
from services.api.deps import RequestTrace, Session, Trace
from services.api.errors import problems
from services.api.idempotency import Key
from services.api.incidents import members, work
from services.api.pagination import Cursor, Limit, Page
from services.api.preconditions import IfMatch, etag
from services.api.principal import Principal
from services.api.text import AsNumber, Moment, Name, storable
from shared import clock
from shared.domain import incident as rules
from shared.domain.notification import Kind
from shared.domain.permissions import Permission
from shared.errors import Conflict, NotFound
from shared.models import Incident, IncidentTask
from shared.models.incident_task import MAX_TASK_DESCRIPTION

router = APIRouter(prefix="/incidents/{incident_id}/tasks", tags=["incidents"], responses=problems(404))

MAX_TASKS = 500
ENDED = ("done", "cancelled")
EDITED = ("title", "description", "phase", "status", "required", "position", "due_at", "assignee_id")

TaskStatus = Literal["open", "in_progress", "done", "cancelled"]
Description = Annotated[str, Field(max_length=MAX_TASK_DESCRIPTION), AfterValidator(storable)]
Phase = Annotated[str, Field(max_length=64), AfterValidator(storable)]
Position = Annotated[int, Field(ge=0, le=10_000), AsNumber]


class TaskNotFound(NotFound):
    """The incident has no such task."""

    code = "task_not_found"


class TooManyTasks(Conflict):
    """An incident has at most 500 tasks."""

    code = "too_many_tasks"


class TaskCreate(Body):
    """A task; after those there are, if no position is given."""

    title: Name
    description: Description = ""
    phase: Phase = ""
    required: StrictBool = False
    position: Position | None = None
    due_at: Moment | None = None
    assignee_id: UUID | None = None


class TaskUpdate(Body):
    """What is left out stays as it is; `due_at` and `assignee_id` may be set to null."""

    title: Name | None = None
    description: Description | None = None
    phase: Phase | None = None
    status: TaskStatus | None = None
    required: StrictBool | None = None
    position: Position | None = None
    due_at: Moment | None = None
    assignee_id: UUID | None = None


class TaskRead(BaseModel):
    """A task; `revision` is its ETag, `origin_id` the incident it was made in, where that was merged into this."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    incident_id: UUID
    origin_id: UUID | None
    title: str
    description: str
    phase: str
    status: TaskStatus
    required: bool
    position: int
    due_at: datetime | None
    assignee_id: UUID | None
    created_by_id: UUID | None
    done_by_id: UUID | None
    done_at: datetime | None
    revision: int
    created_at: datetime
    updated_at: datetime


@router.get("")
async def list_incident_tasks(
    incident_id: UUID, caller: IncidentReader, session: Session, limit: Limit = 50, cursor: Cursor = None
) -> Page[TaskRead]:
    """The incident's tasks in their order."""
    after = pagination.decode(cursor, int, UUID) if cursor is not None else None
    incident = await work.one(session, incident_id, by=caller)
    place = tuple_(IncidentTask.position, IncidentTask.id)
    found = select(IncidentTask).where(IncidentTask.incident_id == incident.id)
    if after is not None:
        found = found.where(place > tuple_(literal(after[0]), literal(after[1], IncidentTask.id.type)))
    rows = (await session.scalars(found.order_by(IncidentTask.position, IncidentTask.id).limit(limit + 1))).all()
    page, next_cursor = pagination.cut(rows, limit, lambda task: (task.position, task.id))
    return Page(items=[_shown(task, caller) for task in page], next_cursor=next_cursor)


@router.post("", status_code=statuses.HTTP_201_CREATED, responses=problems(409, 415))
async def add_incident_task(
    *,
    incident_id: UUID,
    wanted: TaskCreate,
    caller: IncidentWriter,
    session: Session,
    trace: RequestTrace,
    response: Response,
    key: Key = None,
) -> TaskRead:
    """Add a task."""

    async def add() -> TaskRead:
        return TaskRead.model_validate(await _add(session, incident_id, wanted, by=caller, trace=trace))

    route = f"incident task {incident_id}"
    made = await idempotency.once(session, key, wanted, add, by=caller, route=route, reply=TaskRead)
    response.headers["ETag"] = etag(made.revision)
    return made


@router.get("/{task_id}")
async def get_incident_task(
    incident_id: UUID, task_id: UUID, caller: IncidentReader, session: Session, response: Response
) -> TaskRead:
    """One task."""
    task = await _one(session, await work.one(session, incident_id, by=caller), task_id)
    response.headers["ETag"] = etag(task.revision)
    return _shown(task, caller)


@router.patch("/{task_id}", responses=problems(409, 412, 415, 428))
async def change_incident_task(
    *,
    incident_id: UUID,
    task_id: UUID,
    wanted: TaskUpdate,
    caller: IncidentWriter,
    session: Session,
    trace: RequestTrace,
    response: Response,
    seen: IfMatch = None,
) -> TaskRead:
    """Change a task, or say that it is done; one that need not be done any more is cancelled, and stays."""
    task = await _change(session, incident_id, task_id, wanted, by=caller, trace=trace, seen=seen)
    response.headers["ETag"] = etag(task.revision)
    return _shown(task, caller)


def _shown(task: IncidentTask, by: Principal) -> TaskRead:
    return restricted.moved(TaskRead.model_validate(task), by=by)


async def _add(
    session: AsyncSession, incident_id: UUID, wanted: TaskCreate, *, by: Principal, trace: Trace
) -> IncidentTask:
    incident = await work.locked(session, incident_id, by=by)
    rules.require_open(incident)
    count, last = (
        await session.execute(
            select(func.count(), func.coalesce(func.max(IncidentTask.position), -1)).where(
                IncidentTask.incident_id == incident.id
            )
        )
    ).one()
    if count >= MAX_TASKS:
        raise TooManyTasks
    if wanted.assignee_id is not None:
        await _require_worker(session, incident, wanted.assignee_id)
    given = wanted.model_dump(exclude={"position"})
    task = IncidentTask(
        organization_id=incident.organization_id,
        incident_id=incident.id,
        position=last + 1 if wanted.position is None else wanted.position,
        created_by_id=by.user_id,
        **given,
    )
    session.add(task)
    await session.flush()
    await work.touch(session, incident, "task_added", by=by, trace=trace, task_id=task.id, title=task.title)
    await _tell_assignee(session, incident, task, by, trace)
    return task


async def _change(
    session: AsyncSession,
    incident_id: UUID,
    task_id: UUID,
    wanted: TaskUpdate,
    *,
    by: Principal,
    trace: Trace,
    seen: str | None,
) -> IncidentTask:
    incident = await work.locked(session, incident_id, by=by)
    rules.require_open(incident)
    task = await _one(session, incident, task_id)
    preconditions.check(seen, task.revision, lambda: _shown(task, by).model_dump(mode="json"))
    before = trail.snapshot(task, EDITED)
    for name, value in wanted.model_dump(exclude_unset=True).items():
        if value is not None or name in ("due_at", "assignee_id"):
            setattr(task, name, value)
    changes = trail.differences(task, before)
    if not changes:
        return task
    if "assignee_id" in changes and task.assignee_id is not None:
        await _require_worker(session, incident, task.assignee_id)
    if "status" in changes:
        _end(task, by)
    task.revision += 1
    await session.flush()
    said = f"Task {task.status.replace('_', ' ')}: {task.title}" if "status" in changes else None
    await work.touch(session, incident, "task_changed", by=by, trace=trace, changes=changes, said=said, task_id=task.id)
    if "assignee_id" in changes:
        await _tell_assignee(session, incident, task, by, trace)
    return task


async def _require_worker(session: AsyncSession, incident: Incident, user_id: UUID) -> None:
    """Raises UnknownPerson, PersonMayNot and NotAMember."""
    at, may = "#/assignee_id", Permission.INCIDENTS_WRITE
    await triage.require_member(session, incident.organization_id, user_id, at=at, may=may)
    await members.require_seers(session, incident, [user_id])


def _end(task: IncidentTask, by: Principal) -> None:
    """Who ended it and when; of a task taken up again, nobody."""
    over = task.status in ENDED
    task.done_at, task.done_by_id = (clock.now(), by.user_id) if over else (None, None)


async def _tell_assignee(
    session: AsyncSession, incident: Incident, task: IncidentTask, by: Principal, trace: Trace
) -> None:
    if task.assignee_id is None:
        return
    thing, said = f"{task.id} {task.revision or 1}", f"Task for you: {task.title}"
    notice = work.notice(incident, Kind.INCIDENT_ASSIGNED, thing, said, to=task.assignee_id, by=by, trace=trace)
    await outbox.notify(session, notice)


async def _one(session: AsyncSession, incident: Incident, task_id: UUID) -> IncidentTask:
    found = select(IncidentTask).where(IncidentTask.id == task_id, IncidentTask.incident_id == incident.id)
    task = await session.scalar(found)
    if task is None:
        raise TaskNotFound
    return task
