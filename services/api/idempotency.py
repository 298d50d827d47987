"""`Idempotency-Key`: a POST that is sent twice is done once, and answered twice alike."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

from fastapi import Depends, Header
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.principal import Principal
from shared.errors import Conflict, Invalid
from shared.models import IdempotencyKey

M = TypeVar("M", bound=BaseModel)

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=128,
        pattern=r"^[\x21-\x7e]+$",
        description="Sent again within a day, the same request is not done again; the reply is that of the first.",
    ),
]


class KeyNotTaken(Invalid):
    """The reply holds a secret, which is not kept to be given again: send this without an Idempotency-Key."""

    code = "idempotency_key_not_taken"


async def refuse_key(
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            max_length=128,
            description="Refused: the reply holds a secret, which is not kept to be given again.",
        ),
    ] = None,
) -> None:
    """Raises KeyNotTaken."""
    if key is not None:
        raise KeyNotTaken


SHOWN_ONCE = Depends(refuse_key)
"""Of a route whose reply holds a secret: whoever counts on the key has to hear that it does not hold."""


class OtherRequest(Conflict):
    """The Idempotency-Key was used for another request."""

    code = "idempotency_key_reused"


async def once(
    session: AsyncSession,
    key: str | None,
    wanted: BaseModel | None,
    work: Callable[[], Awaitable[M]],
    *,
    by: Principal,
    route: str,
    reply: type[M],
) -> M:
    """What `work` gives, or what it gave when the same caller sent the same request under this key.

    The reply is kept in the transaction of the work, so there is never one without the other. Who comes while the
    first is at work waits for it. Raises OtherRequest.
    """
    if key is None:
        return await work()
    request = hashlib.sha256(f"{route}\n{wanted.model_dump_json() if wanted is not None else ''}".encode()).digest()
    taken = await session.execute(
        insert(IdempotencyKey)
        .values(caller_id=by.id, key=key, request_hash=request, status=200, headers={}, body=b"")
        .on_conflict_do_nothing()
    )
    row = (
        await session.scalars(
            select(IdempotencyKey).where(IdempotencyKey.caller_id == by.id, IdempotencyKey.key == key)
        )
    ).one()
    if row.request_hash != request:
        raise OtherRequest
    if not taken.rowcount:  # type: ignore[attr-defined]
        return reply.model_validate_json(row.body)
    made = await work()
    row.body = made.model_dump_json().encode()
    await session.flush()
    return made
