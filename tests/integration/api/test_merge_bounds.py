"""What bounds one incident bounds what several become, and nothing of a merge that is refused stays."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.incidents import evidence_files, links, picking, queries, room, tasks
from shared import clock, ids
from shared.models import Evidence, IncidentEvent, IncidentObservable, IncidentTask, Observable
from tests.integration.api.calling import Api
from tests.integration.api.incidents import act, alerts_of, done, opened, opened_of, shown
from tests.integration.api.rows import Tenant, make_person
from tests.integration.api.signed_in import Page, page_of


@pytest.fixture
async def page(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    """An analyst of Acme."""
    yield await page_of(api, await make_person(session, acme, "analyst"))


@pytest.fixture
def locking() -> Iterator[list[str]]:
    """The statements that lock alerts."""
    found: list[str] = []

    def keep(*given: Any) -> None:
        if "FROM alerts" in given[2] and "FOR UPDATE" in given[2]:
            found.append(given[2])

    event.listen(Engine, "before_cursor_execute", keep)
    yield found
    event.remove(Engine, "before_cursor_execute", keep)


def a_part(kind: str, of_it: dict[str, Any], shared: UUID) -> Any:
    """Of observables and events the same in every incident."""
    now = clock.now()
    made: dict[str, Callable[[], Any]] = {
        "observables": lambda: IncidentObservable(**of_it, observable_id=shared),
        "tasks": lambda: IncidentTask(**of_it, title="A task"),
        "evidence": lambda: Evidence(
            **of_it, name="disk.img", size=1, sha256=bytes(32), media_type="application/octet-stream"
        ),
        "events": lambda: IncidentEvent(
            **of_it, event_id=shared, event_kind="alert", time=now, received_at=now, sensor_id=ids.uuid7(),
            body=b"frame", sha256=bytes(32), picked=True,
        ),
    }  # fmt: skip
    return made[kind]()


async def a_value(session: AsyncSession, tenant: Tenant) -> UUID:
    row = Observable(organization_id=tenant.id, type="domain", value=f"{ids.uuid7()}.example")
    session.add(row)
    await session.flush()
    return row.id


@pytest.mark.parametrize(
    ("kind", "where", "bound", "code", "both"),
    [
        ("observables", room, "MAX_PER_INCIDENT", "too_many_observables", 1),
        ("tasks", tasks, "MAX_TASKS", "too_many_tasks", 2),
        ("evidence", evidence_files, "MAX_FILES", "too_much_evidence", 2),
        ("events", picking, "MAX_PICKED", "too_many_events", 1),
    ],
)
async def test_what_a_merge_would_bring_over_its_bound_stays_where_it_is(
    *,
    page: Page,
    acme: Tenant,
    session: AsyncSession,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    where: Any,
    bound: str,
    code: str,
    both: int,
) -> None:
    target, source = await opened(page), await opened(page)
    shared_one = await a_value(session, acme)
    for incident in (target, source):
        of_it = {"organization_id": acme.id, "incident_id": UUID(incident["id"])}
        session.add_all(a_part(kind, of_it, one) for one in (shared_one, await a_value(session, acme)))
    await session.commit()
    monkeypatch.setattr(where, bound, both + 1)
    refused = await act(page, target, "merge", {"incident_ids": [source["id"]]})
    assert (refused.status_code, refused.json()["code"]) == (409, code)
    assert (await shown(page, source))["status"] == "open"
    monkeypatch.setattr(where, bound, both + 2)
    await done(page, target, "merge", {"incident_ids": [source["id"]]})


async def test_alerts_of_all_of_them_count_and_are_neither_read_nor_locked_for_what_is_refused(
    *, page: Page, acme: Tenant, session: AsyncSession, monkeypatch: pytest.MonkeyPatch, locking: list[str]
) -> None:
    first, second = [await opened_of(page, *await alerts_of(session, acme, 2)) for _ in range(2)]
    monkeypatch.setattr(links, "MAX_LINKED", 3)
    locking.clear()
    refused = await act(page, first, "merge", {"incident_ids": [second["id"]]})
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_alerts")
    assert locking == []


async def test_so_many_are_merged_into_one_however_they_came(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MAX_MERGED", 3)
    first, second, third, fourth, fifth = [await opened(page) for _ in range(5)]
    await done(page, second, "merge", {"incident_ids": [first["id"]]})
    await done(page, fourth, "merge", {"incident_ids": [third["id"]]})
    refused = await act(page, fifth, "merge", {"incident_ids": [second["id"], fourth["id"]]})
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_merged")
    await done(page, second, "merge", {"incident_ids": [fourth["id"]]})
    refused = await act(page, fifth, "merge", {"incident_ids": [second["id"]]})
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_merged")
