"""What is said about rules over the API."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.api.text import Duration
from shared.domain.triage import Verdict


class RuleRead(BaseModel):
    """What a sensor's rule fired in the time asked for, and what people made of it."""

    organization_id: UUID
    rule_id: str
    title: str = Field(description="Its latest alert's, as `module` is.")
    module: str
    alerts: int = Field(description="Without those that a suppression hid.")
    suppressed: int
    open: int
    verdicts: dict[Verdict, int] = Field(description="Of alerts that somebody closed.")
    shares: dict[Verdict, float] | None = Field(description="The same as parts of 1; null where nobody closed any.")
    median_time_to_close: Duration | None = Field(description="From our receipt to somebody's closing.")
    last_fired_at: datetime | None
