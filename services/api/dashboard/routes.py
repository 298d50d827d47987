"""`/dashboard`: how things stand, in numbers that say what they count."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.api.auth.permissions import IncidentReader
from services.api.dashboard import service
from services.api.dashboard.schemas import Dashboard
from services.api.deps import OpenResources

router = APIRouter(prefix="/dashboard", tags=["dashboard"])


@router.get("")
async def get_dashboard(
    *,
    caller: IncidentReader,
    resources: OpenResources,
    days: Annotated[int, Query(ge=1, le=90, description="The span of times and verdicts, up to now.")] = 30,
) -> Dashboard:
    """What is open and whose, how fast it is worked, what fires, and whether all arrives."""
    return await service.dashboard(resources, days, by=caller)
