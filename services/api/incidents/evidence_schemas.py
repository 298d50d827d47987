"""What the API says of files of evidence, and what is said to it."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.api import restricted
from services.api.alerts.schemas import Body
from services.api.principal import Principal
from services.api.text import storable
from shared.models import Evidence, EvidenceCustody
from shared.models.evidence import MAX_DESCRIPTION

Description = Annotated[str, Field(max_length=MAX_DESCRIPTION), AfterValidator(storable)]


class EvidenceRead(BaseModel):
    """A file; `media_type` is what its bytes look like, `sha256` in hex. `revision` is the ETag of its description."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    incident_id: UUID
    origin_id: UUID | None
    name: str
    size: int
    sha256: str
    media_type: str
    description: str
    added_by_id: UUID | None
    removed_at: datetime | None
    revision: int
    created_at: datetime
    updated_at: datetime


class CustodyRead(BaseModel):
    """Through whose hands the file went, and what they did."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    action: str
    actor_id: UUID | None
    actor_name: str
    address: str | None
    details: dict[str, Any]
    created_at: datetime


class EvidenceUpdate(Body):
    """What people say of the file."""

    description: Description


class Verified(BaseModel):
    """Whether the file is what it was when it came, and when it was looked at.

    `sha256` is the hash that it came with, `found_sha256` the one that it has now; null of one that is missing.
    """

    verdict: Literal["intact", "changed", "missing"]
    sha256: str
    found_sha256: str | None
    verified_at: datetime


def shown(row: Evidence, *, by: Principal) -> EvidenceRead:
    """The file as the API shows it to the caller."""
    columns = {name: getattr(row, name) for name in EvidenceRead.model_fields if name != "sha256"}
    return restricted.moved(EvidenceRead(**columns, sha256=row.sha256.hex()), by=by)


def step(row: EvidenceCustody, hidden_numbers: frozenset[int]) -> CustodyRead:
    """A step of its way. Of one from or to an incident that is hidden from the caller, that end is null."""
    read = CustodyRead.model_validate(row)
    if row.action != "moved" or not hidden_numbers:
        return read
    known = {end: None if number in hidden_numbers else number for end, number in row.details.items()}
    return read.model_copy(update={"details": known})
