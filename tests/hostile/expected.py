"""What the door must say to a generated body, by the product's pure functions: so only the door itself is on trial."""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from services.ingest.refusals import Refused
from services.ingest.split import split
from shared import clock
from shared.normalise import pipeline
from shared.normalise.event import MAX_RECORD_BYTES, Event, Rejected, SensorProfile
from tests.hostile.bodies import Request

MOST_RECORDS = 10_000
_SENSOR = SensorProfile(id=UUID(int=2), organization_id=UUID(int=1))


def request(name: str, format_name: str | None, body: bytes, lines: Iterable[bytes] | None = None) -> Request:
    """The body with its one right status. `lines` are its records where the first of them is a good line: then each
    is one, but for a post's alerts, and the request must be taken. Of other bodies our splitter is asked."""
    path = "/ingest/v1/events" + (f"/{format_name}" if format_name else "")
    if lines is not None:
        found = [line for line in lines if line and not line.isspace()]
    else:
        try:
            found = split(body, MOST_RECORDS, format_name)
        except Refused as refused:
            return Request(name, body, frozenset({refused.status}), path=path)
    records = [part for line in found for part in pipeline.split(line, format_name)]
    if not records:
        return Request(name, body, frozenset({400}), path=path)
    kept = [record for record in records if len(record) <= MAX_RECORD_BYTES]
    given = {"hint": format_name, "sensor": _SENSOR, "received_at": clock.now(), "idempotency_key": "any"}
    became = Counter(type(outcome) for _, outcome in pipeline.normalise_request(kept, **given))
    sound = len(kept) == len(records) and not became[Rejected]
    status = 413 if not kept else 202 if sound else 207
    return Request(name, body, frozenset({status}), len(records), path, accepted=became[Event])
