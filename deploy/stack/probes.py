"""Ask a server, in its own protocol, whether it serves: each returns, or raises `NotAnswering` with the reason."""

import base64
import http.client
import json
import socket
import struct
from contextlib import closing
from typing import Any

from deploy.stack.errors import NotAnswering

SECONDS = 2.0  # a server on the loopback that needs longer is not ready

_POSTGRES_3_0 = 196608
_POSTGRES_STARTING = b"C57P03\x00"  # cannot_connect_now: starting up, recovering or shutting down


def postgres(host: str, port: int, user: str = "eventsec", database: str = "eventsec") -> None:
    """A start-up message; a server that takes clients asks for a password or says why not."""
    body = struct.pack("!i", _POSTGRES_3_0) + f"user\0{user}\0database\0{database}\0\0".encode()
    reply = _exchange(host, port, struct.pack("!i", len(body) + 4) + body)
    if reply[:1] not in (b"R", b"E"):
        raise NotAnswering("something else than Postgres answers")
    if _POSTGRES_STARTING in reply:
        raise NotAnswering("starting up or recovering")


def amqp(host: str, port: int) -> None:
    """The protocol header of AMQP 0-9-1; a broker replies with a method frame, Connection.Start."""
    reply = _exchange(host, port, b"AMQP\x00\x00\x09\x01")
    if reply[:3] != b"\x01\x00\x00":
        raise NotAnswering("something else than an AMQP 0-9-1 broker answers")


def tcp(host: str, port: int) -> None:
    """Only that something listens."""
    try:
        socket.create_connection((host, port), SECONDS).close()
    except OSError as error:
        raise NotAnswering(str(error)) from error


def http_json(host: str, port: int, path: str, *, user: str = "", password: str = "", tls: bool = False) -> Any:
    """The JSON of a 200 reply."""
    kind = http.client.HTTPSConnection if tls else http.client.HTTPConnection
    headers = {}
    if user:
        headers["Authorization"] = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    with closing(kind(host, port, timeout=SECONDS * 2)) as connection:
        try:
            connection.request("GET", path, headers=headers)
            reply = connection.getresponse()
            body = reply.read()
        except (OSError, http.client.HTTPException) as error:
            raise NotAnswering(str(error) or type(error).__name__) from error
    if reply.status != 200:
        raise NotAnswering(f"HTTP {reply.status} for {path}: {body[:200].decode(errors='replace')}")
    try:
        return json.loads(body)
    except ValueError as error:
        raise NotAnswering(f"no JSON for {path}") from error


def _exchange(host: str, port: int, request: bytes) -> bytes:
    try:
        with socket.create_connection((host, port), SECONDS) as connection:
            connection.sendall(request)
            return connection.recv(4096)
    except OSError as error:
        raise NotAnswering(str(error)) from error
