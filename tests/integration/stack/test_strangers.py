"""A server that took our port, and answers, is not ours."""

import http.server
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.stack import opensearch, ports, postgres, probes
from deploy.stack.errors import NotAnswering
from deploy.stack.place import Place
from deploy.stack.process import Process
from deploy.stack.state import Record


@contextmanager
def _cluster(name: str, status: str = "green") -> Iterator[int]:
    class Health(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"cluster_name": name, "status": status}).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
            pass

    with http.server.HTTPServer((ports.LOOPBACK, 0), Health) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def test_opensearch(tmp_path: Path) -> None:
    ours = Place(tmp_path, tmp_path, None)
    with _cluster(ours.mark("opensearch")) as port:
        opensearch.check(ours, Record({"http": port}))
    with _cluster("theirs") as port, pytest.raises(NotAnswering, match="another"):
        opensearch.check(ours, Record({"http": port}))
    with _cluster(ours.mark("opensearch"), "red") as port, pytest.raises(NotAnswering, match="red"):
        opensearch.check(ours, Record({"http": port}))


@contextmanager
def _says(reply: bytes) -> Iterator[int]:
    """A server that answers the first thing it is told."""
    with socket.create_server((ports.LOOPBACK, 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(reply)

        thread = threading.Thread(target=answer)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


ASKS_FOR_A_PASSWORD = b"R\x00\x00\x00\x17\x00\x00\x00\x0aSCRAM-SHA-256\x00\x00"
IS_STARTING = b"E\x00\x00\x00\x1fSFATAL\x00VFATAL\x00C57P03\x00Mstarting up\x00\x00"


def test_postgres(tmp_path: Path) -> None:
    ours, data = Place(tmp_path, tmp_path, None), tmp_path / "postgres" / "data"
    data.mkdir(parents=True)
    record = Record(processes={"server": Process(7, "a/1")})

    def pid_file(pid: int, status: str) -> None:
        lines = [str(pid), str(data), "1764021600", "5432", "", "127.0.0.1", "  1  2", status, ""]
        (data / "postmaster.pid").write_text("\n".join(lines))

    pid_file(7, "ready   ")
    with _says(ASKS_FOR_A_PASSWORD) as port:
        record.ports["sql"] = port
        postgres.check(ours, record)
    for pid, status in ((7, "starting"), (8, "ready   ")):
        pid_file(pid, status)
        with pytest.raises(NotAnswering, match="starting up"):
            postgres.check(ours, record)


@pytest.mark.parametrize(("reply", "reason"), [(IS_STARTING, "starting up"), (b"HTTP/1.1 400", "else"), (b"", "else")])
def test_what_is_not_a_postgres_that_serves(reply: bytes, reason: str) -> None:
    with _says(reply) as port, pytest.raises(NotAnswering, match=reason):
        probes.postgres(ports.LOOPBACK, port)


@pytest.mark.parametrize("reply", [b"AMQP\x00\x01\x00\x00", b"HTTP/1.1 400", b""])
def test_what_is_not_an_amqp_0_9_1_broker(reply: bytes) -> None:
    with _says(reply) as port, pytest.raises(NotAnswering, match="else"):
        probes.amqp(ports.LOOPBACK, port)
