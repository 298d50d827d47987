"""The native door: POST a body of records, get one result per record once the broker has them."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs
from uuid import UUID

from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from services.ingest import body, replies
from services.ingest.accounts import Minute
from services.ingest.credentials import MAX_KEY, key_of, shown_of
from services.ingest.intake import Intake, Origin
from services.ingest.limits import InFlight, Slot
from services.ingest.refusals import Refused, SenderGone
from services.ingest.registry import Registry
from services.ingest.replies import Reply
from services.ingest.snapshot import Sensor
from services.ingest.split import split
from shared import clock, log, metrics
from shared.bus.publisher import Publisher
from shared.lifecycle import Stop
from shared.normalise import addresses, pipeline
from shared.refusal_log import RefusalLog

logger = log.get(__name__)

EVENTS = "/ingest/v1/events"
HOOK = "/ingest/v1/hook/{key}"

# A compressed body may grow ten thousandfold, so it leaves the loop's thread much earlier than a plain one.
COMPRESSED_THREAD_BYTES = 1 << 10
_WANTED = frozenset(
    (b"authorization", b"x-api-key", b"content-type", b"content-encoding", b"content-length", b"idempotency-key")
)
_ITEMS = {"all": True, "none": False}
_NONE: dict[str, str] = {}

Identify = Callable[[Scope, dict[bytes, bytes]], Awaitable[tuple[Sensor, UUID]]]


@dataclass(frozen=True)
class Door:
    """All that a request needs; made once by `app.py`."""

    registry: Registry
    intake: Intake
    in_flight: InFlight
    publisher: Publisher
    limits: body.Limits
    stop: Stop
    refusals: RefusalLog

    def check_open(self) -> None:
        """Raises Refused while nothing can be accepted, before a body is read in vain."""
        if self.stop.requested:
            raise Refused("stopping")
        if not self.publisher.connected:
            raise Refused("broker_away", wait=2.0)
        if self.publisher.blocked:
            raise Refused("broker_blocked", wait=5.0)


def routes(door: Door) -> list[BaseRoute]:
    """The native routes, as bare ASGI: a framework's layers would cost more than the work itself."""

    async def owner_of(key: str) -> tuple[Sensor, UUID]:
        try:
            return await door.registry.identify(key)
        except Refused as refused:
            refused.key = shown_of(key)
            raise

    async def by_header(_: Scope, headers: dict[bytes, bytes]) -> tuple[Sensor, UUID]:
        return await owner_of(key_of(headers.get(b"authorization"), headers.get(b"x-api-key")))

    async def by_path(scope: Scope, _: dict[bytes, bytes]) -> tuple[Sensor, UUID]:
        return await owner_of(scope["path_params"]["key"][:MAX_KEY])

    return [
        Route(path, NativeDoor(door, path, identify), methods=["POST"])
        for identify, base in ((by_header, EVENTS), (by_path, HOOK))
        for path in (base, base + "/{format}")
    ]


def shortcut(native: Sequence[BaseRoute], otherwise: ASGIApp) -> ASGIApp:
    """Most requests are for one path: those go straight to it, all else `otherwise`, through a router."""
    door = next(route.app for route in native if isinstance(route, Route) and route.path == EVENTS)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        straight = scope["path"] == EVENTS and scope["method"] == "POST"
        await (door if straight else otherwise)(scope, receive, send)

    return app


class NativeDoor:
    """One of the native routes. `path` is its template: what a key may be in is never kept."""

    def __init__(self, door: Door, path: str, identify: Identify) -> None:
        self._door, self._path, self._identify = door, path, identify

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = _Request(scope, self._path)
        with contextlib.ExitStack() as held:
            try:
                reply = await self._reply(request, scope, receive, held)
            except Refused as refused:
                reply = replies.of_refusal(refused, correlation_id=request.correlation_id)
                self._told(request, refused)
            except SenderGone:
                metrics.INGEST_REQUESTS.labels("499").inc()
                return
            except Exception:  # a defect of ours is answered 500: the sender keeps what it sent
                logger.exception("request_failed", path=self._path)
                reply = replies.of_refusal(Refused("internal"), correlation_id=request.correlation_id)
            metrics.INGEST_REQUESTS.labels(str(int(reply.status))).inc()
            if request.whole_at is not None:
                metrics.INGEST_SECONDS.observe(time.perf_counter() - request.whole_at)
            await replies.send_reply(send, reply)

    async def _reply(self, request: "_Request", scope: Scope, receive: Receive, held: contextlib.ExitStack) -> Reply:
        """The reply; the request's slot is in `held`, for a reply that the sender does not read takes room too."""
        door = self._door
        sensor, key_id = await self._identify(scope, request.headers)
        request.account(door.intake, sensor, key_id)
        with_items, hint, key = request.with_items(), request.hint(), request.idempotency_key()
        door.check_open()
        door.intake.check_budget(sensor)
        slot = held.enter_context(door.in_flight.enter())
        records = await self._records(request, receive, slot, hint or sensor.profile.format)
        origin = Origin(
            sensor=sensor,
            hint=hint,
            path=self._path,
            received_at=request.received_at,
            correlation_id=request.correlation_id,
            traceparent=request.traceparent,
            idempotency_key=key,
        )
        result = await door.intake.take_in(records, origin, request.minute, hold=slot.grow)
        return replies.of_result(result, correlation_id=request.correlation_id, with_items=with_items)

    async def _records(self, request: "_Request", receive: Receive, slot: Slot, hint: str | None) -> list[bytes]:
        limits, headers = self._door.limits, request.headers
        encoding = body.encoding_of(headers.get(b"content-encoding", b""), headers.get(b"content-type", b""))
        sent = await body.read(
            receive,
            content_length=headers.get(b"content-length", b""),
            encoding=encoding,
            limits=limits,
            hold=slot.grow,
        )
        request.whole_at = time.perf_counter()
        encoding = body.settled(encoding, sent, limits)
        if len(sent) > (body.THREAD_BYTES if encoding == "identity" else COMPRESSED_THREAD_BYTES):
            return await asyncio.to_thread(self._opened, sent, encoding, hint, slot)
        return self._opened(sent, encoding, hint, slot)

    def _opened(self, sent: bytes, encoding: str, hint: str | None, slot: Slot) -> list[bytes]:
        plain = body.decode(sent, encoding, self._door.limits.decoded_bytes, slot.grow)
        return split(plain, self._door.intake.max_records, hint)

    def _told(self, request: "_Request", refused: Refused) -> None:
        counts, reason = request.minute.refused, f"{refused.code}_requests"
        counts[reason] = counts.get(reason, 0) + 1
        request.minute.unreported = True
        client = addresses.read(request.client)  # a proxy tells what it was told, which may be any text
        self._door.refusals.refused(
            refused.code,
            status=refused.status,
            path=self._path,
            sensor_id=request.sensor_id,
            client=client and client.text,
            key=refused.key,
        )


class _Request:
    """What the head of one request says, and where its account is kept."""

    def __init__(self, scope: Scope, path: str) -> None:
        self.headers: dict[bytes, bytes] = {name: value for name, value in scope["headers"] if name in _WANTED}
        state = scope["state"]
        self.correlation_id: str = state["correlation_id"]
        self.traceparent: str | None = state["traceparent"]
        self.received_at = clock.now()
        self.whole_at: float | None = None
        self.minute = Minute()
        self.sensor_id: object = None
        # Behind a trusted proxy, who that says it is.
        self.client: str | None = client[0] if (client := scope.get("client")) else None
        self._scope = scope

    def account(self, intake: Intake, sensor: Sensor, key_id: UUID) -> None:
        """From here on the request counts in its sensor's account."""
        self.sensor_id = sensor.profile.id
        self.minute = intake.count(sensor, key_id, self.received_at)

    def hint(self) -> str | None:
        """The format the path names. Raises Refused `unknown_format`."""
        given = self._scope.get("path_params", _NONE).get("format")
        if given is None:
            return None
        name = str(given).lower()
        if not pipeline.is_format(name):
            raise Refused("unknown_format")
        return name

    def with_items(self) -> bool:
        """False where the sender wants no list of items. Raises Refused `bad_items`."""
        if not (query := self._scope["query_string"]):
            return True
        wanted = parse_qs(query.decode("latin-1"), keep_blank_values=True).get("items", ["all"])[-1]
        if wanted not in _ITEMS:
            raise Refused("bad_items")
        return _ITEMS[wanted]

    def idempotency_key(self) -> str | None:
        """The sender's own name for this request. Raises Refused `bad_idempotency_key`."""
        key = self.headers.get(b"idempotency-key")
        if key is None:
            return None
        if not 0 < len(key) <= 255 or any(not 0x20 <= byte < 0x7F for byte in key):
            raise Refused("bad_idempotency_key")
        return key.decode("ascii")
