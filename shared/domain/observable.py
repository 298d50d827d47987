"""What makes two values the same observable."""

from hashlib import blake2b
from uuid import UUID

import orjson

from shared import ids

MAX_PER_ALERT = 1000
MAX_PER_INCIDENT = 5000


def identify(organization_id: UUID, kind: str, value: str) -> UUID:
    """The id of a value's row: made from the value itself, so that two writers never make two rows of it."""
    key = orjson.dumps([str(organization_id), kind, value])
    return ids.content_id(0, blake2b(key, digest_size=16).digest())
