"""`/receipts`: what became of something that was sent."""

from uuid import UUID

from fastapi import APIRouter

from services.api.auth.permissions import ReceiptReader
from services.api.deps import OpenResources
from services.api.errors import problems
from services.api.receipts import service
from services.api.receipts.schemas import Receipt

router = APIRouter(prefix="/receipts", tags=["receipts"])


@router.get("/{receipt_id}", responses=problems(404))
async def get_receipt(receipt_id: UUID, caller: ReceiptReader, resources: OpenResources) -> Receipt:
    """By the id of a batch, an event or a quarantined record, as the door gave it.

    `queued_or_unknown` while the queues hold anything, or cannot be asked: it may be in there. 404 is certain.
    """
    return await service.receipt(receipt_id, by=caller, resources=resources)
