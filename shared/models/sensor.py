"""A registered sender of records, and the keys it signs in with."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import Base, BigInt, CreatedAt, Id, JsonObject, UpdatedAt, one_of

if TYPE_CHECKING:
    from shared.models.organization import Organization

SENSOR_STATUSES = ("active", "disabled")


class Sensor(Base):
    """A sender: a Suricata box, a Wazuh manager, a webhook.

    `format` null means: found by the record's shape. `rate_per_second` is a budget in events, null for none.
    `ignored_types` are words like `suricata_eve:stats`; `severity_overrides` map a rule id to 1–5.
    `updated_at` moves with the settings only, not with `last_seen_at`: doors watch it for changes. So does
    `revision`, its ETag.
    """

    __tablename__ = "sensors"
    __table_args__ = (
        UniqueConstraint("organization_id", "name"),
        one_of("status", SENSOR_STATUSES),
        CheckConstraint("rate_per_second > 0", name="rate_per_second"),
    )

    id: Mapped[Id]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    name: Mapped[str]
    format: Mapped[str | None]
    zone: Mapped[str] = mapped_column(server_default="UTC")
    rate_per_second: Mapped[int | None]
    ignored_types: Mapped[list[str]] = mapped_column(server_default=text("'{suricata_eve:stats}'::text[]"))
    severity_overrides: Mapped[JsonObject]
    expected_interval: Mapped[timedelta | None]
    status: Mapped[str] = mapped_column(server_default="active")
    last_seen_at: Mapped[datetime | None]
    revision: Mapped[BigInt] = mapped_column(server_default=text("1"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    organization: Mapped["Organization"] = relationship(back_populates="sensors", lazy="raise")
    keys: Mapped[list["SensorKey"]] = relationship(
        back_populates="sensor", cascade="all, delete-orphan", passive_deletes=True, lazy="raise"
    )


class SensorKey(Base):
    """`key_hash` is the SHA-256 of a 256-bit key; `prefix` is for display.

    A key that long cannot be guessed, so a slow hash would only slow the door.
    Rotation gives the old key an `expires_at` and leaves it valid until then; `revoked_at` ends it at once.
    `last_used_at` is the minute in which a door last let something in by it; `updated_at` does not move with it.
    """

    __tablename__ = "sensor_keys"

    id: Mapped[Id]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    sensor_id: Mapped[UUID] = mapped_column(ForeignKey("sensors.id", ondelete="CASCADE"), index=True)
    key_hash: Mapped[bytes] = mapped_column(unique=True)
    prefix: Mapped[str]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    sensor: Mapped["Sensor"] = relationship(back_populates="keys", lazy="raise")
