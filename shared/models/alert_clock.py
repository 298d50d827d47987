"""What people were told of the clocks of alerts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, PrimaryKeyConstraint, SmallInteger, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, SmallInt


class AlertClockWord(Base):
    """The last that people were told of an alert, for as long as it holds: so that it is told once.

    `owned` says whom: whose it is, or leads, where it is nobody's. If that changes, the others have yet to hear of it.
    No foreign key to the alert, which it would lock. What does not hold any more is deleted, its alert's end too.
    """

    __tablename__ = "alert_clock_words"

    alert_id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    severity: Mapped[SmallInt]
    breached: Mapped[bool]
    owned: Mapped[bool] = mapped_column(server_default=text("true"))
    told_at: Mapped[datetime] = mapped_column(server_default=func.now())


class AlertClockSum(Base):
    """When an organization was last told, in one word, of alerts that are nobody's.

    `more` has the severities of which there may have been more at the last look than it looked at.
    """

    __tablename__ = "alert_clock_sums"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    breached: Mapped[bool]
    told_at: Mapped[datetime]
    more: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger), server_default=text("'{}'"))

    __table_args__ = (PrimaryKeyConstraint("organization_id", "breached"),)
