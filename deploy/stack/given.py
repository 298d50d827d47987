"""A server somebody else runs: its URL stands in the environment. Never started or stopped from here."""

import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

from deploy.stack import probes
from deploy.stack.errors import NotAnswering, StackError
from deploy.stack.report import Report

_PORTS = {"postgres": 5432, "rabbitmq": 5672, "opensearch": 9200}
_MORE = {
    "postgres": (
        "EVENTSEC_INGEST_POSTGRES_URL", "EVENTSEC_INDEXER_POSTGRES_URL", "EVENTSEC_API_POSTGRES_URL",
        "EVENTSEC_POSTGRES_ADMIN_URL",
    ),
    "rabbitmq": ("EVENTSEC_RABBITMQ_MANAGEMENT_URL",),
    "opensearch": (),
}  # fmt: skip


class Given:
    """One server named by `variable`."""

    provider = "given"

    def __init__(self, name: str, variable: str, environment: Mapping[str, str]) -> None:
        self.name = name
        self._variable, self._environment = variable, environment

    def ensure(self, report: Report) -> None:
        """Raises `StackError` when it cannot be reached."""
        if reason := self._answer():
            raise StackError(
                f"{self._variable} names {self._where()}, which does not answer: {reason}.\n"
                f"  Start that server, or unset {self._variable} to get a private one."
            )
        report(self.name, f"given by {self._variable}, answers on {self._where()}")

    def environment(self) -> dict[str, str]:
        """What was given, and no more: which logins there are is for its owner to say."""
        return {name: self._environment[name] for name in (self._variable, *_MORE[self.name]) if name in self._environment}

    def status(self) -> dict[str, object]:
        reason = self._answer()
        return {"provider": self.provider, "running": not reason, "answers": not reason, "detail": reason}

    def _where(self) -> str:
        """Without its login."""
        url = urlsplit(self._environment[self._variable])
        return f"{url.hostname}:{url.port or _PORTS[self.name]}"

    def _answer(self) -> str:
        """Why it does not answer; empty when it does."""
        url = urlsplit(self._environment[self._variable])
        host, port = url.hostname or "127.0.0.1", url.port or _PORTS[self.name]
        user = url.username or ""
        try:
            if self.name == "opensearch":
                tls = url.scheme == "https"
                probes.http_json(host, port, "/_cluster/health", user, url.password or "", tls)
            elif self.name == "postgres":
                probes.postgres(host, port, user, url.path.strip("/") or user)
            elif url.scheme == "amqps":
                probes.tcp(host, port)
            else:
                probes.amqp(host, port)
        except (NotAnswering, socket.gaierror) as error:
            return str(error)
        return ""
