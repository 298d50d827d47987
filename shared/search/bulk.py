"""Writes and deletes documents in bulk and reads every item's answer: done, retry, or refused with the reason."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec
import orjson
from opensearchpy import AsyncOpenSearch
from opensearchpy.exceptions import OpenSearchException, TransportError

from shared.errors import Unavailable
from shared.search import documents
from shared.search.client import is_infrastructure, reaching

MAX_BYTES = 8 << 20
MAX_DOCUMENTS = 2000
TIMEOUT_SECONDS = 30.0
REASON_CHARACTERS = 500

_FILTER = "errors,items.*.status,items.*.error,items.*._id"
# Statuses by which a server refuses a body as a whole for something that is in it.
_BISECTED = (400, 413)


class Operation(msgspec.Struct, frozen=True):
    """One document on its way. `index` is the name in the cluster.

    Events are created: they never change, and an id that is there already is this very event. Alerts and
    incidents are indexed with their row's version as the external version, so that older writes lose. A delete
    has no document; with a version it takes that one and older ones.
    `sink` is the caller's word for what this is (`events`, `alerts`, `incidents`).
    """

    kind: Literal["create", "index", "delete"]
    index: str
    id: UUID | str
    version: int | None
    document: bytes
    sink: str = ""


class Ending(StrEnum):
    """How a write ended: in the index, in it without `sensor`, not yet, or not like this."""

    DONE = "done"
    REDUCED = "reduced"
    RETRY = "retry"
    REFUSED = "refused"


class Result(NamedTuple):
    """One operation's ending; `reason` is the server's, cut to 500 characters, empty when done."""

    ending: Ending
    reason: str = ""

    @property
    def done(self) -> bool:
        """True when the document, or a newer one, can be found."""
        return self.ending in (Ending.DONE, Ending.REDUCED)


DONE = Result(Ending.DONE)


async def write(
    client: AsyncOpenSearch,
    operations: Sequence[Operation],
    *,
    max_bytes: int = MAX_BYTES,
    max_documents: int = MAX_DOCUMENTS,
) -> list[Result]:
    """Write all, in as few requests as the limits allow; one result per operation, in their order.

    A conflict of versions is done: what is there is this document or a newer one. Everything may be
    written again. Raises Unavailable when a whole request failed for a reason that is not in it.
    """
    results: list[Result] = []
    for part in _parts(operations, max_bytes, max_documents):
        results += await _send(client, part)
    return results


async def write_with_reduction(
    client: AsyncOpenSearch,
    operations: Sequence[Operation],
    *,
    max_bytes: int = MAX_BYTES,
    max_documents: int = MAX_DOCUMENTS,
) -> list[Result]:
    """Like `write`, but events that are refused get a second chance without the vendor's record.

    What then went in is REDUCED; what is still REFUSED has the second refusal's reason. Raises Unavailable.
    """
    results = await write(client, operations, max_bytes=max_bytes, max_documents=max_documents)
    again: dict[int, Operation] = {}
    for position, (operation, result) in enumerate(zip(operations, results, strict=True)):
        lighter = _lighter(operation) if result.ending is Ending.REFUSED else None
        if lighter is not None:
            again[position] = lighter
    if again:
        second = await write(client, list(again.values()), max_bytes=max_bytes, max_documents=max_documents)
        for position, result in zip(again, second, strict=True):
            results[position] = Result(Ending.REDUCED) if result is DONE else result
    return results


def _lighter(operation: Operation) -> Operation | None:
    if operation.kind != "create":
        return None
    try:
        return msgspec.structs.replace(operation, document=documents.reduced(operation.document))
    except ValueError:
        return None


def _parts(operations: Sequence[Operation], max_bytes: int, max_documents: int) -> Iterator[Sequence[Operation]]:
    """Runs of operations within both limits; one that is too large alone goes alone."""
    start, size = 0, 0
    for position, operation in enumerate(operations):
        length = len(operation.document) + _ACTION_BYTES
        if position > start and (size + length > max_bytes or position - start >= max_documents):
            yield operations[start:position]
            start, size = position, 0
        size += length
    if start < len(operations):
        yield operations[start:]


_ACTION_BYTES = 256
"""More than any action line: two names, an id, a version."""


async def _send(client: AsyncOpenSearch, part: Sequence[Operation]) -> list[Result]:
    try:
        with reaching():
            answer = await client.bulk(
                body=b"".join(map(_lines, part)),
                params={"filter_path": _FILTER, "request_timeout": TIMEOUT_SECONDS},
            )
    except OpenSearchException as error:
        return await _bisect(client, part, error)
    return _read(answer, part)


async def _bisect(client: AsyncOpenSearch, part: Sequence[Operation], error: OpenSearchException) -> list[Result]:
    """Halve a body that was refused as a whole until the document to blame stands alone."""
    status = error.status_code if isinstance(error, TransportError) else None
    if status not in _BISECTED:
        raise Unavailable(f"OpenSearch: answered {status} to a bulk request") from error
    if len(part) == 1:
        return [Result(Ending.REFUSED, f"answered {status} to the document alone")]
    middle = len(part) // 2
    return await _send(client, part[:middle]) + await _send(client, part[middle:])


def _lines(operation: Operation) -> bytes:
    target: dict[str, Any] = {"_index": operation.index, "_id": operation.id}
    if operation.version is not None:
        kind = "external_gte" if operation.kind == "delete" else "external"
        target |= {"version": operation.version, "version_type": kind}
    if operation.kind == "delete":
        return b"%b\n" % orjson.dumps({"delete": target}, default=str)
    return b"%b\n%b\n" % (orjson.dumps({operation.kind: target}, default=str), operation.document)


def _read(answer: Any, part: Sequence[Operation]) -> list[Result]:
    items = answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(items, list) or len(items) != len(part):
        raise Unavailable("OpenSearch: its answer does not cover the bulk request")
    if answer.get("errors") is False:
        return [DONE] * len(part)
    return [_judge(next(iter(item.values()))) for item in items]


def _judge(item: dict[str, Any]) -> Result:
    status = item.get("status", 500)
    error = item.get("error") or {}
    # 404 without an error is a delete of what is not there.
    if status in (200, 201, 409) or (status == 404 and not error):
        return DONE
    kind, reason = str(error.get("type", "")), str(error.get("reason", ""))
    ending = Ending.RETRY if is_infrastructure(status, kind, reason) else Ending.REFUSED
    cause = (error.get("caused_by") or {}).get("reason")
    words = f"{kind}: {reason}" + (f" ({cause})" if cause and cause not in reason else "")
    return Result(ending, words[:REASON_CHARACTERS])
