"""One action on many alerts: previewed as a draft, done as a job, told row by row, and taken back."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StrictBool
from sqlalchemy import func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import outbox, restricted, trail
from services.api.alerts import notes, queries, triage
from services.api.alerts.columns import COLUMNS
from services.api.alerts.queries import Filters
from services.api.alerts.schemas import Assignment, Body, Closing, SeverityByHand, Status, Tagging
from services.api.alerts.triage import EDITED, Move
from services.api.deps import Resources, Trace
from services.api.jobs import service as jobs
from services.api.jobs.runner import Chunk
from services.api.principal import NotPermitted, Principal
from services.api.text import storable
from shared import clock
from shared.domain import triage as rules
from shared.domain.alert import CLOSED
from shared.domain.permissions import MAX_BULK, Permission
from shared.errors import EventSecError, Invalid
from shared.models import Alert, Job, JobItem
from shared.notices import Notice
from shared.query.parse import MAX_CHARACTERS
from shared.query.to_sql import compile_sql
from shared.query.tree import EVERYTHING, Node

BULK, UNDO = "alerts.bulk", "alerts.undo"
UNDONE_BY = {BULK: UNDO}

MAX_ROWS = 100_000
CHUNK = 200


class TooMany(Invalid):
    """More alerts match than one action may touch; narrow the query."""

    code = "too_many_rows"


class Acknowledge(Body):
    """Take note of each."""

    type: Literal["acknowledge"]


class Assign(Assignment):
    """Give each to somebody."""

    type: Literal["assign"]


class SetSeverity(SeverityByHand):
    """Set the severity of each."""

    type: Literal["severity"]


class Tag(Tagging):
    """Tag each."""

    type: Literal["tags"]


class Close(Closing):
    """Close each, with the note on each; who is named in it is told once."""

    type: Literal["close"]


Action = Annotated[Acknowledge | Assign | SetSeverity | Tag | Close, Field(discriminator="type")]


class Selection(Body):
    """Which alerts: those named, or all that the query and the statuses match.

    With `start` the job is done at once; without, the reply is a draft that shows what it would touch.
    """

    ids: list[UUID] | None = Field(default=None, min_length=1, max_length=MAX_BULK)
    query: Annotated[str, Field(max_length=MAX_CHARACTERS), AfterValidator(storable)] | None = None
    status: list[Status] = Field(default_factory=list, max_length=5)
    snoozed: bool = Field(default=False, description="Of a query: also what the caller has put off.")
    organization_id: UUID | None = None
    start: StrictBool = False


class BulkRequest(Selection):
    """The action, and on which alerts: those named, or all that the query and the statuses match.

    With `start` it is done at once; without, the reply is a draft that shows what it would touch, and in `parameters`
    what it would do: a closing without `quiet_seconds` has those of its verdict, a day for false and benign positives.
    """

    action: Action


class NoSelection(Invalid):
    """Name the alerts by `ids`, or by `query`, and not by both; an empty query is everything."""

    code = "no_selection"


async def prepare(session: AsyncSession, wanted: BulkRequest, node: Node, *, by: Principal, trace: Trace) -> Job:
    """The job with its rows fixed, in the order in which alerts are locked.

    Raises what `of` and the action's checks do.
    """
    await _check(session, wanted, by.home(wanted.organization_id))
    action = {"action": _spelled_out(wanted.action).model_dump(mode="json")}
    return await of(session, BULK, action, wanted, node, by=by, trace=trace)


async def of(
    session: AsyncSession,
    kind: str,
    parameters: dict[str, Any],
    wanted: Selection,
    node: Node,
    *,
    by: Principal,
    trace: Trace,
    at_most: int = MAX_ROWS,
) -> Job:
    """A job of that kind on the alerts that are selected.

    Raises NoSelection, TooMany, TooManyJobs, and NotPermitted for more than 1,000 rows.
    """
    if (wanted.ids is None) == (wanted.query is None):
        raise NoSelection
    home = by.home(wanted.organization_id)
    await jobs.refuse_more(session, home)
    most = min(at_most, MAX_ROWS if by.may(Permission.BULK, home) else MAX_BULK)
    selection = {"query": wanted.query, "status": wanted.status, "snoozed": wanted.snoozed}
    job = jobs.make(
        session, kind, parameters | selection, by=by, organization_id=home, trace=trace, draft=not wanted.start
    )
    await session.flush()
    filters = Filters(tuple(wanted.status), snoozed=wanted.snoozed or wanted.ids is not None)
    job.total = await fix_rows(session, job, node, by=by, filters=filters, alert_ids=wanted.ids, most=most)
    if job.total > most == MAX_BULK:
        raise NotPermitted(f"This touches more than {MAX_BULK} alerts, which needs the permission bulk:write.")
    if job.total > most:
        raise TooMany
    await session.flush()
    return job


async def fix_rows(
    session: AsyncSession,
    job: Job,
    node: Node,
    *,
    by: Principal,
    filters: Filters,
    alert_ids: Sequence[UUID] | None = None,
    most: int = MAX_ROWS,
) -> int:
    """Write down which alerts the job is of, in the order in which they are locked; how many, `most` + 1 at most."""
    matching = queries.filtered(by, filters).where(Alert.organization_id == job.organization_id)
    if alert_ids is not None:
        matching = matching.where(Alert.id.in_(alert_ids))
    if node != EVERYTHING:
        matching = matching.where(compile_sql(node, COLUMNS))
    # So many first, and only those in order: a million need not be sorted to be refused.
    some = (
        matching.with_only_columns(Alert.organization_id, Alert.fingerprint, Alert.fold_window, Alert.id)
        .limit(most + 1)
        .subquery()
    )
    order = (some.c.organization_id, some.c.fingerprint, some.c.fold_window, some.c.id)
    rows = select(literal(job.id, JobItem.job_id.type), func.row_number().over(order_by=order) - 1, some.c.id)
    await session.execute(insert(JobItem).from_select(["job_id", "ordinal", "target_id"], rows))
    return await session.scalar(select(func.count()).where(JobItem.job_id == job.id)) or 0


def _spelled_out(action: Action) -> Action:
    """The action as it will be done: with the quiet period that a closing has when it names none."""
    if isinstance(action, Close) and action.quiet_seconds is None:
        seconds = int(rules.default_quiet(action.verdict).total_seconds())
        return action.model_copy(update={"quiet_seconds": seconds})
    return action


async def _check(session: AsyncSession, wanted: BulkRequest, organization_id: UUID) -> None:
    action = wanted.action
    if isinstance(action, Close):
        await triage.require_reason(session, organization_id, action.verdict, action.reason)
    if isinstance(action, Assign) and action.assignee_id is not None:
        at, may = "#/action/assignee_id", Permission.ALERTS_WRITE
        await triage.require_member(session, organization_id, action.assignee_id, at=at, may=may)


async def do(_: Resources, chunk: Chunk) -> bool:
    """The next 200 rows of a bulk action."""
    action = BulkRequest.model_validate({"action": chunk.job.parameters["action"]}).action
    name, move = _move(action, chunk.by)
    note = action.note if isinstance(action, Close) else None
    items, alerts = await next_alerts(chunk)
    notices = [one for item in items for one in _one(chunk, item, alerts.get(item.target_id), name, move)]
    done = [alerts[item.target_id] for item in items if item.status == "done"]
    if done and note is not None:
        await notes.add(chunk.session, done, note, by=chunk.by, trace=chunk.trace, told_of=chunk.job.id)
    return await _counted(chunk, items, notices)


async def undo(_: Resources, chunk: Chunk) -> bool:
    """The next 200 rows of taking a job back; its rows are those that the job has done."""
    if chunk.job.total == 0:
        await take_over(chunk)
    items, alerts = await next_alerts(chunk)
    done = await _done(chunk, items)
    notices = []
    for item in items:
        notices += await _put_back(chunk, item, done[item.ordinal], alerts.get(item.target_id))
    return await _counted(chunk, items, notices)


def _move(action: Action, by: Principal) -> tuple[str, Move]:
    now = clock.now()
    match action:
        case Acknowledge():
            return "acknowledged", triage.acknowledge(by, now)
        case Assign(assignee_id=assignee_id):
            return "assigned", triage.assign(assignee_id)
        case SetSeverity(severity=severity):
            return "severity_set", triage.set_severity(severity)
        case Tag(add=add, remove=remove):
            return "tagged", triage.tag(add, remove)
        case Close(verdict=verdict, reason=reason, quiet_seconds=seconds):
            quiet = None if seconds is None else timedelta(seconds=seconds)
            return "closed", triage.close(by, now, verdict=verdict, reason=reason, quiet=quiet)


async def next_items(chunk: Chunk) -> list[JobItem]:
    """The rows that come next."""
    statement = select(JobItem).where(JobItem.job_id == chunk.job.id, JobItem.status == "pending")
    return list(await chunk.session.scalars(statement.order_by(JobItem.ordinal).limit(CHUNK)))


async def next_alerts(chunk: Chunk) -> tuple[list[JobItem], dict[UUID, Alert]]:
    """The rows that come next, and their alerts, locked in the order that all lock them in."""
    items = await next_items(chunk)
    wanted = [item.target_id for item in items]
    alerts = await chunk.session.scalars(
        select(Alert)
        .where(
            Alert.id.in_(wanted),
            Alert.organization_id == chunk.job.organization_id,
            restricted.may_see(chunk.by),
        )
        .order_by(Alert.organization_id, Alert.fingerprint, Alert.fold_window, Alert.id)
        .with_for_update()
    )
    return items, {alert.id: alert for alert in alerts}


async def _done(chunk: Chunk, items: Sequence[JobItem]) -> dict[int, JobItem]:
    """What the job that is taken back did to these rows."""
    rows = await chunk.session.scalars(
        select(JobItem).where(
            JobItem.job_id == chunk.job.undo_of_id, JobItem.ordinal.in_([item.ordinal for item in items])
        )
    )
    return {row.ordinal: row for row in rows}


def _one(chunk: Chunk, item: JobItem, alert: Alert | None, name: str, move: Move) -> list[Notice]:
    if alert is None:
        return skip(item, "alert_not_found")
    before = trail.snapshot(alert, EDITED)
    try:
        move(alert)
    except EventSecError as error:
        return skip(item, error.code)
    changes = triage.settle(chunk.session, alert, before, name, by=chunk.by, trace=chunk.trace, job_id=chunk.job.id)
    if not changes:
        return skip(item, "unchanged")
    item.status, item.revision = "done", alert.revision
    item.before = trail.plain({column: before[column] for column in undoable(changes)})
    return triage.assigned(alert, changes, chunk.by, chunk.trace)


async def _put_back(chunk: Chunk, item: JobItem, done: JobItem, alert: Alert | None) -> list[Notice]:
    if alert is None or done.before is None:
        return skip(item, "alert_not_found")
    if alert.revision != done.revision:
        return skip(item, "changed_since")
    before = trail.snapshot(alert, EDITED)
    try:
        if alert.status == CLOSED and "status" in done.before:
            await triage.make_current(chunk.session, alert, by=chunk.by, trace=chunk.trace)
    except EventSecError as error:
        return skip(item, error.code)
    for column, value in done.before.items():
        setattr(alert, column, _restored(column, value))
    if "severity" in done.before:
        rules.set_severity(alert, alert.severity if alert.severity_by_hand else None)
    changes = triage.settle(chunk.session, alert, before, "undone", by=chunk.by, trace=chunk.trace, job_id=chunk.job.id)
    item.status, item.revision = "done", alert.revision
    return triage.assigned(alert, changes, chunk.by, chunk.trace)


async def take_over(chunk: Chunk) -> None:
    """Make the rows of a job that is taken back, as far as they were done, those of the one that does it."""
    rows = select(literal(chunk.job.id, JobItem.job_id.type), JobItem.ordinal, JobItem.target_id).where(
        JobItem.job_id == chunk.job.undo_of_id, JobItem.status == "done"
    )
    await chunk.session.execute(insert(JobItem).from_select(["job_id", "ordinal", "target_id"], rows))
    count = select(func.count()).where(JobItem.job_id == chunk.job.id)
    chunk.job.total = await chunk.session.scalar(count) or 0


def undoable(changed: Collection[str]) -> set[str]:
    """The columns that undoing puts back: those that the action changed, for events fold into the others meanwhile.

    A severity says nothing without whose it is; the risk follows from it.
    """
    severity = {"severity", "severity_by_hand"}
    return ({*changed} | severity if severity & {*changed} else {*changed}) - {"risk"}


def skip(item: JobItem, reason: str) -> list[Notice]:
    """Leave the row, and say why."""
    item.status, item.reason = "skipped", reason
    return []


async def _counted(chunk: Chunk, items: list[JobItem], notices: Sequence[Notice]) -> bool:
    """Count what was done and tell of it, at once: row by row it would take five times as long."""
    done = [item.target_id for item in items if item.status == "done"]
    if done:
        outbox.changed(chunk.session, "alert", done, organization_id=chunk.job.organization_id, trace=chunk.trace)
    await outbox.notify(chunk.session, *notices)
    chunk.job.done += len(done)
    chunk.job.skipped += sum(item.status == "skipped" for item in items)
    await chunk.session.flush()
    return len(items) == CHUNK


_PARSED: dict[str, Any] = {
    **dict.fromkeys(("acknowledged_at", "closed_at", "quiet_until"), clock.parse),
    **dict.fromkeys(("assignee_id", "acknowledged_by_id", "closed_by_id"), UUID),
}


def _restored(column: str, value: Any) -> Any:
    parse = _PARSED.get(column)
    return value if value is None or parse is None else parse(value)
