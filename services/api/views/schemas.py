"""What is said about saved views over the API."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool

from services.api.text import Name, Word, storable
from shared.query.parse import MAX_CHARACTERS

Kind = Literal["alert", "event", "incident"]

Query = Annotated[str, Field(max_length=MAX_CHARACTERS), AfterValidator(storable)]
Columns = Annotated[
    list[Word], Field(max_length=50, description="Members of the list's rows, or fields that queries may name.")
]


class Body(BaseModel):
    """What is sent."""

    model_config = ConfigDict(extra="forbid")


class ViewCreate(Body):
    """A query somebody wants again. `shared` ones are everybody's in the organization to use."""

    kind: Kind
    name: Name
    query: Query
    sort: Word | None = Field(
        default=None, description="As `GET /alerts` takes it; events have one order, and so none."
    )
    columns: Columns = Field(default_factory=list)
    shared: StrictBool = False
    organization_id: UUID | None = None


class ViewUpdate(Body):
    """What is left out stays as it is."""

    name: Name | None = None
    query: Query | None = None
    sort: Word | None = None
    columns: Columns | None = None
    shared: StrictBool | None = None


class ViewRead(BaseModel):
    """A saved view; `revision` is its ETag."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    organization_id: UUID
    owner_id: UUID
    kind: Kind
    name: str
    query: str
    sort: str | None
    columns: list[str]
    shared: bool
    revision: int
    created_at: datetime
    updated_at: datetime
