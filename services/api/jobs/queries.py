"""SQL over jobs and their rows."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, false, func, or_, select, union_all
from sqlalchemy.orm import aliased, defer, with_expression

from services.api import restricted
from services.api.principal import Principal
from shared.domain.incident import Tlp
from shared.domain.permissions import Permission
from shared.models import Alert, Job, JobItem


def visible_to(principal: Principal) -> Select[Job]:
    """One's own jobs, and of an organization all for those who lead there, and its operators' for its operators.

    Of others' none that is of an alert or an incident hidden from the caller, or is to open one that will be: what it
    was asked to do tells of it.
    """
    own = Job.actor["id"].astext == str(principal.id)
    led = Job.organization_id.in_(principal.where(Permission.BULK))
    operated = Job.organization_id.in_(principal.where(Permission.SYSTEM_WRITE)) & (Job.runner == "maintenance")
    undoing = aliased(Job)
    undone_by = select(undoing.id).where(undoing.undo_of_id == Job.id).correlate(Job).scalar_subquery()
    return (
        select(Job)
        .options(with_expression(Job.undone_by_id, undone_by))
        .where(
            Job.organization_id.in_(principal.organization_ids),
            own | ((led | operated) & ~of_hidden(principal) & ~opens_restricted()),
        )
    )


def of_hidden(principal: Principal) -> ColumnElement[bool]:
    """SQL: the job is of an alert or an incident that is hidden from the caller."""
    if not principal.hidden:
        return false()
    incident_id = func.coalesce(Job.result["incident_id"].astext, Job.parameters["incident_id"].astext)
    # Of most jobs it is null, and so would be what is said of them.
    of_incident = func.coalesce(incident_id, "").in_([str(one) for one in principal.hidden])
    return or_(of_incident, *_touched(principal))


def holds_hidden(principal: Principal) -> ColumnElement[bool]:
    """SQL: an alert or an incident that the job has done, and did not skip, is hidden from the caller."""
    return or_(*_touched(principal, JobItem.status == "done")) if principal.hidden else false()


def _touched(principal: Principal, *conditions: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    return [rows.where(JobItem.job_id == Job.id, *conditions).exists() for rows in _hidden_rows(principal)]


def _hidden_rows(principal: Principal) -> tuple[Select[UUID], Select[UUID]]:
    """The ids of jobs' rows that are hidden from the caller: alerts, and incidents."""
    of_alerts = restricted.alerts(principal).join(JobItem, JobItem.target_id == Alert.id)
    return of_alerts, select(JobItem.target_id).where(restricted.is_hidden(principal, JobItem.target_id.expression))


def opens_restricted() -> ColumnElement[bool]:
    """SQL: the job is to open a restricted incident, and has not yet."""
    wanted = Job.parameters["open"]
    marked = (wanted["restricted"].astext == "true") | (wanted["tlp"].astext == Tlp.RED)
    return and_(~Job.result.has_key("incident_id"), func.coalesce(marked, false()))


def hidden_items(principal: Principal, job_ids: Sequence[UUID]) -> CompoundSelect[UUID, str, int]:
    """How many rows of these jobs are hidden from the caller, by status: alerts, then incidents."""
    counted = (
        rows.where(JobItem.job_id.in_(job_ids))
        .group_by(JobItem.job_id, JobItem.status)
        .with_only_columns(JobItem.job_id, JobItem.status, func.count())
        for rows in _hidden_rows(principal)
    )
    return union_all(*counted)


def one(principal: Principal, job_id: UUID) -> Select[Job]:
    """That job, if the caller may see it."""
    return visible_to(principal).where(Job.id == job_id)


def page(principal: Principal, *, after: UUID | None, limit: int) -> Select[Job]:
    """The latest first; one more than `limit`."""
    statement = visible_to(principal).order_by(Job.id.desc()).limit(limit + 1)
    return statement if after is None else statement.where(Job.id < after)


def items(principal: Principal, job_id: UUID, *, status: str | None, after: int | None, limit: int) -> Select[JobItem]:
    """The job's rows in their order, without `before`, which may be a whole message; one more than `limit`."""
    statement = select(JobItem).options(defer(JobItem.before, raiseload=True)).where(JobItem.job_id == job_id)
    statement = statement.order_by(JobItem.ordinal).limit(limit + 1)
    if status is not None:
        statement = statement.where(JobItem.status == status)
    if principal.hidden:
        statement = statement.where(restricted.may_see_object(principal, JobItem.target_id.expression))
    return statement if after is None else statement.where(JobItem.ordinal > after)


def live(organization_id: UUID, runner: str, *, most: int) -> Select[int]:
    """How many jobs of the organization this runner has before it, and drafts; `most` at most."""
    some = (
        select(Job.id)
        .where(
            Job.organization_id == organization_id,
            Job.runner == runner,
            Job.status.in_(("draft", "pending", "running")),
        )
        .limit(most)
        .subquery()
    )
    return select(func.count()).select_from(some)
