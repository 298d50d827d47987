"""Leaves an entry of the audit in the transaction of the change it tells of."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.api.deps import Trace
from services.api.principal import Principal
from shared import clock
from shared.models import AuditEntry

MAX_TEXT = 2000
Changes = Mapping[str, tuple[Any, Any]]


class Recorded(Protocol):
    """A row of an organization's."""

    id: UUID
    organization_id: UUID


def record(
    session: AsyncSession,
    action: str,
    *,
    by: Principal,
    trace: Trace,
    organization_id: UUID,
    kind: str,
    object_id: UUID | None,
    changes: Changes | None = None,
    **details: Any,
) -> None:
    """What was done (`alert.closed`), by whom, to what; `changes` map a field to its value before and after."""
    session.add(
        AuditEntry(
            organization_id=organization_id,
            actor=by.actor,
            actor_id=by.id,
            actor_name=by.name,
            action=action,
            kind=kind,
            object_id=object_id,
            changes=_pairs(changes),
            details=shortened(plain(details)),
            correlation_id=trace.correlation_id,
            address=by.address,
        )
    )


def record_of(
    session: AsyncSession,
    action: str,
    row: Recorded,
    *,
    by: Principal,
    trace: Trace,
    changes: Changes | None = None,
    **details: Any,
) -> None:
    """The same of a row; its kind is the first word of the action."""
    record(
        session,
        action,
        by=by,
        trace=trace,
        organization_id=row.organization_id,
        kind=action.partition(".")[0],
        object_id=row.id,
        changes=changes,
        **details,
    )


def record_program(
    session: AsyncSession,
    action: str,
    *,
    program: str,
    organization_id: UUID,
    kind: str,
    object_id: UUID,
    changes: Changes | None = None,
    **details: Any,
) -> None:
    """The same for what somebody did at the command line, who is known by the program alone."""
    session.add(
        AuditEntry(
            organization_id=organization_id,
            actor="system",
            actor_name=f"python -m {program}",
            action=action,
            kind=kind,
            object_id=object_id,
            changes=_pairs(changes),
            details=shortened(plain(details)),
        )
    )


def snapshot(row: object, names: Iterable[str]) -> dict[str, Any]:
    """The values of these attributes now, to be compared later."""
    return {name: _copied(getattr(row, name)) for name in names}


def differences(row: object, before: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Of the attributes in the snapshot, those that have another value by now."""
    return {name: (value, getattr(row, name)) for name, value in before.items() if getattr(row, name) != value}


def plain(value: Any) -> Any:
    """The value as JSON has it."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return clock.isoformat(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    return str(value)


def shortened(value: Any) -> Any:
    """The JSON with long texts cut: the audit tells of a change and does not keep what changed.

    The digest of the whole tells apart what differs behind the cut.
    """
    if isinstance(value, str) and len(value) > MAX_TEXT:
        return f"{value[:MAX_TEXT]}… sha256:{hashlib.sha256(value.encode()).hexdigest()}"
    if isinstance(value, dict):
        return {name: shortened(one) for name, one in value.items()}
    if isinstance(value, list):
        return [shortened(one) for one in value]
    return value


def _pairs(changes: Changes | None) -> dict[str, Any]:
    return {name: shortened([plain(before), plain(after)]) for name, (before, after) in (changes or {}).items()}


def _copied(value: Any) -> Any:
    return list(value) if isinstance(value, list) else dict(value) if isinstance(value, dict) else value
