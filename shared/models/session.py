"""Where people are signed in, how often somebody failed to, and who is on the way to the identity provider."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import Base, CreatedAt, Id

if TYPE_CHECKING:
    from shared.models.user import User


class Session(Base):
    """`token_hash` is the SHA-256 of the cookie's opaque value, which is stored nowhere and changes at each login.

    It ends at `expires_at` whatever happens, earlier when it was idle too long or was revoked.
    """

    __tablename__ = "sessions"

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    address: Mapped[str]
    user_agent: Mapped[str]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]

    user: Mapped["User"] = relationship(back_populates="sessions", lazy="raise")

    __table_args__ = (
        Index("ix_sessions_user_id", "user_id", "created_at"),
        Index("ix_sessions_expires_at", "expires_at"),
    )


class LoginThrottle(Base):
    """Failed logins in a row, of an account or from an address, by a hash of which: not every name is an account's."""

    __tablename__ = "login_throttles"

    key: Mapped[bytes] = mapped_column(primary_key=True)
    failures: Mapped[int]
    blocked_until: Mapped[datetime]
    last_failed_at: Mapped[datetime]

    __table_args__ = (Index("ix_login_throttles_last_failed_at", "last_failed_at"),)


class OidcLogin(Base):
    """A browser that was sent to the identity provider and has not come back, by the SHA-256 of its cookie's value.

    The row goes when the browser comes back: what the provider says of somebody is taken once.
    """

    __tablename__ = "oidc_logins"

    key: Mapped[bytes] = mapped_column(primary_key=True)
    return_to: Mapped[str]
    created_at: Mapped[CreatedAt]

    __table_args__ = (Index("ix_oidc_logins_created_at", "created_at"),)
