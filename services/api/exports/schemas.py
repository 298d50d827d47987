"""What is said about exports over the API."""

from typing import Annotated, Literal, Self, get_args
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, model_validator

from services.api.alerts.schemas import Status as AlertStatus
from services.api.exports.formats import Format
from services.api.text import Moment, storable
from shared.domain.incident import Status as IncidentStatus
from shared.query.parse import MAX_CHARACTERS

_STATUSES: dict[str, frozenset[str]] = {
    "alerts": frozenset(get_args(AlertStatus)),
    "incidents": frozenset(IncidentStatus),
    "events": frozenset(),
}


class ExportRequest(BaseModel):
    """What is to be copied: alerts or incidents that a query finds now, or events of a span.

    `start` and `end` narrow alerts to those last seen, and incidents to those opened, from the one up to, and without,
    the other; of `events` both are needed. `status` is of alerts and incidents, each with their own words, `kind` of
    events alone. `with_documents` puts the whole document of an event beside the columns, in NDJSON.
    """

    model_config = ConfigDict(extra="forbid")

    of: Literal["alerts", "events", "incidents"]
    format: Format = "ndjson"
    query: Annotated[str, Field(max_length=MAX_CHARACTERS), AfterValidator(storable)] = ""
    status: list[AlertStatus | IncidentStatus] = Field(default_factory=list, max_length=len(IncidentStatus))
    start: Moment | None = Field(
        default=None, description="Last seen, of an incident opened, of an event its time: then or later."
    )
    end: Moment | None = Field(default=None, description="Before this moment.")
    kind: Literal["alert", "telemetry"] | None = None
    with_documents: StrictBool = False
    organization_id: UUID | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.of == "events" and (self.start is None or self.end is None):
            raise ValueError("events are exported of a span: start and end are needed")
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise ValueError("start lies before end")
        # What would not narrow anything must not look as if it did.
        if strange := [one for one in self.status if one not in _STATUSES[self.of]]:
            raise ValueError(f"{self.of} have no status {strange[0]}")
        if self.of != "events" and self.kind is not None:
            raise ValueError("only events have a kind")
        if self.with_documents and (self.of, self.format) != ("events", "ndjson"):
            raise ValueError("only events in NDJSON have documents")
        return self
