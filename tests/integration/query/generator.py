"""Random alerts from small vocabularies, and random queries over them: most queries find some and leave some."""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from shared import clock
from shared.domain.alert import STATUSES
from shared.domain.triage import Verdict
from shared.query.fields import Catalogue, Field, Type

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
WORDS = ("SSH", "ssh", "brute", "Brute-Force", "scan", "Straße", "вход", "port_22", "10%", "a\\b", "x*y", "?")
NAMES = ("web01", "WEB01", "db-2", "db_2", "ann", "corp\\ann", "50%", 'a"b', "é", "É", "*", "x y", "")
ADDRESSES = ("10.0.0.1", "10.0.0.200", "10.1.2.3", "192.0.2.7", "2001:db8::1", "2001:db8:0:1::1", "::1")
NETWORKS = ("10.0.0.0/8", "10.0.0.0/25", "192.0.2.7/32", "2001:db8::/32", "::/0", "::ffff:10.0.0.0/104", "0.0.0.0/0")
# On either side of what OpenSearch's index takes of a keyword and of a wildcard, in UTF-16 as it counts.
LONG = tuple(
    letter * (most + more) for most in (1024, 8192) for letter, more in (("a", 0), ("a", 1), ("🔒", -most // 2))
)
LONG += tuple("x" + one for one in LONG if one[0] == "🔒")
TAGS = ("vpn", "VPN", "hq", "é")
OPEN = ("labels", "sensor")
PEOPLE = tuple(UUID(int=number) for number in range(1, 4))


def value_of(field: Field, rng: random.Random) -> str:
    """The text of a value for this field, often one that is there."""
    return _VALUES[field.type](field, rng)


def query(catalogue: Catalogue, rng: random.Random, depth: int = 3) -> str:
    """A query in the language's own text."""
    kind = rng.random()
    if depth and kind < 0.45:
        operator = rng.choice((" AND ", " OR ", " "))
        parts = [query(catalogue, rng, depth - 1) for _ in range(rng.randint(2, 3))]
        return "(" + operator.join(parts) + ")"
    if depth and kind < 0.6:
        return rng.choice(("NOT ", "-")) + "(" + query(catalogue, rng, depth - 1) + ")"
    if kind < 0.65:
        return quoted(rng.choice((*WORDS[:9], *NAMES[:4], *ADDRESSES[:4])))
    field = rng.choice([one for one in catalogue.fields.values() if one.type is not Type.ID])
    return f"{field.name}:{condition(field, rng)}"


def condition(field: Field, rng: random.Random) -> str:
    """What stands behind a field's name."""
    kind = rng.random()
    if kind < 0.1:
        return "*"
    if field.type in (Type.INTEGER, Type.FLOAT, Type.SEVERITY, Type.TIME) and kind < 0.5:
        low, high = value_of(field, rng), value_of(field, rng)
        if kind < 0.3:
            return rng.choice((">", ">=", "<", "<=")) + low
        return rng.choice("[{") + f"{low} TO {high}" + rng.choice("]}")
    if field.type is Type.ADDRESS and kind < 0.5:
        return quoted(rng.choice(NETWORKS))
    if field.type in (Type.KEYWORD, Type.WILDCARD) and kind < 0.5:
        return quoted(pattern(rng.choice((*NAMES, *WORDS)), rng), wild=True)
    if field.type is Type.TEXT and kind < 0.3:
        return rng.choice(("ss", "br", "s", "вх", "port")) + "*"
    return value_of(field, rng)


def pattern(text: str, rng: random.Random) -> str:
    """The text with pieces taken out for wildcards; what it had of them itself is escaped."""
    made = "".join("\x01" if rng.random() < 0.2 else "\x02" if rng.random() < 0.1 else letter for letter in text)
    escaped = made.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?")
    return escaped.replace("\x01", "*").replace("\x02", "?") or "*"


def quoted(text: str, *, wild: bool = False) -> str:
    """The text in quotes, its own quotes escaped, and its wildcards and backslashes where it is no pattern."""
    if not wild:
        text = text.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?")
    return '"' + text.replace('"', '\\"') + '"'


def alert(rng: random.Random, organization_id: UUID) -> dict[str, Any]:
    """The columns of an alert."""

    def sometimes(value: Any, share: float = 0.6) -> Any:
        return value if rng.random() < share else None

    severity = rng.randint(1, 5)
    return {
        "organization_id": organization_id,
        "fingerprint": rng.randbytes(16),
        "fold_window": 690,
        "title": " ".join(rng.choices(WORDS, k=rng.randint(1, 4))),
        "severity": severity,
        "sensor_severity": severity,
        "status": rng.choice(STATUSES),
        "verdict": sometimes(rng.choice(list(Verdict)).value),
        "reason": sometimes(rng.choice(NAMES)),
        "count": rng.randint(0, 20),
        "risk": rng.randint(0, 100),
        "first_seen": moment(rng),
        "last_seen": moment(rng),
        "resolved_at": sometimes(moment(rng)),
        "acknowledged_at": sometimes(moment(rng)),
        "closed_at": sometimes(moment(rng)),
        "again": rng.random() < 0.5,
        "new_since": sometimes(moment(rng)),
        "tags": rng.sample(TAGS, rng.randint(0, 2)),
        "techniques": rng.sample(("T1110", "T1110.001", "t1110"), rng.randint(0, 2)),
        "rule_id": sometimes(rng.choice(NAMES)),
        "module": rng.choice(NAMES),
        "dataset": rng.choice(NAMES),
    }


def seen(rng: random.Random, catalogue_fields: dict[str, str]) -> list[tuple[str, str, list[str]]]:
    """Observables with their fields, as an alert's events would have them."""
    found: dict[tuple[str, str], list[str]] = {}
    for _ in range(rng.randint(0, 6)):
        name = rng.choice(list(catalogue_fields))
        kind = catalogue_fields[name]
        value = rng.choice(ADDRESSES if kind == "ip" else [one for one in NAMES if one])
        fields = found.setdefault((kind, value), [])
        if name not in fields:
            fields.append(name)
    return [(kind, value, fields) for (kind, value), fields in sorted(found.items())]


def event(rng: random.Random, fields: Sequence[Field]) -> dict[str, Any]:
    """A document with some of these fields, as normalising would leave it: most values once, some as a list."""
    document: dict[str, Any] = {}
    for field in rng.sample(fields, rng.randint(0, min(12, len(fields)))):
        values = [_HELD[field.type](rng) for _ in range(2 if rng.random() < 0.2 else 1)]
        _put(document, field.in_document.split("."), values if len(values) > 1 else values[0], rng)
    return document


def _put(held: dict[str, Any], names: Sequence[str], value: Any, rng: random.Random) -> None:
    if len(names) == 1:
        held[names[0]] = value
    elif names[0] in OPEN and len(names) > 2 and rng.random() < 0.5:
        # As vendors write it: a name with dots of its own.
        _put(held.setdefault(names[0], {}), [".".join(names[1:])], value, rng)
    else:
        _put(held.setdefault(names[0], {}), names[1:], value, rng)


def moment(rng: random.Random) -> datetime:
    """Within five days, often on a round hour."""
    hours = NOW + timedelta(hours=rng.randint(-96, 24))
    return hours if rng.random() < 0.5 else hours + timedelta(milliseconds=rng.randint(0, 3_599_999))


def _time(_: Field, rng: random.Random) -> str:
    when = moment(rng)
    choices = (
        when.date().isoformat(),
        f'"{when:%Y-%m-%dT%H:%M}"',
        f'"{when.isoformat(timespec="milliseconds")}"',
        f"{when:%Y-%m}",
        f"now-{rng.randint(1, 80)}h",
        f"now-{rng.randint(0, 4)}d/d",
    )
    return rng.choice(choices)


_VALUES: dict[Type, Callable[[Field, random.Random], str]] = {
    Type.KEYWORD: lambda _, rng: quoted(rng.choice((*NAMES, *WORDS, *TAGS, *ADDRESSES, "T1110"))),
    Type.WILDCARD: lambda _, rng: quoted(rng.choice((*NAMES, *WORDS, *ADDRESSES))),
    Type.TEXT: lambda _, rng: quoted(" ".join(rng.choices(WORDS[:8], k=rng.randint(1, 2)))),
    Type.CHOICE: lambda field, rng: rng.choice(field.choices),
    Type.SEVERITY: lambda _, rng: rng.choice(("1", "2", "3", "high", "critical")),
    Type.INTEGER: lambda _, rng: str(rng.randint(0, 20)),
    Type.FLOAT: lambda _, rng: str(rng.randint(0, 8) / 4),
    Type.BOOLEAN: lambda _, rng: rng.choice(("true", "false")),
    Type.TIME: _time,
    Type.ADDRESS: lambda _, rng: quoted(rng.choice(ADDRESSES)),
    Type.PERSON: lambda _, rng: str(rng.choice(PEOPLE)),
}

_HELD: dict[Type, Callable[[random.Random], Any]] = {
    Type.KEYWORD: lambda rng: rng.choice((*NAMES, *WORDS, *TAGS, *ADDRESSES, *LONG)),
    Type.WILDCARD: lambda rng: rng.choice((*NAMES, *WORDS, *ADDRESSES, *LONG)),
    Type.TEXT: lambda rng: " ".join(rng.choices(WORDS, k=rng.randint(1, 4))),
    Type.SEVERITY: lambda rng: rng.randint(1, 5),
    Type.INTEGER: lambda rng: rng.randint(0, 20),
    Type.FLOAT: lambda rng: rng.randint(0, 8) / 4,
    Type.BOOLEAN: lambda rng: rng.random() < 0.5,
    Type.TIME: lambda rng: clock.isoformat(moment(rng)),
    Type.ADDRESS: lambda rng: rng.choice(ADDRESSES),
}
