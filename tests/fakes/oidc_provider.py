"""An OpenID provider that says whatever a test wants it to, signed or not: what no real one can be brought to say."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
from joserfc.jwk import RSAKey


@dataclass
class FakeProvider:
    """`id_token` is what any code is worth; none for a code it does not know, and `broken` is
    a failure of its own. `asked` counts requests by path."""

    issuer: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first", "use": "sig"}))
    id_token: str | None = None
    broken: bool = False
    asked: dict[str, int] = field(default_factory=dict)

    def answer(self, path: str) -> tuple[int, dict[str, Any]]:
        """The reply to a request for that path."""
        self.asked[path] = self.asked.get(path, 0) + 1
        if path == "/jwks":
            return 200, {"keys": [self.key.as_dict(private=False)]}
        if path == "/token" and self.broken:
            return 500, {"error": "server_error"}
        if path == "/token":
            if self.id_token is None:
                return 400, {"error": "invalid_grant"}
            return 200, {"id_token": self.id_token, "token_type": "Bearer"}
        return 200, {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
        }


@contextlib.contextmanager
def running_fake() -> Iterator[FakeProvider]:
    """The provider on a free port of loopback."""
    fake = FakeProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = fake.answer(self.path)
            content = orjson.dumps(body)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, *_: Any) -> None:
            """Nothing on the terminal."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        fake.issuer = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield fake
        finally:
            server.shutdown()
            thread.join()
