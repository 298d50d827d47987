"""Who is asking, and what they may where: a person's roles or a token's scopes, by organization."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, false
from sqlalchemy.orm import InstrumentedAttribute

from shared.domain.permissions import PERMISSIONS, Permission, Role
from shared.errors import Conflict, Forbidden, Invalid

CALLER_ID = "caller_id"
"""Under this name the request's state says who asks, for the log."""
EVERYTHING = "*"
SCOPES = frozenset({EVERYTHING, *Permission})
"""What a token's list of scopes may name."""


class NotPermitted(Forbidden):
    """This needs a permission that the caller does not have."""

    code = "not_permitted"


class NotAPerson(Conflict):
    """Only a person who is signed in can do this, a token cannot."""

    code = "not_a_person"


class OrganizationNeeded(Invalid):
    """The caller belongs to several organizations; `organization_id` says which one is meant."""

    code = "organization_needed"


@dataclass(frozen=True)
class Principal:
    """A caller we know. `organization_ids` are those in which it may do what it is about to do.

    `name` is what histories and the audit call it. Of a person there is a session, of a token none; a token may have a
    `maker`. Who is `limited` has a password to change before anything else. `hidden` are the ids of the restricted
    incidents that it is no member of: with them it sees none of their alerts.
    """

    actor: Literal["user", "token"]
    id: UUID
    name: str
    grants: Mapping[UUID, frozenset[Permission]]
    organization_ids: tuple[UUID, ...]
    user_id: UUID | None = None
    maker_id: UUID | None = None
    session_id: UUID | None = None
    address: str | None = None
    limited: bool = False
    hidden: frozenset[UUID] = frozenset()

    @property
    def person(self) -> UUID:
        """The id of who is signed in. Raises NotAPerson."""
        if self.user_id is None:
            raise NotAPerson
        return self.user_id

    def owns(self, column: InstrumentedAttribute[UUID | None] | InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
        """SQL: the column names this person. A token is nobody: compared with NULL it would own what nobody does."""
        return false() if self.user_id is None else column == self.user_id

    @property
    def author(self) -> UUID | None:
        """The person who answers for what it does: a token's is who made it, as far as that is known."""
        return self.user_id or self.maker_id

    def may(self, permission: Permission, organization_id: UUID) -> bool:
        """True when it may do this in that organization."""
        return permission in self.grants.get(organization_id, frozenset())

    def refuse_beyond(self, role: Role, organization_id: UUID) -> None:
        """Raises NotPermitted unless it may there all that the role may.

        Whoever gives a role, or a password to who has it, could use it.
        """
        if beyond := PERMISSIONS[role] - self.grants.get(organization_id, frozenset()):
            raise NotPermitted(f"The role {role} may what the caller may not: {', '.join(sorted(beyond))}.")

    def where(self, permission: Permission) -> tuple[UUID, ...]:
        """The organizations in which it may do this, in a fixed order."""
        return tuple(sorted(one for one, granted in self.grants.items() if permission in granted))

    def narrowed(self, permission: Permission) -> "Principal":
        """The same caller, seeing only where it may do this. Raises NotPermitted where that is nowhere."""
        organizations = self.where(permission)
        if not organizations:
            raise NotPermitted(f"This needs the permission {permission}.")
        return replace(self, organization_ids=organizations)

    def home(self, organization_id: UUID | None = None) -> UUID:
        """Where what it makes belongs: the one that is asked for, or the only one there is.

        Raises NotPermitted and OrganizationNeeded.
        """
        if organization_id is not None:
            if organization_id not in self.organization_ids:
                raise NotPermitted("The caller may not do this in that organization.")
            return organization_id
        if len(self.organization_ids) != 1:
            raise OrganizationNeeded
        return self.organization_ids[0]
