"""What `EVENTSEC_ENV=production` refuses of URLs and passwords, each as a rule of its own."""

import os
from urllib.parse import parse_qs, unquote, urlsplit

LOOPBACK = ("127.0.0.1", "localhost", "::1")
POSTGRES = ("postgresql", "postgres")

# Known to everybody who reads this: good for a demo on loopback and nothing else. So begins each password of
# deploy/secrets/demo.
DEMO_PASSWORD = "demo-only-"  # noqa: S105 - production refuses it
DEMO_SECRET_KEY = "ZXZlbnRzZWMtZGVtby1rZXktbm90LWEtc2VjcmV0LTE="  # noqa: S105 - production refuses it


def has_demo_password(address: str) -> bool:
    """True for a URL with one of the demo's passwords, or with its user's name as password."""
    user, password = login(address)
    return bool(password) and (password.startswith(DEMO_PASSWORD) or password == user)


def is_guest(address: str) -> bool:
    """True for RabbitMQ's own first login, whatever its password; it is also that of an AMQP URL without any."""
    user, _ = login(address)
    return user == "guest" or (not user and address.startswith("amqp"))


def is_open_way(address: str) -> bool:
    """True for a URL that leads to another machine without TLS that proves whose machine it is."""
    parts = urlsplit(address)
    options = parse_qs(parts.query, keep_blank_values=True)
    if all(host in LOOPBACK or host.startswith("/") for host in _hosts(parts.netloc, options)):
        return False
    match parts.scheme:
        case scheme if scheme in POSTGRES:
            return options.get("sslmode") != ["verify-full"]
        case "amqps":
            return options.get("no_verify_ssl", ["0"]) != ["0"]
        case scheme:
            return scheme != "https"


def login(address: str) -> tuple[str, str]:
    """User and password of a URL as its server sees them; in libpq's form they may be options instead."""
    parts = urlsplit(address)
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    options = parse_qs(parts.query) if parts.scheme in POSTGRES else {}
    return unquote(user) or options.get("user", [""])[-1], unquote(password) or options.get("password", [""])[-1]


def _hosts(netloc: str, options: dict[str, list[str]]) -> list[str]:
    """Of a URL, which may name several, or in libpq's form one in an option: a name, or the folder of a socket.

    Where a PostgreSQL URL names none (`postgresql:///x`) that is a socket of this machine, or what PGHOST names.
    """
    named = netloc.rpartition("@")[2]
    texts = [*options.get("host", []), *([named] if named else [])] or [os.environ.get("PGHOST") or LOOPBACK[0]]
    return [urlsplit(f"//{one}").hostname or one for text in texts for one in text.split(",")]
