"""What a query means, after it was read and checked: the one tree from which all three compilers go.

A document answers a `Has` when at least one value of the field passes the test; without a value none does. So
`Not` is plain: it holds wherever the part does not.
"""

from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Literal
from uuid import UUID

from shared.query.fields import Field

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Scalar = str | int | float | bool | UUID | datetime | Address

ANY: Literal["*"] = "*"
ONE: Literal["?"] = "?"


@dataclass(frozen=True)
class Wild:
    """A wildcard in a pattern: `*` is any number of characters, `?` is one."""

    sign: Literal["*", "?"]


@dataclass(frozen=True)
class Present:
    """There is a value."""


@dataclass(frozen=True)
class Is:
    """The value is this one; of strings, whatever the case of A to Z."""

    value: Scalar


@dataclass(frozen=True)
class Among:
    """The value is one of these ids, which no query can say: it is how many ids at once are left out of one."""

    values: frozenset[UUID]


@dataclass(frozen=True)
class Like:
    """The whole value is of this form, whatever the case of A to Z."""

    parts: tuple[str | Wild, ...]


@dataclass(frozen=True)
class Between:
    """The value lies between the bounds; None is no bound."""

    low: Scalar | None
    high: Scalar | None
    low_included: bool = True
    high_included: bool = True


@dataclass(frozen=True)
class Inside:
    """The address is in one of these networks, of which IPv4 has its own."""

    networks: tuple[Network, ...]


@dataclass(frozen=True)
class Words:
    """These lower-cased words follow each other in the text; as a `prefix`, the text has a word that begins so."""

    words: tuple[str, ...]
    prefix: bool = False


Test = Present | Is | Among | Like | Between | Inside | Words


@dataclass(frozen=True)
class Has:
    """One of the field's values passes the test."""

    field: Field
    test: Test


@dataclass(frozen=True)
class And:
    """All parts hold; of no parts, always."""

    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Or:
    """One of the parts holds; of no parts, never."""

    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Not:
    """The part does not hold."""

    part: "Node"


Node = Has | And | Or | Not

EVERYTHING = And(())
NOTHING = Or(())
