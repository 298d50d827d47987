"""Observables: the typed values of an event worth pivoting on, taken from mapped fields only."""

import re
from collections.abc import Iterator
from typing import Any

from shared.normalise import addresses
from shared.normalise.event import MAX_OBSERVABLES

MAX_VALUE = 1024
"""Bytes of UTF-8: a unique index on the value must hold it."""

TYPES = (
    "ip", "domain", "url", "hash", "user", "email", "file", "process",
    "host", "cve", "registry", "user_agent", "ja3", "ja4",
)  # fmt: skip

FIELDS: dict[str, str] = {
    "client.ip": "ip",
    "destination.ip": "ip",
    "dns.resolved_ip": "ip",
    "host.ip": "ip",
    "server.ip": "ip",
    "source.ip": "ip",
    "destination.domain": "domain",
    "dns.question.name": "domain",
    "server.domain": "domain",
    "source.domain": "domain",
    "tls.client.server_name": "domain",
    "url.domain": "domain",
    "url.full": "url",
    "file.hash.md5": "hash",
    "file.hash.sha1": "hash",
    "file.hash.sha256": "hash",
    "user.name": "user",
    "user.target.name": "user",
    "email.from.address": "email",
    "email.to.address": "email",
    "user.email": "email",
    "file.path": "file",
    "process.name": "process",
    "host.name": "host",
    "vulnerability.id": "cve",
    "registry.path": "registry",
    "user_agent.original": "user_agent",
    "tls.client.ja3": "ja3",
    "tls.client.ja4": "ja4",
}

_RELATED = {"ip": "ip", "domain": "hosts", "host": "hosts", "user": "user", "hash": "hash"}
# Kinds under which sensors write addresses as well as names.
_PLACES = frozenset({"ip", "domain", "host"})
# Names that stand for the system itself or for nobody: a pivot on them finds everything.
_NOBODY = frozenset({"root", "system", "-", "n/a", "<na>", "none", "null", "unknown", "nobody"})
_HASH = re.compile(r"[0-9a-f]{32}(?:[0-9a-f]{8})?(?:[0-9a-f]{24})?\Z")
_CVE = re.compile(r"CVE-\d{4}-\d{4,}\Z", re.A)
_DOMAIN = re.compile(r"[\w*](?:[\w.*-]{0,252}\w)?\Z")
_URL_START = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,31})://([^/?#\\]*)", re.A)
# Schemes as people write them so that no program follows the link.
_FANGED_SCHEMES = {"hxxp": "http", "hxxps": "https", "fxp": "ftp"}


class Observables:
    """Gathers up to 100 different observables in the order they are met, each with the fields it was met in."""

    __slots__ = ("_found", "_seen")

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], bool] = {}
        self._seen: dict[tuple[str, str], str] = {}

    def add(self, kind: str, value: Any, fields: str = "") -> None:
        """Take a value, or each of a list, if it is worth keeping as an observable of that kind.

        `fields` are ECS names, by commas, under which it stands in the document.
        """
        if type(value) is list:
            for item in value:
                self.add(kind, item, fields)
        elif kind in _PLACES and (address := addresses.read(value)) is not None:
            if address.telling:
                self._keep(("ip", address.text), address.internal, fields)
        elif type(value) is str and kind != "ip" and (clean := _cleaned(kind, value)) is not None:
            self._keep((kind, clean), False, fields)

    def _keep(self, pair: tuple[str, str], internal: bool, fields: str) -> None:
        before = self._seen.get(pair)
        if before is not None:
            if fields and fields not in before.split(","):
                self._seen[pair] = f"{before},{fields}" if before else fields
        elif len(self._found) < MAX_OBSERVABLES:
            self._found[pair] = internal
            self._seen[pair] = fields

    def pairs(self) -> list[tuple[str, str]]:
        """Type and value of each."""
        return list(self._found)

    def fields(self) -> list[str]:
        """The fields of each, by commas, in the order of `pairs`; empty where it stands in none of ECS's."""
        return list(self._seen.values())

    def documents(self) -> Iterator[dict[str, Any]]:
        """Each as it stands in `alert.observables`."""
        for (kind, value), internal in self._found.items():
            if internal:
                yield {"type": kind, "value": value, "internal": True}
            else:
                yield {"type": kind, "value": value}

    def related(self) -> dict[str, list[str]]:
        """The lists of ECS `related`."""
        lists: dict[str, list[str]] = {}
        for kind, value in self._found:
            name = _RELATED.get(kind)
            if name is not None:
                lists.setdefault(name, []).append(value)
        return lists


def _is_short(value: str) -> bool:
    return 4 * len(value) <= MAX_VALUE or len(value.encode()) <= MAX_VALUE


def _cleaned(kind: str, value: str) -> str | None:
    value = value.strip()
    if not value or not _is_short(value):
        return None
    if kind in {"user", "process", "host"}:
        return None if value.lower() in _NOBODY else value
    if kind == "domain":
        name = value.lower().rstrip(".")
        return name if _DOMAIN.match(name) else None
    if kind == "hash":
        return value.lower() if _HASH.match(value.lower()) else None
    if kind == "cve":
        return value.upper() if _CVE.match(value.upper()) else None
    if kind == "email":
        return value.lower() if value.find("@") > 0 else None
    if kind == "url":
        value = _url(value)
        return value if _is_short(value) else None  # a few letters are longer in lower case
    return value


def _url(value: str) -> str:
    """With the scheme and host in lower case, for which case means nothing (RFC 3986, 6.2.2.1); the rest as it is."""
    found = _URL_START.match(value)
    if found is None:
        return value
    scheme, place = found[1].lower(), found[2]
    user, at, host = place.rpartition("@")
    return f"{_FANGED_SCHEMES.get(scheme, scheme)}://{user}{at}{host.lower()}{value[found.end() :]}"
