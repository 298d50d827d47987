"""What lists of incidents say: rows with their clocks and the request for closing that waits, and counts by value."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.incidents import clocks, queries
from services.api.incidents.schemas import IncidentRead
from services.api.pagination import Page
from services.api.timing import ClockRead
from shared.domain.sla import Clock
from shared.domain.triage import Verdict
from shared.models import Incident, IncidentReview


class ReviewAsked(BaseModel):
    """That a second person is asked to agree to closing it so: by whom and since when; which one, if one is named."""

    verdict: Verdict
    asked_at: datetime
    asked_by_id: UUID | None
    asked_by_name: str
    reviewer_id: UUID | None


class IncidentListed(IncidentRead):
    """An incident as lists show it. While it is in review, which is in whatever state it was, `review` is there."""

    review: ReviewAsked | None = None
    clocks: list[ClockRead] = Field(
        default=[], max_length=len(Clock), description="As its page has them; none once it is closed or merged."
    )


class IncidentPage(Page[IncidentListed]):
    """A piece of a list of incidents; `degraded` says why it was made without OpenSearch."""

    degraded: str | None = None


IncidentFacet = Literal["status", "severity", "verdict", "assignee", "tlp", "tags", "technique"]


class IncidentFacetValue(BaseModel):
    """A value, and how many incidents have it."""

    value: str | int
    count: int


class IncidentFacetsRead(BaseModel):
    """Values by field. `total` is how many incidents match, 10,000 for that many or more.

    `degraded` says why a query was answered without OpenSearch.
    """

    facets: dict[str, list[IncidentFacetValue]]
    total: int
    degraded: str | None


async def rows(session: AsyncSession, incidents: Sequence[Incident]) -> list[IncidentListed]:
    """These as rows of a list."""
    waiting = await session.scalars(queries.waiting_reviews([one.id for one in incidents]))
    asked = {one.incident_id: _asked(one) for one in waiting}
    standing = await clocks.listed(session, incidents)
    return [
        IncidentListed.model_validate(one).model_copy(
            update={"review": asked.get(one.id), "clocks": standing.get(one.id, [])}
        )
        for one in incidents
    ]


def _asked(review: IncidentReview) -> ReviewAsked:
    return ReviewAsked(
        verdict=Verdict(review.verdict),
        asked_at=review.created_at,
        asked_by_id=review.requested_by_id,
        asked_by_name=review.requested_by_name,
        reviewer_id=review.reviewer_id,
    )
