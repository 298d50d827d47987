"""What can go wrong, by kind: a kind says who must act, only the edge knows the status code."""

from typing import Any


class EventSecError(Exception):
    """Base of the errors we raise on purpose.

    `code` is a stable, machine-readable word (`sensor_name_taken`); the message is for a person and
    holds no secret and no input of the caller's.
    """

    code = "error"

    def __init__(self, message: str = "", *, code: str | None = None, **members: Any) -> None:
        """`members` are what else the problem tells a program: plain values, by names of ours."""
        super().__init__(message or self.__doc__ or "")
        self.members = members
        if code is not None:
            self.code = code


class NotFound(EventSecError):
    """There is no such thing, or it is not the caller's to see."""

    code = "not_found"


class Conflict(EventSecError):
    """The thing is in a state that does not allow this."""

    code = "conflict"


class Invalid(EventSecError):
    """The input does not mean anything we can act on."""

    code = "invalid"


class Unsupported(EventSecError):
    """What was sent is of a kind that is not taken here."""

    code = "unsupported_media_type"


class TooLarge(EventSecError):
    """What was sent is larger than we take."""

    code = "too_large"


class Damaged(EventSecError):
    """What is stored cannot be read: ours to mend, and nothing the caller can send differently."""

    code = "damaged"


class Unauthenticated(EventSecError):
    """Nobody we know is asking."""

    code = "unauthenticated"


class Forbidden(EventSecError):
    """The caller is known and may not do this."""

    code = "forbidden"


class Unavailable(EventSecError):
    """A dependency is away; the same call will work later."""

    code = "unavailable"


class TooOften(EventSecError):
    """The caller asks more often than it may; the same call will work after `retry_after` seconds."""

    code = "too_often"

    def __init__(self, retry_after: int, message: str = "") -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Stale(EventSecError):
    """Somebody changed it meanwhile; `current` is how it is now."""

    code = "stale"


class IfMatchNeeded(EventSecError):
    """A change needs the header If-Match with the ETag of what it changes."""

    code = "if_match_needed"


class Retry(EventSecError):
    """Handler's ending: may work later. The message is kept unacknowledged and tried again."""

    code = "retry"


class Reject(EventSecError):
    """Handler's ending: will never work. The message goes to the parked queue with the reason."""

    code = "reject"
