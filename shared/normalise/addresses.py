"""IP addresses: which strings are one, in which form we keep them, and which are worth a pivot."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import msgspec

_INTERNAL_V4 = tuple(IPv4Network(net) for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))
_INTERNAL_V6 = IPv6Network("fc00::/7")
_BROADCAST = IPv4Address("255.255.255.255")
_MAX_TEXT = 64


class Address(msgspec.Struct, frozen=True):
    """An address in its canonical text.

    `internal`: of a private, shared or unique-local range. `telling`: names one machine elsewhere, so that
    it is worth a pivot (not unspecified, loopback, link-local, multicast or broadcast).
    """

    text: str
    internal: bool
    telling: bool


def read(value: object) -> Address | None:
    """The address a string is; None for anything else. IPv6 zones are cut off, mapped IPv4 unwrapped."""
    if type(value) is Address:
        return value
    return _read(value) if type(value) is str and len(value) <= _MAX_TEXT else None


@lru_cache(maxsize=1 << 14)
def _read(text: str) -> Address | None:
    try:
        address = ip_address(text.partition("%")[0].strip("[] "))
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return Address(str(address), _is_internal(address), _is_telling(address))


def _is_internal(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        return address in _INTERNAL_V6
    return any(address in network for network in _INTERNAL_V4)


def _is_telling(address: IPv4Address | IPv6Address) -> bool:
    return not (
        address.is_unspecified
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address == _BROADCAST
    )
