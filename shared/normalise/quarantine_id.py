"""The id of a record in quarantine: made from the record itself, so that sending it again finds the same row."""

from hashlib import blake2b
from uuid import UUID

import orjson

from shared import ids


def quarantine_id(
    organization_id: UUID, sensor_id: UUID, record: bytes, *, ordinal: int, idempotency: tuple[str, int] | None
) -> UUID:
    """A UUIDv8 with zero time over sender, bytes, the ordinal among equal records of the request, and the
    `Idempotency-Key` with the record's index, where there is one.
    """
    who = [
        organization_id,
        sensor_id,
        blake2b(record, digest_size=32).hexdigest(),
        ordinal,
        *(idempotency or ()),
    ]
    return ids.content_id(0, blake2b(orjson.dumps(who), digest_size=10).digest())
