"""RFC 9457 problems: the one shape of every error reply."""

from http import HTTPStatus
from typing import Any

MEDIA_TYPE = "application/problem+json"


def problem(
    status: int, code: str, detail: str, *, correlation_id: str | None = None, **members: Any
) -> dict[str, Any]:
    """A problem's members. `code` is stable and machine-readable; `detail` never repeats the input."""
    body: dict[str, Any] = {
        "type": f"urn:eventsec:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    if correlation_id is not None:
        body["correlation_id"] = correlation_id
    return body | members
