"""Addresses and networks as people write them in queries; IPv4 in IPv6's clothes is IPv4, as both stores keep it."""

import re
from collections.abc import Iterable
from ipaddress import (
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
    summarize_address_range,
)

from shared.query.tree import Address, Network

_MAPPED = IPv6Network("::ffff:0:0/96")
_ALL_OF_V4 = IPv4Network("0.0.0.0/0")
_STARRED = re.compile(r"((?:\d{1,3}\.){1,3})\*(?:\.\*)*", re.A)


def address(text: str) -> Address:
    """The address a text is. Raises ValueError."""
    found = ip_address(_without_zone(text.strip().strip("[]")))
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def networks(text: str) -> tuple[Network, ...]:
    """The network of `10.0.0.0/8` or `10.1.*`. Raises ValueError."""
    if starred := _STARRED.fullmatch(text):
        octets = starred[1].split(".")[:-1]
        filled = ".".join([*octets, *["0"] * (4 - len(octets))])
        return (IPv4Network(f"{filled}/{8 * len(octets)}"),)
    return _both(ip_network(_without_zone(text.strip()), strict=False))


def between(low: Address, high: Address) -> tuple[Network, ...]:
    """The networks that together are all addresses from low to high, both included. Raises ValueError."""
    if type(low) is not type(high):
        raise ValueError("one is of IPv4, the other of IPv6")
    found: Iterable[Network] = summarize_address_range(low, high)
    return tuple(part for network in found for part in _both(network))


def _without_zone(text: str) -> str:
    """The text; a zone (`fe80::1%eth0`) means something on one machine alone, and neither store takes it."""
    if "%" in text:
        raise ValueError("an address with a zone")
    return text


def _both(network: Network) -> tuple[Network, ...]:
    if isinstance(network, IPv4Network):
        return (network,)
    if network.subnet_of(_MAPPED):
        v4 = network.network_address.ipv4_mapped
        return (IPv4Network((int(v4 or 0), network.prefixlen - 96)),)
    return (network, _ALL_OF_V4) if _MAPPED.subnet_of(network) else (network,)
