"""Everything the door says no to: one table of codes, their status and what was expected instead."""

from http import HTTPStatus
from typing import NamedTuple

from shared.errors import EventSecError
from shared.normalise import pipeline


class Meaning(NamedTuple):
    """The status a code is answered with, and the sentence a person reads."""

    status: int
    detail: str


REFUSALS: dict[str, Meaning] = {
    "bad_idempotency_key": Meaning(400, "Idempotency-Key is 1 to 255 printable ASCII characters."),
    "bad_items": Meaning(400, "The parameter items is `all` or `none`."),
    "no_records": Meaning(400, "The body holds no record: expected a JSON object, array, NDJSON or text lines."),
    "undecodable_body": Meaning(400, "The body is not what its Content-Encoding says, or it is cut off."),
    "no_key": Meaning(
        401, "A sensor key is needed: Authorization: Bearer, ApiKey or Basic, X-API-Key, or /ingest/v1/hook/{key}."
    ),
    "not_a_sensor_key": Meaning(401, "This is an API token (evt_…); records are sent with a sensor's key (evs_…)."),
    "unknown_key": Meaning(401, "No sensor has this key, or the key has expired or was revoked."),
    "sensor_disabled": Meaning(403, "This sensor is disabled; an operator can enable it."),
    "not_found": Meaning(404, "There is nothing at this path."),
    "unknown_format": Meaning(
        404, f"The path names no format: it is one of {', '.join(pipeline.FORMATS)}; leave it out to have it detected."
    ),
    "method_not_allowed": Meaning(405, "This path does not take that method."),
    "body_too_slow": Meaning(408, "The body did not arrive in time."),
    "body_too_large": Meaning(413, "The body is too large: at most 10 MiB compressed and 50 MiB as it is."),
    "decoded_too_large": Meaning(413, "The body decodes to more than 50 MiB; send smaller batches."),
    "too_many_records": Meaning(413, "The body holds more than 10,000 records; send smaller batches."),
    "record_too_large": Meaning(413, "A record is at most 1 MiB; this one was not kept."),
    "unsupported_encoding": Meaning(415, "Content-Encoding is gzip, zstd or identity."),
    "unsupported_media_type": Meaning(415, "This media type cannot hold records; send JSON, NDJSON or text."),
    "rate_limited": Meaning(429, "The sensor's budget of records per second is used up; send again after the pause."),
    "internal": Meaning(500, "The door failed; the request was not accepted and can be sent again."),
    "busy": Meaning(503, "The door holds as much as it can; send again after the pause."),
    "stopping": Meaning(503, "This process is shutting down; send again."),
    "registry_not_loaded": Meaning(503, "The door does not know its sensors yet; send again after the pause."),
    "key_not_checked": Meaning(503, "This key is not known yet and the database cannot be asked; send again later."),
    "broker_away": Meaning(503, "The message bus is away; nothing is lost if you send again after the pause."),
    "broker_blocked": Meaning(503, "The message bus takes no messages now; send again after the pause."),
    "queue_full": Meaning(503, "The queue is full; send again after the pause."),
    "unconfirmed": Meaning(503, "The message bus did not confirm in time; sending again is harmless."),
    "unroutable": Meaning(503, "The message bus is not set up; send again after the pause."),
}

RETRIED = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


class Refused(EventSecError):
    """The whole request is refused; `code` is one of REFUSALS.

    `wait` is the least number of seconds after which sending again makes sense (429 and 503 only); `detail` is said
    instead of the table's sentence. `key` is what our log may tell of the key that was shown.
    """

    def __init__(self, code: str, *, wait: float = 1.0, detail: str | None = None) -> None:
        super().__init__(detail or REFUSALS[code].detail, code=code)
        self.wait = wait
        self.key: str | None = None

    @property
    def status(self) -> int:
        """The HTTP status this refusal is answered with."""
        return REFUSALS[self.code].status


class SenderGone(Exception):
    """The sender closed the connection before its body was whole: there is nobody to answer."""
