"""Small facts that all processes share: when the product was installed, whether the brake is on."""

from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, UpdatedAt

# Written by the first migration: {"at": RFC 3339, "year": …}. Before that year a period is a calendar year.
INSTALLED_AT = "installed_at"


class ProcessControl(Base):
    """A value by key."""

    __tablename__ = "process_controls"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]]
    updated_at: Mapped[UpdatedAt]
