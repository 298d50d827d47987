"""A server somebody else runs: its URL stands in the environment. Never started or stopped from here."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from deploy.stack import probes
from deploy.stack.errors import NotAnswering, StackError
from deploy.stack.report import Report

_PORTS = {"postgres": 5432, "rabbitmq": 5672, "opensearch": 9200}

# Passed on when they are given too; the first three else become the server's own URL.
_LOGINS = ("EVENTSEC_INGEST_POSTGRES_URL", "EVENTSEC_INDEXER_POSTGRES_URL", "EVENTSEC_API_POSTGRES_URL")
_MORE = {"postgres": ("EVENTSEC_POSTGRES_ADMIN_URL",), "rabbitmq": ("EVENTSEC_RABBITMQ_MANAGEMENT_URL",)}


class Given:
    """One server named by `variable`."""

    provider = "given"

    def __init__(self, name: str, variable: str, environment: Mapping[str, str]) -> None:
        self.name = name
        self._variable, self._environment = variable, environment
        self._url = urlsplit(environment[variable])
        self._host, self._port = self._url.hostname or "127.0.0.1", self._url.port or _PORTS[name]

    def ensure(self, report: Report) -> None:
        """Raises `StackError` when it cannot be reached."""
        if reason := self._trouble():
            raise StackError(
                f"{self._variable} names {self._host}:{self._port}, which does not answer: {reason}.\n"
                f"  Start that server, or unset {self._variable} to get a private one."
            )
        report(self.name, f"given by {self._variable}, answers on {self._host}:{self._port}")
        if lacking := [name for name in self._logins() if name not in self._environment]:
            report(self.name, f"{', '.join(lacking)} not given: {self._variable} stands in, with all its rights")

    def environment(self) -> dict[str, str]:
        own = self._environment[self._variable]
        logins = {name: self._environment.get(name, own) for name in self._logins()}
        more = [name for name in _MORE.get(self.name, ()) if name in self._environment]
        return {self._variable: own, **logins, **{name: self._environment[name] for name in more}}

    def status(self) -> dict[str, object]:
        reason = self._trouble()
        return {"provider": self.provider, "running": not reason, "answers": not reason, "detail": reason}

    def _logins(self) -> tuple[str, ...]:
        return _LOGINS if self.name == "postgres" else ()

    def _trouble(self) -> str:
        """Why it does not answer; empty when it does."""
        try:
            self._probe()
        except NotAnswering as error:
            return str(error)
        return ""

    def _probe(self) -> None:
        url, host, port = self._url, self._host, self._port
        user, password = url.username or "", url.password or ""
        if self.name == "opensearch":
            tls = url.scheme == "https"
            probes.http_json(host, port, "/_cluster/health", user=user, password=password, tls=tls)
        elif self.name == "postgres":
            probes.postgres(host, port, user, url.path.strip("/") or user)
        elif url.scheme == "amqps":
            probes.tcp(host, port)
        else:
            probes.amqp(host, port)
