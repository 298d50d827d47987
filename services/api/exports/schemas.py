"""What is said about exports over the API."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, model_validator

from services.api.alerts.schemas import Status
from services.api.exports.formats import Format
from services.api.text import Moment, storable
from shared.query.parse import MAX_CHARACTERS


class ExportRequest(BaseModel):
    """What is to be copied: alerts that a query finds now, or events of a span.

    Of `events` there have to be `start` and `end`; `with_documents` puts the whole document beside the columns, in
    NDJSON.
    """

    model_config = ConfigDict(extra="forbid")

    of: Literal["alerts", "events"]
    format: Format = "ndjson"
    query: Annotated[str, Field(max_length=MAX_CHARACTERS), AfterValidator(storable)] = ""
    status: list[Status] = Field(default_factory=list, max_length=5)
    start: Moment | None = None
    end: Moment | None = None
    kind: Literal["alert", "telemetry"] | None = None
    with_documents: StrictBool = False
    organization_id: UUID | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.of == "events" and (self.start is None or self.end is None):
            raise ValueError("events are exported of a span: start and end are needed")
        if self.with_documents and (self.of, self.format) != ("events", "ndjson"):
            raise ValueError("only events in NDJSON have documents")
        return self
