"""`/incident-templates`: what incidents of a sort begin with, and what has to be filled in before they are closed."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi import status as statuses
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StringConstraints, model_validator
from sqlalchemy import literal, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import idempotency, pagination, preconditions, trail
from services.api.alerts.schemas import Body, Tags
from services.api.auth.permissions import IncidentConfigurer, IncidentReader
from services.api.deps import RequestTrace, Session, Trace
from services.api.errors import problems
from services.api.idempotency import Key
from services.api.incidents.schemas import FieldName, Summary
from services.api.incidents.tasks import Description, Phase
from services.api.pagination import Cursor, Limit, Page
from services.api.preconditions import IfMatch, etag
from services.api.principal import Principal
from services.api.text import Name, Severity, Word, storable
from shared import clock
from shared.domain.incident import Pap, Tlp
from shared.errors import Conflict, NotFound
from shared.models import IncidentTemplate

router = APIRouter(prefix="/incident-templates", tags=["incidents"])

MAX_TEMPLATES = 200
MAX_CHOICES = 100
CONTENT = ("name", "description", "title", "summary", "severity", "tlp", "pap", "tags", "tasks", "fields")

FieldKind = Literal["text", "number", "boolean", "date", "choice", "choices"]
Title = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(storable)]


class TemplateNotFound(NotFound):
    """There is no such template."""

    code = "template_not_found"


class TemplateNameTaken(Conflict):
    """Another template that the organization offers has this name."""

    code = "template_name_taken"


class TooManyTemplates(Conflict):
    """An organization has at most 200 templates; retired ones count too."""

    code = "too_many_templates"


class TaskOfTemplate(Body):
    """A task that each incident begins with."""

    title: Name
    description: Description = ""
    phase: Phase = ""
    required: StrictBool = False


class FieldOfTemplate(Body):
    """A custom field; closing needs those required. `choice` takes one of `choices`, `choices` some of them."""

    name: FieldName
    label: Name
    kind: FieldKind
    required: StrictBool = False
    choices: list[Word] = Field(default_factory=list, max_length=MAX_CHOICES)

    @model_validator(mode="after")
    def _has_choices(self) -> Self:
        if (self.kind in ("choice", "choices")) != bool(self.choices):
            raise ValueError("a field of the kind choice or choices has choices, and no other has")
        return self


class TemplateWrite(Body):
    """A template as a whole."""

    name: Name
    description: Description = ""
    title: Title = ""
    summary: Summary = ""
    severity: Severity | None = None
    tlp: Tlp | None = None
    pap: Pap | None = None
    tags: Tags = Field(default_factory=list)
    tasks: list[TaskOfTemplate] = Field(default_factory=list, max_length=100)
    fields: list[FieldOfTemplate] = Field(default_factory=list, max_length=100)

    @model_validator(mode="after")
    def _names_each_field_once(self) -> Self:
        if len({one.name for one in self.fields}) != len(self.fields):
            raise ValueError("each field has a name of its own")
        return self


class TemplateCreate(TemplateWrite):
    """A new template."""

    organization_id: UUID | None = None


class TemplateRead(BaseModel):
    """A template; `revision` is its ETag. A retired one is offered no longer."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    organization_id: UUID
    name: str
    description: str
    title: str
    summary: str
    severity: int | None
    tlp: Tlp | None
    pap: Pap | None
    tags: list[str]
    tasks: list[dict[str, Any]]
    fields: list[dict[str, Any]]
    retired_at: datetime | None
    revision: int
    created_at: datetime
    updated_at: datetime


@router.get("")
async def list_incident_templates(
    *,
    caller: IncidentReader,
    session: Session,
    retired: Annotated[bool, Query(description="Those that are offered no longer, in place of the others.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[TemplateRead]:
    """Templates by name."""
    after = pagination.decode(cursor, str, UUID) if cursor is not None else None
    ended = IncidentTemplate.retired_at.is_not(None)
    found = select(IncidentTemplate).where(
        IncidentTemplate.organization_id.in_(caller.organization_ids),
        ended if retired else ~ended,
    )
    place = (IncidentTemplate.name, IncidentTemplate.id)
    if after is not None:
        there = zip(after, place, strict=True)
        found = found.where(tuple_(*place) > tuple_(*(literal(value, column.type) for value, column in there)))
    rows = (await session.scalars(found.order_by(*place).limit(limit + 1))).all()
    page, next_cursor = pagination.cut(rows, limit, lambda row: (row.name, row.id))
    return Page(items=[TemplateRead.model_validate(row) for row in page], next_cursor=next_cursor)


@router.post("", status_code=statuses.HTTP_201_CREATED, responses=problems(409, 415))
async def create_incident_template(
    *,
    wanted: TemplateCreate,
    caller: IncidentConfigurer,
    session: Session,
    trace: RequestTrace,
    response: Response,
    key: Key = None,
) -> TemplateRead:
    """Make a template."""

    async def make() -> TemplateRead:
        return TemplateRead.model_validate(await _create(session, wanted, by=caller, trace=trace))

    made = await idempotency.once(session, key, wanted, make, by=caller, route="incident template", reply=TemplateRead)
    response.headers["ETag"] = etag(made.revision)
    return made


@router.get("/{template_id}", responses=problems(404))
async def get_incident_template(
    template_id: UUID, caller: IncidentReader, session: Session, response: Response
) -> TemplateRead:
    """One template."""
    row = await _one(session, template_id, by=caller)
    response.headers["ETag"] = etag(row.revision)
    return TemplateRead.model_validate(row)


@router.put("/{template_id}", responses=problems(404, 409, 412, 415, 428))
async def write_incident_template(
    *,
    template_id: UUID,
    wanted: TemplateWrite,
    caller: IncidentConfigurer,
    session: Session,
    trace: RequestTrace,
    response: Response,
    seen: IfMatch = None,
) -> TemplateRead:
    """Write it anew. Incidents keep their tasks, and need from now on what its fields say."""
    row = await _one(session, template_id, by=caller, lock=True)
    preconditions.check(seen, row.revision, lambda: TemplateRead.model_validate(row).model_dump(mode="json"))
    before = trail.snapshot(row, CONTENT)
    for name, value in _content(wanted).items():
        setattr(row, name, value)
    await _settle(session, row, before, "incident_template.changed", by=caller, trace=trace)
    response.headers["ETag"] = etag(row.revision)
    return TemplateRead.model_validate(row)


@router.post("/{template_id}/retire", responses=problems(404))
async def retire_incident_template(
    template_id: UUID, caller: IncidentConfigurer, session: Session, trace: RequestTrace, response: Response
) -> TemplateRead:
    """Offer it no longer; incidents that were made of it stay as they are."""
    row = await _one(session, template_id, by=caller, lock=True)
    before = trail.snapshot(row, ("retired_at",))
    row.retired_at = row.retired_at or clock.now()
    await _settle(session, row, before, "incident_template.retired", by=caller, trace=trace)
    response.headers["ETag"] = etag(row.revision)
    return TemplateRead.model_validate(row)


async def _create(session: AsyncSession, wanted: TemplateCreate, *, by: Principal, trace: Trace) -> IncidentTemplate:
    home = by.home(wanted.organization_id)
    there = await session.scalars(select(IncidentTemplate.id).where(IncidentTemplate.organization_id == home))
    if len(there.all()) >= MAX_TEMPLATES:
        raise TooManyTemplates
    row = IncidentTemplate(organization_id=home, created_by_id=by.author, **_content(wanted))
    session.add(row)
    await _flush(session)
    trail.record_of(session, "incident_template.created", row, by=by, trace=trace, name=row.name)
    return row


def _content(wanted: TemplateWrite) -> dict[str, Any]:
    return {name: value for name, value in wanted.model_dump(mode="json").items() if name in CONTENT}


async def _settle(
    session: AsyncSession, row: IncidentTemplate, before: dict[str, Any], action: str, *, by: Principal, trace: Trace
) -> None:
    if changes := trail.differences(row, before):
        row.revision += 1
        await _flush(session)
        trail.record_of(session, action, row, by=by, trace=trace, changes=changes)


async def _flush(session: AsyncSession) -> None:
    try:
        await session.flush()
    except IntegrityError as error:
        if "uq_incident_templates_name" in str(error.orig):
            raise TemplateNameTaken from None
        raise


async def _one(session: AsyncSession, template_id: UUID, *, by: Principal, lock: bool = False) -> IncidentTemplate:
    found = select(IncidentTemplate).where(
        IncidentTemplate.id == template_id, IncidentTemplate.organization_id.in_(by.organization_ids)
    )
    row = await session.scalar(found.with_for_update() if lock else found)
    if row is None:
        raise TemplateNotFound
    return row
