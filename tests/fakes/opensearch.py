"""A small real HTTP server that keeps what it is given as OpenSearch does, and misbehaves on demand."""

import asyncio
import contextlib
import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import orjson

Json = dict[str, Any]
Matches = Callable[[Json], bool]


@dataclass(frozen=True)
class Request:
    """One request as it came over the wire."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def lines(self) -> list[Json]:
        """A bulk body's lines, actions and documents in turn."""
        return [orjson.loads(line) for line in self.body.splitlines()]


@dataclass
class _Refusal:
    """What to answer to bulk items that match, so many times."""

    status: int
    error: Json
    matches: Matches
    times: int


@dataclass
class _Trick:
    """What to do to whole requests whose path ends so, so many times."""

    kind: str
    path: str
    times: int
    status: int = 200
    body: bytes = b""


@dataclass
class FakeOpenSearch:
    """Use as `async with FakeOpenSearch() as fake`; `url` is where it listens.

    `documents` is (index, id) → (external version or 1, document bytes). Bulk items for an index that was
    not created get 404; put names in `indices` or set `any_index`. `max_body` is where 413 begins.
    """

    any_index: bool = True
    max_body: int | None = None
    requests: list[Request] = field(default_factory=list)
    documents: dict[tuple[str, str], tuple[int, bytes]] = field(default_factory=dict)
    indices: dict[str, set[str]] = field(default_factory=dict)
    templates: dict[str, dict[str, Json]] = field(default_factory=lambda: {"component": {}, "index": {}})
    _refusals: list[_Refusal] = field(default_factory=list)
    _tricks: list[_Trick] = field(default_factory=list)
    _connections: set[asyncio.Task[None]] = field(default_factory=set)
    _server: asyncio.Server | None = None

    # What a test asks of it

    def refuse_items(
        self, status: int, kind: str, reason: str = "", *, times: int = 1, where: Matches = lambda _: True
    ) -> None:
        """Answer the next bulk items whose document `where` holds for with this error."""
        self._refusals.append(_Refusal(status, {"type": kind, "reason": reason}, where, times))

    def answer(
        self, status: int, kind: str = "", reason: str = "", *, times: int = 1, path: str = "", body: bytes = b""
    ) -> None:
        """Answer the next requests to paths that end so with this status, and the error or the bytes."""
        error = orjson.dumps({"error": {"type": kind, "reason": reason}, "status": status})
        self._tricks.append(_Trick("answer", path, times, status, body or error))

    def truncate(self, *, times: int = 1, path: str = "") -> None:
        """Do what is asked, then break the answer off in the middle and close."""
        self._tricks.append(_Trick("truncate", path, times))

    def hang(self, *, times: int = 1, path: str = "") -> None:
        """Read the request and never answer."""
        self._tricks.append(_Trick("hang", path, times))

    @property
    def bulks(self) -> list[Request]:
        """The bulk requests so far."""
        return [request for request in self.requests if request.path == "/_bulk"]

    @property
    def url(self) -> str:
        """Where it listens."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    # The wire

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                while await self._serve(reader, writer):
                    pass
        finally:
            self._connections.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        request = await _read(reader)
        self.requests.append(request)
        trick = self._take_trick(request)
        if trick and trick.kind == "hang":
            await asyncio.Event().wait()
        status, body = (trick.status, trick.body) if trick and trick.kind == "answer" else self._handle(request)
        head = f"HTTP/1.1 {status} Fake\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        if request.method == "HEAD":
            body = b""
        if trick and trick.kind == "truncate":
            writer.write(head.encode() + body[: len(body) // 2])
            await writer.drain()
            return False
        writer.write(head.encode() + body)
        await writer.drain()
        return True

    def _take_trick(self, request: Request) -> _Trick | None:
        for trick in self._tricks:
            if trick.times > 0 and request.path.endswith(trick.path):
                trick.times -= 1
                return trick
        return None

    # What it understands

    def _handle(self, request: Request) -> tuple[int, bytes]:
        if self.max_body is not None and len(request.body) > self.max_body:
            return 413, b""
        status, answer = self._route(request)
        return status, orjson.dumps(answer)

    def _route(self, request: Request) -> tuple[int, Json]:
        parts = request.path.strip("/").split("/")
        match (request.method, *parts):
            case ("POST", "_bulk"):
                return 200, self._bulk(request)
            case ("PUT", "_component_template" | "_index_template" as where, name):
                self.templates[where.split("_")[1]][name] = orjson.loads(request.body)
            case ("GET", "_component_template" | "_index_template" as where, pattern):
                return 200, self._templates(where.split("_")[1], pattern)
            case ("HEAD", "_alias", alias):
                return (200 if any(alias in names for names in self.indices.values()) else 404), {}
            case ("HEAD", index, "_alias", alias):
                return (200 if alias in self.indices.get(index, ()) else 404), {}
            case ("PUT", index, "_alias", alias):
                self.indices[index].add(alias)
            case ("PUT", index) if index in self.indices:
                error = {"type": "resource_already_exists_exception", "reason": f"index [{index}] exists"}
                return 400, {"error": error, "status": 400}
            case ("PUT", index):
                self.indices[index] = set(orjson.loads(request.body or b"{}").get("aliases", {}))
        return 200, {"acknowledged": True}

    def _templates(self, kind: str, pattern: str) -> Json:
        start = pattern.rstrip("*")
        return {
            f"{kind}_templates": [
                {"name": name, f"{kind}_template": body}
                for name, body in self.templates[kind].items()
                if name.startswith(start)
            ]
        }

    def _bulk(self, request: Request) -> Json:
        items = [self._item(action, target, document) for action, target, document in _operations(request)]
        return {"errors": any("error" in next(iter(item.values())) for item in items), "items": items}

    def _item(self, action: str, target: Json, document: bytes) -> Json:
        refusal = self._take_refusal(document)
        if refusal is not None:
            return {action: {"_id": target["_id"], "status": refusal.status, "error": refusal.error}}
        if not self.any_index and target["_index"] not in self.indices:
            error = {"type": "index_not_found_exception", "reason": f"no such index [{target['_index']}]"}
            return {action: {"_id": target["_id"], "status": 404, "error": error}}
        key = (target["_index"], target["_id"])
        version = target.get("version", 1)
        if key in self.documents and (action == "create" or version <= self.documents[key][0]):
            error = {"type": "version_conflict_engine_exception", "reason": "version conflict"}
            return {action: {"_id": target["_id"], "status": 409, "error": error}}
        self.documents[key] = version, document
        return {action: {"_id": target["_id"], "status": 201}}

    def _take_refusal(self, document: bytes) -> _Refusal | None:
        for refusal in self._refusals:
            if refusal.times > 0 and refusal.matches(orjson.loads(document)):
                refusal.times -= 1
                return refusal
        return None


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *rest = head.splitlines()
    method, target, _ = first.split(" ")
    named = (line.split(": ", 1) for line in rest if ": " in line)
    headers = {name.lower(): value for name, value in named}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    if headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    url = urlsplit(target)
    query = {name: values[-1] for name, values in parse_qs(url.query).items()}
    return Request(method, url.path, query, headers, body)


def _operations(request: Request) -> Iterator[tuple[str, Json, bytes]]:
    lines = iter(request.body.splitlines())
    for line in lines:
        ((action, target),) = orjson.loads(line).items()
        yield action, target, next(lines)
