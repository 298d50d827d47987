"""Replies that were given to POST requests with an `Idempotency-Key`, for a day."""

from typing import Any
from uuid import UUID

from sqlalchemy import Index, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped

from shared.db.base import Base, CreatedAt, SmallInt


class IdempotencyKey(Base):
    """The key belongs to its caller: a session's user or a token. Another request under it is a mistake."""

    __tablename__ = "idempotency_keys"

    caller_id: Mapped[UUID]
    key: Mapped[str]
    request_hash: Mapped[bytes]
    status: Mapped[SmallInt]
    headers: Mapped[dict[str, Any]]
    body: Mapped[bytes]
    created_at: Mapped[CreatedAt]

    __table_args__ = (
        PrimaryKeyConstraint("caller_id", "key"),
        Index("ix_idempotency_keys_created_at", "created_at"),
    )
