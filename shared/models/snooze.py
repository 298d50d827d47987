"""One person's "later" for an alert."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ForeignKey, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import Base, BigInt, CreatedAt, Flag, SmallInt

if TYPE_CHECKING:
    from shared.models.alert import Alert
    from shared.models.user import User


class Snooze(Base):
    """It hides the alert from that person's queue until `until`, with `until_event` or until the next event.

    `count` and `severity` are the alert's at that moment: a higher severity ends it early. It stops neither clocks
    nor folding.
    """

    __tablename__ = "snoozes"

    alert_id: Mapped[UUID] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    until: Mapped[datetime]
    until_event: Mapped[Flag]
    count: Mapped[BigInt]
    severity: Mapped[SmallInt]
    created_at: Mapped[CreatedAt]

    alert: Mapped["Alert"] = relationship(back_populates="snoozes", lazy="raise")
    user: Mapped["User"] = relationship(back_populates="snoozes", lazy="raise")

    __table_args__ = (PrimaryKeyConstraint("alert_id", "user_id"),)
