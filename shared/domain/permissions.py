"""Who may do what: five roles as sets of permissions, which are also the scopes of API tokens."""

from enum import StrEnum

MAX_BULK = 1000
"""Rows that one action of somebody without `Permission.BULK` may touch."""


class Permission(StrEnum):
    """What a role, or a token, may do; `noun:verb`, as routes ask for it."""

    ALERTS_READ = "alerts:read"
    ALERTS_WRITE = "alerts:write"
    EVENTS_READ = "events:read"
    RECEIPTS_READ = "receipts:read"
    VIEWS_WRITE = "views:write"
    """Saved views of one's own."""
    EXPORT = "exports:write"
    BULK = "bulk:write"
    VIEWS_SHARE = "views:share"
    SUPPRESSIONS_READ = "suppressions:read"
    SUPPRESSIONS_WRITE = "suppressions:write"
    RULES_READ = "rules:read"
    SENSORS_READ = "sensors:read"
    SENSORS_WRITE = "sensors:write"
    QUARANTINE_READ = "quarantine:read"
    QUARANTINE_WRITE = "quarantine:write"
    SYSTEM_READ = "system:read"
    SYSTEM_WRITE = "system:write"
    USERS_READ = "users:read"
    USERS_WRITE = "users:write"
    ORGANIZATION_WRITE = "organization:write"
    NOTIFICATIONS_WRITE = "notifications:write"
    AUDIT_READ = "audit:read"
    AUDIT_EXPORT = "audit:export"
    INCIDENTS_READ = "incidents:read"
    INCIDENTS_WRITE = "incidents:write"
    INCIDENTS_REVIEW = "incidents:review"
    """To decide on a request for closing."""
    INCIDENTS_CONFIGURE = "incidents:configure"
    """Templates, calendars and the times within which work is to be done."""
    BREAK_GLASS = "incidents:break_glass"
    """To join a restricted incident without being asked, which its members are told."""


class Role(StrEnum):
    """What a member is in an organization."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    LEAD = "lead"
    OPERATOR = "operator"
    ADMIN = "admin"


P = Permission
_READING = frozenset(
    {
        P.ALERTS_READ,
        P.INCIDENTS_READ,
        P.EVENTS_READ,
        P.RECEIPTS_READ,
        P.SUPPRESSIONS_READ,
        P.RULES_READ,
        P.SENSORS_READ,
        P.USERS_READ,
    }
)
_TRIAGE = _READING | {P.ALERTS_WRITE, P.INCIDENTS_WRITE, P.VIEWS_WRITE, P.EXPORT}
_LEADING = _TRIAGE | {
    P.BULK,
    P.VIEWS_SHARE,
    P.SUPPRESSIONS_WRITE,
    P.INCIDENTS_REVIEW,
    P.INCIDENTS_CONFIGURE,
    P.BREAK_GLASS,
}
_OPERATING = frozenset(
    {
        P.SENSORS_READ,
        P.SENSORS_WRITE,
        P.RECEIPTS_READ,
        P.QUARANTINE_READ,
        P.QUARANTINE_WRITE,
        P.SYSTEM_READ,
        P.SYSTEM_WRITE,
        P.USERS_READ,
    }
)

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: _READING,
    Role.ANALYST: _TRIAGE,
    Role.LEAD: _LEADING,
    Role.OPERATOR: _OPERATING,
    Role.ADMIN: frozenset(Permission),
}


def allowed(role: Role, permission: Permission) -> bool:
    """True when somebody of that role may do this."""
    return permission in PERMISSIONS[role]
