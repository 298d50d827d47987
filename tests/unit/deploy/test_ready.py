"""The containers' health check, against real sockets."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from deploy import ready


@contextmanager
def answering(status: int) -> Iterator[tuple[int, list[str]]]:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        yield server.server_address[1], asked
        thread.join(5)


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (204, 1)])
def test_only_a_200_is_ready(status: int, code: int) -> None:
    with answering(status) as (port, asked):
        assert ready.main([str(port)]) == code
    assert asked == ["/readyz"]


def test_another_page_can_be_asked_for() -> None:
    with answering(200) as (port, asked):
        assert ready.main([str(port), "/healthz"]) == 0
    assert asked == ["/healthz"]


def test_nobody_there_is_not_ready(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert ready.main([str(port)]) == 1
    assert "refused" in capsys.readouterr().out


def test_who_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert ready.main([str(server.getsockname()[1])]) == 1
