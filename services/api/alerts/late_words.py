"""What people are told of alerts that are late: of one its title, of several how many there are and what finds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared import clock
from shared.domain import severity as severities
from shared.domain.notification import Kind
from shared.domain.sla import Clock, Late
from shared.notices import Notice


@dataclass(frozen=True)
class Group:
    """Alerts of one organization that have become late so far; of one person, or of nobody.

    `more` says that so many were counted and no further. `alert_id` and `title` are those of one, `query` finds all.
    """

    organization_id: UUID
    breached: bool
    owner_id: UUID | None
    count: int
    more: bool
    severity: int
    alert_id: UUID
    title: str
    query: str


def notice(group: Group, addressee: UUID | None, now: datetime) -> Notice:
    """Word of them. What was told is remembered elsewhere, so each moment has its own."""
    alone = group.count == 1
    whose = "" if group.owner_id is not None else "that is nobody's " if alone else "that are nobody's "
    what = f"An alert {whose}is" if alone else f"{group.count:,}{' or more' if group.more else ''} alerts {whose}are"
    said = "not acknowledged in time" if group.breached else "to be acknowledged soon"
    thing = group.alert_id if alone else f"of {group.owner_id or 'nobody'} in {group.organization_id}"
    found = {} if alone else {"count": group.count, "query": group.query}
    return Notice(
        group.organization_id,
        Kind.CLOCK_BREACHED if group.breached else Kind.CLOCK_WARNING,
        f"alerts {thing} {clock.isoformat(now)}",
        f"{what} {said}: {group.title}" if alone else f"{what} {said}",
        severity=group.severity,
        content={"clock": Clock.ACKNOWLEDGE.value, **found},
        object_kind="alert",
        object_id=group.alert_id if alone else None,
        addressee=addressee,
    )


def query(
    organization_id: UUID, late: Mapping[int, Late], *, breached: bool, email: str | None, gone: Sequence[UUID] = ()
) -> str:
    """Finds what is late so far now: of one person, or of nobody, as what those have who are gone."""
    nobodys = " OR ".join(["NOT assignee:*", *(f"assignee:{one}" for one in gone)])
    whose = f"({nobodys})" if email is None else f'assignee:"{_quoted(email)}"'
    parts = [_of(severity, one, breached=breached) for severity, one in sorted(late.items(), reverse=True)]
    when = " OR ".join(part for part in parts if part)
    return f"organization_id:{organization_id} AND status:new AND NOT incident_id:* AND {whose} AND ({when})"


def _of(severity: int, one: Late, *, breached: bool) -> str | None:
    until = one.breached if breached else one.warned
    if until is None:
        return None
    after = None if breached or one.breached is None else one.breached
    since = "*" if after is None else f'"{clock.isoformat(after)}"'
    bounds = f'{{{since} TO "{clock.isoformat(until)}"]'
    # As ALERT_SINCE and ALERT_RUNS say it.
    made = f"(NOT new_since:* AND NOT acknowledged_at:* AND created_at:{bounds})"
    return f"severity:{severities.word(severity)} AND (new_since:{bounds} OR {made})"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
