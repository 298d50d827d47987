"""The native door's replies: per-item results, problems, and the headers that belong to them."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, NamedTuple

import orjson
from starlette.types import Send
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT

from services.ingest.intake import ItemResult, Kept, Quarantined, Result, TooLarge
from services.ingest.limits import retry_after
from services.ingest.refusals import REFUSALS, RETRIED, Refused
from shared import problem
from shared.normalise.event import Ignored

Headers = Iterable[tuple[bytes, bytes]]

_HEADERS_OF: dict[int, Headers] = {
    401: [(b"www-authenticate", b'Bearer realm="eventsec"')],
    408: [(b"connection", b"close")],
    415: [(b"accept-encoding", b"gzip, zstd, identity")],
}


class Reply(NamedTuple):
    """Status, media type, body and further headers."""

    status: int
    media_type: str
    body: bytes
    headers: Headers = ()


ALIVE = Reply(200, "application/json", b'{"status":"ok"}')


async def send_reply(send: Send, reply: Reply) -> None:
    """Send it whole, and of a large one wait until the sender has read most."""
    headers = [
        (b"content-type", reply.media_type.encode()),
        (b"content-length", str(len(reply.body)).encode()),
        *reply.headers,
    ]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    # The server's connection waits before it sends a next piece, and never behind the last.
    is_large = len(reply.body) > HIGH_WATER_LIMIT
    await send({"type": "http.response.body", "body": reply.body, "more_body": is_large})
    if is_large:
        await send({"type": "http.response.body", "body": b""})


def of_result(result: Result, *, correlation_id: str, with_items: bool) -> Reply:
    """202 where every record was read as an event or was left out by setting, 207 where one did not.

    Where nothing at all was kept because of its size, that is the answer: 413, with the items.
    """
    rejected, refused = result.counts[Quarantined], result.counts[TooLarge]
    if refused and refused == len(result.items):
        items = _items(result, correlation_id) if with_items else None
        return of_refusal(Refused("record_too_large"), correlation_id=correlation_id, items=items)
    body: dict[str, Any] = {
        "batch_id": result.batch_id,
        "accepted": result.counts[Kept],
        "rejected": rejected,
        "ignored": result.counts[Ignored],
        "refused": refused,
    }
    if with_items:
        body["items"] = _items(result, correlation_id)
    status = HTTPStatus.MULTI_STATUS if rejected or refused else HTTPStatus.ACCEPTED
    return Reply(status, "application/json", orjson.dumps(body))


def of_refusal(refused: Refused, *, correlation_id: str | None, **members: Any) -> Reply:
    """A problem; with `Retry-After` wherever sending again is the thing to do."""
    given = {name: value for name, value in members.items() if value is not None}
    body = problem.problem(refused.status, refused.code, str(refused), correlation_id=correlation_id, **given)
    headers = list(_HEADERS_OF.get(refused.status, ()))
    if refused.status in RETRIED:
        headers.append((b"retry-after", str(retry_after(refused.wait)).encode()))
    return Reply(refused.status, problem.MEDIA_TYPE, orjson.dumps(body), headers)


def _items(result: Result, correlation_id: str) -> list[dict[str, Any]]:
    return [_item(index, item, correlation_id) for index, item in enumerate(result.items)]


def _item(index: int, item: ItemResult, correlation_id: str) -> dict[str, Any]:
    match item:
        case Kept(event_id):
            return {"index": index, "status": 202, "event_id": event_id}
        case Quarantined(quarantine_id, reason, detail):
            why = problem.problem(422, reason, detail, correlation_id=correlation_id, index=index)
            return {"index": index, "status": 422, "quarantine_id": quarantine_id, "problem": why}
        case TooLarge(size):
            why = problem.problem(
                413,
                "record_too_large",
                REFUSALS["record_too_large"].detail,
                correlation_id=correlation_id,
                index=index,
                bytes=size,
            )
            return {"index": index, "status": 413, "problem": why}
        case Ignored(kind):
            return {"index": index, "status": 200, "ignored": kind}
