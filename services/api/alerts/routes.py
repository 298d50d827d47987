"""`/alerts`: what analysts triage."""

from fastapi import APIRouter

router = APIRouter(prefix="/alerts", tags=["alerts"])
