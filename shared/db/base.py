"""The declarative base of every table: names of constraints, types, and the columns most tables share."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    FetchedValue,
    LargeBinary,
    MetaData,
    SmallInteger,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, INTERVAL, JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, mapped_column

from shared import ids

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

SmallInt = Annotated[int, mapped_column(SmallInteger)]
BigInt = Annotated[int, mapped_column(BigInteger)]
Counter = Annotated[int, mapped_column(BigInteger, server_default=text("0"))]
Flag = Annotated[bool, mapped_column(server_default=text("false"))]
Texts = Annotated[list[str], mapped_column(server_default=text("'{}'::text[]"))]
JsonObject = Annotated[dict[str, Any], mapped_column(server_default=text("'{}'::jsonb"))]

Id = Annotated[UUID, mapped_column(primary_key=True, default=ids.uuid7)]
CreatedAt = Annotated[datetime, mapped_column(server_default=func.now())]
# Set by a trigger in the database, so that no code path can forget it; the ORM reads it back.
UpdatedAt = Annotated[datetime, mapped_column(server_default=func.now(), server_onupdate=FetchedValue(for_update=True))]


class Base(DeclarativeBase):
    """Every mapped table. Relationships are `lazy="raise"`: what a query needs, it says.

    `eager_defaults` reads back what the database fills in (also on UPDATE, with RETURNING): under asyncio
    an attribute cannot be loaded later by touching it.
    """

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text(),
        bytes: LargeBinary(),
        UUID: Uuid(),
        datetime: TIMESTAMP(timezone=True),
        timedelta: INTERVAL(),
        # None is SQL's NULL: JSON's own is text, and a value to whoever reads the column without the ORM.
        dict[str, Any]: JSONB(none_as_null=True),
        list[dict[str, Any]]: JSONB(none_as_null=True),
        list[str]: ARRAY(Text()),
        list[UUID]: ARRAY(Uuid()),
        list[bytes]: ARRAY(LargeBinary()),
    }
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012 - the name is the ORM's, so is its type


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """A check that the column holds one of our own words; not a database enum, whose words never go away."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=column)
