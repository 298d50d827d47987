"""Saved views: one's own, and those that were shared."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Select, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import preconditions, trail
from services.api.alerts.schemas import AlertListed
from services.api.alerts.search import QUEUE, SORTS
from services.api.deps import Trace
from services.api.events.schemas import EventListed
from services.api.incidents import search as incidents
from services.api.incidents.listed import IncidentListed
from services.api.ordering import BadSort, order_of
from services.api.principal import NotPermitted, Principal
from services.api.views.schemas import Kind, ViewCreate, ViewRead, ViewUpdate
from shared import clock
from shared.domain.permissions import Permission
from shared.errors import Conflict, Invalid, NotFound
from shared.models import SavedView
from shared.query.parse import parse
from shared.query.values import Reader
from shared.search.catalogue import ALERTS, EVENTS, INCIDENTS

_CATALOGUES = {"alert": ALERTS, "event": EVENTS, "incident": INCIDENTS}
_ROWS: dict[str, type[BaseModel]] = {"alert": AlertListed, "event": EventListed, "incident": IncidentListed}
_ORDERS = {"alert": (SORTS, QUEUE), "incident": (incidents.SORTS, incidents.QUEUE)}


class ViewNotFound(NotFound):
    """There is no such view."""

    code = "view_not_found"


class ViewNameTaken(Conflict):
    """The caller has a view of this name already."""

    code = "view_name_taken"


class UnknownColumn(Invalid):
    """A column is a member of the list's rows, or a field that queries may name."""

    code = "unknown_column"


def visible_to(principal: Principal) -> Select[SavedView]:
    """One's own views, and the shared ones of one's organizations."""
    return select(SavedView).where(
        SavedView.organization_id.in_(principal.organization_ids),
        or_(SavedView.shared, principal.owns(SavedView.owner_id)),
    )


def page(principal: Principal, *, kind: Kind | None, after: UUID | None, limit: int) -> Select[SavedView]:
    """The first made first; one more than `limit`."""
    statement = visible_to(principal).order_by(SavedView.id).limit(limit + 1)
    if kind is not None:
        statement = statement.where(SavedView.kind == kind)
    return statement if after is None else statement.where(SavedView.id > after)


async def one(session: AsyncSession, view_id: UUID, *, by: Principal, lock: bool = False) -> SavedView:
    """The view. Raises ViewNotFound."""
    statement = visible_to(by).where(SavedView.id == view_id)
    view = await session.scalar(statement.with_for_update() if lock else statement)
    if view is None:
        raise ViewNotFound
    return view


async def create(session: AsyncSession, wanted: ViewCreate, *, by: Principal, trace: Trace) -> SavedView:
    """A view of the caller's. Raises ViewNameTaken, NotPermitted for a shared one, and for what no list has
    QueryError, BadSort and UnknownColumn.
    """
    home = by.home(wanted.organization_id)
    _check_shown(wanted.kind, wanted.sort, wanted.columns)
    _check(wanted.kind, wanted.query, shared=wanted.shared, by=by, home=home)
    view = SavedView(**wanted.model_dump(exclude={"organization_id"}), organization_id=home, owner_id=by.person)
    session.add(view)
    await _flush(session)
    if view.shared:
        trail.record_of(session, "view.shared", view, by=by, trace=trace, name=view.name)
    return view


async def change(
    session: AsyncSession,
    view_id: UUID,
    wanted: ViewUpdate,
    *,
    by: Principal,
    expected: str | None,
    trace: Trace,
) -> SavedView:
    """Another version of one's own view, or as a lead of a shared one. Raises what `create` does, and Stale."""
    view = await _locked(session, view_id, by=by)
    preconditions.check(expected, view.revision, lambda: ViewRead.model_validate(view).model_dump(mode="json"))
    _check_shown(view.kind, wanted.sort, wanted.columns or ())
    before = trail.snapshot(view, ("name", "query", "sort", "columns", "shared"))
    for name, value in wanted.model_dump(exclude_unset=True).items():
        if value is not None or name == "sort":
            setattr(view, name, value)
    if {"query", "shared"} & wanted.model_fields_set:
        _check(view.kind, view.query, shared=view.shared, by=by, home=view.organization_id)
    if changes := trail.differences(view, before):
        view.revision += 1
        await _flush(session)
        if view.shared or before["shared"]:
            trail.record_of(session, "view.changed", view, by=by, trace=trace, changes=changes, name=view.name)
    return view


async def delete(session: AsyncSession, view_id: UUID, *, by: Principal, trace: Trace) -> None:
    """Take a view away. Raises ViewNotFound and NotPermitted."""
    view = await _locked(session, view_id, by=by)
    if view.shared:
        trail.record_of(session, "view.deleted", view, by=by, trace=trace, name=view.name)
    await session.delete(view)
    await session.flush()


async def _locked(session: AsyncSession, view_id: UUID, *, by: Principal) -> SavedView:
    view = await one(session, view_id, by=by, lock=True)
    if view.owner_id != by.user_id and not by.may(Permission.VIEWS_SHARE, view.organization_id):
        raise NotPermitted("The view is somebody else's.")
    return view


def _check(kind: str, query: str, *, shared: bool, by: Principal, home: UUID) -> None:
    # Whoever opens it may be another person at another time: only the form is checked, with anybody as `me`.
    parse(query, _CATALOGUES[kind], Reader(now=clock.now(), people=_Anybody()))
    if shared and not by.may(Permission.VIEWS_SHARE, home):
        raise NotPermitted("Sharing a view needs the permission views:share.")


def _check_shown(kind: str, sort: str | None, columns: Sequence[str]) -> None:
    if sort is not None and kind == "event":
        raise BadSort("Events have one order, the latest first: leave it out.")
    if kind in _ORDERS:
        order_of(sort, *_ORDERS[kind])
    catalogue, rows = _CATALOGUES[kind], _ROWS[kind].model_fields
    for index, column in enumerate(columns):
        if column not in rows and catalogue.known(column) is None:
            near = catalogue.nearest(column)
            hint = f" Did you mean {' or '.join(near)}?" if near else ""
            raise UnknownColumn(f"columns/{index}: there is no such field.{hint}", suggestions=list(near))


class _Anybody(dict[str, UUID]):
    def get(self, key: str, default: Any = None) -> Any:
        return UUID(int=1) if key == "me" or "@" in key else default


async def _flush(session: AsyncSession) -> None:
    try:
        async with session.begin_nested():
            await session.flush()
    except IntegrityError:
        raise ViewNameTaken from None
