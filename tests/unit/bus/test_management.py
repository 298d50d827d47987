"""URLs as people write them, and policies that match one queue only."""

import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from shared.bus.management import Management, policy_name, virtual_host
from shared.bus.topology import QUEUES
from shared.errors import Invalid


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("amqp://u:p@h", "/"),
        ("amqp://u:p@h/", "/"),
        ("amqp://u:p@h/%2F", "/"),
        ("amqp://u:p@h:5672/eventsec?heartbeat=5", "eventsec"),
        ("amqps://h/a%2Fb", "a/b"),
    ],
)
def test_virtual_hosts(url: str, name: str) -> None:
    assert virtual_host(url) == name


def test_only_http_is_a_management_url() -> None:
    for url in ("file:///etc/passwd", "ftp://h", "nonsense"):
        with pytest.raises(Invalid):
            Management(url, "amqp://h/")


def test_every_queue_has_a_policy_of_its_own_and_only_work_queues_can_be_full() -> None:
    endless = [queue for queue in QUEUES if "max-length-bytes" not in queue.policy]
    assert {queue.name for queue in endless} == {"events.parked", "changes.parked"}
    # Without one, RabbitMQ 4 drops what was looked at twenty times; and policies need its management API.
    assert all(queue.arguments["x-delivery-limit"] > 100_000 for queue in endless)
    names = [policy_name(queue) for queue in QUEUES]
    assert len(set(names)) == len(names)
    assert not re.fullmatch(re.escape("events.received"), "eventsXreceived")


class _Elsewhere(BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(302)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_the_login_goes_nowhere_else() -> None:
    server = HTTPServer(("127.0.0.1", 0), _Elsewhere)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        management = Management(f"http://eve:secret@127.0.0.1:{server.server_port}", "amqp://h/", timeout=10)
        with pytest.raises(Invalid, match="answered 302"):
            management.version()
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
    assert _Elsewhere.asked == ["/api/overview?columns=rabbitmq_version"]


def test_without_tls_no_authorities_are_read() -> None:
    Management("http://h", "amqp://h/", ca_file=Path("/nowhere"))
    with pytest.raises(OSError, match="No such file"):
        Management("https://h", "amqp://h/", ca_file=Path("/nowhere"))
