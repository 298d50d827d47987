"""RabbitMQ's management API, as far as we need it: what AMQP itself cannot set or show, as policies and users."""

import json
import re
import ssl
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, NamedTuple

from shared.bus.topology import EXCHANGE, QUEUES, Queue
from shared.credentials import Url, basic, current
from shared.errors import Invalid, Unavailable

TIMEOUT_SECONDS = 5.0
PRIORITY = 10


class NodeDisk(NamedTuple):
    """Bytes free on a node's disk, and below how many it stops publishers; `alarm` while it does."""

    free: int
    limit: int
    alarm: bool


class QueueDepth(NamedTuple):
    """Messages of a queue that wait, that are handed out (None where nobody counts them), and its consumers."""

    name: str
    ready: int
    unacknowledged: int | None
    consumers: int


class Rights(NamedTuple):
    """Patterns of what a user may declare, write to and read from, and of the routing keys it may write."""

    configure: str
    write: str
    read: str
    keys: str


class QueueSize(NamedTuple):
    """Bytes of a queue, and from how many on it refuses messages; None where its policy sets no limit."""

    name: str
    bytes: int
    limit: int | None


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """An answer that leads elsewhere is refused like any other: urllib would take the login there."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Management:
    """The API at `url` (`http://user:password@host:15672`), for the virtual host of the AMQP URL.

    Calls block for at most `timeout` seconds each: run them in a thread.
    They raise Unavailable where the server does not answer, and Invalid where it refuses.
    """

    def __init__(
        self, url: Url, amqp_url: str, *, timeout: float = TIMEOUT_SECONDS, ca_file: Path | None = None
    ) -> None:
        parts = urllib.parse.urlsplit(current(url))
        if parts.scheme not in ("http", "https") or parts.hostname is None:
            raise Invalid("the management URL must be http(s)://…", code="unusable_url")
        self._url = url
        # No proxy, and nowhere else: the management API is next to us, and its URL holds a password.
        handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({}), _NoRedirects()]
        if parts.scheme == "https":
            trusting = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
            handlers.append(urllib.request.HTTPSHandler(context=trusting))
        self._opener = urllib.request.build_opener(*handlers)
        self._base = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}/api"
        self._timeout = timeout
        self._vhost = urllib.parse.quote(virtual_host(amqp_url), safe="")

    def set_policies(self) -> list[str]:
        """Put the policy of each queue that has a size; idempotent. Returns the names."""
        sized = [queue for queue in QUEUES if queue.policy]
        for queue in sized:
            self._call("PUT", f"policies/{self._vhost}/{policy_name(queue)}", _policy(queue))
        return [policy_name(queue) for queue in sized]

    def missing_policies(self) -> list[str]:
        """Names of the policies that are not there; someone's own sizes in ours are fine."""
        there = {found["name"] for found in self._call("GET", f"policies/{self._vhost}")}
        return [name for queue in QUEUES if queue.policy and (name := policy_name(queue)) not in there]

    def set_user(self, name: str, password: str, tags: str) -> None:
        """Make the user, or give it this password and these tags; its open connections stay."""
        self._call("PUT", f"users/{urllib.parse.quote(name, safe='')}", {"password": password, "tags": tags})

    def set_rights(self, name: str, rights: Rights) -> None:
        """What the user may do in the virtual host, and to which routing keys of an exchange it may write."""
        where = f"{self._vhost}/{urllib.parse.quote(name, safe='')}"
        patterns = {"configure": rights.configure, "write": rights.write, "read": rights.read}
        self._call("PUT", f"permissions/{where}", patterns)
        # One that was there for another exchange would stay; nobody but an administrator makes such.
        self._call("PUT", f"topic-permissions/{where}", {"exchange": EXCHANGE, "write": rights.keys, "read": "^$"})

    def messages_in(self, queue: str) -> int:
        """Messages in a queue, ready and unacknowledged together, as the broker last counted (every 5 s)."""
        found = self._call("GET", f"queues/{self._vhost}/{urllib.parse.quote(queue, safe='')}")
        if not isinstance(found.get("messages"), int):
            raise Unavailable("management API has not counted this queue yet")
        return int(found["messages"])

    def depths(self) -> list[QueueDepth]:
        """Each of our queues, as the broker last counted (every 5 s)."""
        columns = "name,messages_ready,messages_unacknowledged,consumers"
        ours = {queue.name for queue in QUEUES}
        return [
            QueueDepth(
                found["name"],
                found.get("messages_ready", 0),
                found.get("messages_unacknowledged", 0),
                found.get("consumers", 0),
            )
            for found in self._call("GET", f"queues/{self._vhost}?columns={columns}")
            if found["name"] in ours
        ]

    def sizes(self) -> list[QueueSize]:
        """Each of our queues, as the broker last counted (every 5 s), with the policy in force, whoever set it."""
        columns = "name,message_bytes,effective_policy_definition"
        ours = {queue.name for queue in QUEUES}
        return [
            QueueSize(
                found["name"],
                found.get("message_bytes", 0),
                # An empty object comes as an empty list.
                dict(found.get("effective_policy_definition") or {}).get("max-length-bytes"),
            )
            for found in self._call("GET", f"queues/{self._vhost}?columns={columns}")
            if found["name"] in ours
        ]

    def version(self) -> str:
        """The server's."""
        return str(self._call("GET", "overview?columns=rabbitmq_version")["rabbitmq_version"])

    def disks(self) -> list[NodeDisk]:
        """The disk of each node; needs the tag `monitoring`."""
        nodes = self._call("GET", "nodes?columns=disk_free,disk_free_limit,disk_free_alarm")
        return [
            NodeDisk(node["disk_free"], node["disk_free_limit"], bool(node.get("disk_free_alarm")))
            for node in nodes
            # A node that is down tells nothing.
            if isinstance(node.get("disk_free"), int)
        ]

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - the scheme is checked above
            f"{self._base}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": basic(current(self._url)), "Content-Type": "application/json"},
        )
        try:
            with self._opener.open(request, timeout=self._timeout) as reply:
                return json.loads(reply.read() or b"null")
        except urllib.error.HTTPError as error:
            with error:
                if error.code >= 500:
                    raise Unavailable(f"management API answered {error.code}") from None
                raise Invalid(f"management API answered {error.code} to {method}", code="refused") from None
        except (OSError, ValueError) as error:
            raise Unavailable(f"management API is away: {type(error).__name__}") from None


def virtual_host(amqp_url: str) -> str:
    """The virtual host an AMQP URL names; none, or a bare slash, is `/`."""
    return urllib.parse.unquote(urllib.parse.urlsplit(amqp_url).path[1:]) or "/"


def policy_name(queue: Queue) -> str:
    """What the queue's policy is called on the broker."""
    return f"eventsec-{queue.name}"


def _policy(queue: Queue) -> dict[str, Any]:
    pattern = f"^{re.escape(queue.name)}$"
    return {"pattern": pattern, "definition": queue.policy, "priority": PRIORITY, "apply-to": "queues"}
