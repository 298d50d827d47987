"""What was brought from another product, so that a second import of the same knows what is there."""

from uuid import UUID

from sqlalchemy import ForeignKey, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, CreatedAt, one_of

IMPORTED_KINDS = ("case", "task", "note", "observable", "evidence", "entry")


class ImportedItem(Base):
    """A thing of the other product's, and what it became here; written with that, or neither is.

    `source_id` is the other product's, of a part within its case (`case/part`): the same value may hang on several
    cases. What has no form of its own here became a note, and `target_id` is the first of several notes.
    """

    __tablename__ = "imported_items"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    source: Mapped[str]
    kind: Mapped[str]
    source_id: Mapped[str]
    target_id: Mapped[UUID]
    created_at: Mapped[CreatedAt]

    __table_args__ = (
        PrimaryKeyConstraint("organization_id", "source", "kind", "source_id"),
        one_of("kind", IMPORTED_KINDS),
    )
