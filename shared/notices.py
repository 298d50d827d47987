"""What there is to tell, put into the transaction of what happened: one statement, for API and indexer alike."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from shared.domain.notification import BY_DEFAULT, PERSONAL, Kind, hearers
from shared.ids import SQL_UUID7

MAX_SUBJECT = 300

# A personal notice is for its addressee alone: by a route of theirs that names the kind, or, for some kinds, where
# they have none. Any other is for every channel and every member with a route for it, and for some kinds for an
# addressee who has none. Nobody is told of what they did themselves, nor who is disabled, no member, or may not see the
# thing: of a restricted incident, and of the alerts in it, its members hear and no channel. Of one marked TLP:RED they
# hear its number, and find the rest there.
ENQUEUE = f"""
    WITH wanted AS (
        SELECT * FROM json_to_recordset($1::text::json) AS n (
            organization_id uuid, kind text, thing text, severity smallint, subject text, content jsonb,
            object_kind text, object_id uuid, addressee uuid, actor uuid, personal bool, by_default bool,
            roles text[], correlation_id text)),
    marked AS (
        SELECT w.*, i.id AS of_incident, i.number, coalesce(i.restricted, false) AS restricted,
               coalesce(i.tlp = 'red', false) AS red
        FROM wanted w
        LEFT JOIN alerts a ON w.object_kind = 'alert' AND a.id = w.object_id
        LEFT JOIN incidents i ON i.id = CASE w.object_kind WHEN 'incident' THEN w.object_id ELSE a.incident_id END),
    told AS (
        SELECT w.*, r.channel_id, NULL::uuid AS user_id
        FROM marked w
        JOIN notification_routes r ON r.organization_id = w.organization_id AND w.kind = ANY (r.kinds)
        JOIN notification_channels c ON c.id = r.channel_id
        WHERE NOT w.personal AND NOT w.restricted AND r.disabled_at IS NULL AND c.disabled_at IS NULL
          AND w.severity >= r.min_severity
        UNION ALL
        SELECT w.*, NULL, m.user_id
        FROM marked w
        JOIN memberships m ON m.organization_id = w.organization_id AND m.role = ANY (w.roles)
        JOIN users u ON u.id = m.user_id
        CROSS JOIN LATERAL (
            SELECT count(*) AS named,
                   count(*) FILTER (WHERE r.disabled_at IS NULL AND w.severity >= r.min_severity) AS fit
            FROM notification_routes r
            WHERE r.organization_id = w.organization_id AND r.user_id = m.user_id AND w.kind = ANY (r.kinds)) AS own
        WHERE u.disabled_at IS NULL AND m.user_id IS DISTINCT FROM w.actor
          AND (m.user_id = w.addressee OR NOT w.personal)
          AND (own.fit > 0 OR w.by_default AND own.named = 0 AND m.user_id = w.addressee)
          AND (NOT w.restricted OR EXISTS (
              SELECT FROM incident_members s WHERE s.incident_id = w.of_incident AND s.user_id = m.user_id)))
    INSERT INTO notifications (id, organization_id, kind, dedupe_key, severity, subject, content, object_kind,
                               object_id, channel_id, user_id, due_at, correlation_id)
    SELECT {SQL_UUID7},
           organization_id, kind, thing || ' ' || coalesce(channel_id, user_id), severity,
           CASE WHEN red THEN 'Incident #' || number ELSE subject END, CASE WHEN red THEN '{{}}' ELSE content END,
           CASE WHEN red THEN 'incident' ELSE object_kind END, CASE WHEN red THEN of_incident ELSE object_id END,
           channel_id, user_id, now(), correlation_id
    FROM told ORDER BY thing, channel_id, user_id
    ON CONFLICT (dedupe_key) DO NOTHING
"""  # noqa: S608


@dataclass(frozen=True)
class Notice:
    """One thing to tell. `thing` names it for ever: no target is told twice of the same.

    `addressee` is whom a personal kind is for, `actor` who did it, `content` what programs want to know beside.
    """

    organization_id: UUID
    kind: Kind
    thing: str
    subject: str
    severity: int = 1
    content: Mapping[str, Any] = field(default_factory=dict)
    object_kind: str | None = None
    object_id: UUID | None = None
    addressee: UUID | None = None
    actor: UUID | None = None
    correlation_id: str | None = None


def argument(notices: Iterable[Notice]) -> str:
    """The one argument of ENQUEUE."""
    return orjson.dumps([_row(notice) for notice in notices], default=str).decode()


def one_line(text: str) -> str:
    """A subject: without line breaks and other control characters, which sensors may send, and not too long."""
    printable = "".join(one if one.isprintable() else " " for one in text)
    line = " ".join(printable.split())
    return line if len(line) <= MAX_SUBJECT else line[: MAX_SUBJECT - 1] + "…"


def _row(notice: Notice) -> dict[str, Any]:
    kept = {name: value for name, value in vars(notice).items() if value is not None}
    return kept | {
        "thing": f"{notice.kind} {notice.thing}",
        "subject": one_line(notice.subject),
        "personal": notice.kind in PERSONAL,
        "by_default": notice.kind in BY_DEFAULT,
        "roles": hearers(notice.kind),
    }
