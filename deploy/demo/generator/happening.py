"""What the generator's parts hand each other: something that a sensor of some format saw at some moment."""

import base64
import hashlib
import socket
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any, NamedTuple

Record = dict[str, Any]

FORMATS = ("suricata_eve", "wazuh4", "zeek_json", "falco", "alertmanager", "json")

_PROTOCOL_NUMBERS = {"TCP": 6, "UDP": 17, "ICMP": 1}


class Happening(NamedTuple):
    """One record, before it is bytes. `at` is the sensor's own time."""

    at: datetime
    format: str
    record: Record


@dataclass(frozen=True, slots=True)
class Flow:
    """One connection, as every sensor on its way sees it: that is what makes their records correlate."""

    source: str
    source_port: int
    target: str
    port: int
    protocol: str
    application: str
    number: int
    uid: str

    @property
    def community_id(self) -> str:
        """Version 1 with seed 0: the hash of the ordered ends that Suricata and Zeek both write."""
        near, far = (_packed(self.source), self.source_port), (_packed(self.target), self.port)
        (first, first_port), (second, second_port) = sorted((near, far))
        text = b"\0\0" + first + second + bytes((_PROTOCOL_NUMBERS[self.protocol], 0))
        text += first_port.to_bytes(2, "big") + second_port.to_bytes(2, "big")
        return "1:" + base64.b64encode(hashlib.sha1(text, usedforsecurity=False).digest()).decode()


def flow(rng: Random, source: str, target: str, port: int, application: str = "", *, protocol: str = "TCP") -> Flow:
    """A new connection from a random port."""
    return Flow(
        source=source,
        source_port=32768 + rng.getrandbits(14),
        target=target,
        port=port,
        protocol=protocol,
        application=application,
        number=rng.getrandbits(50),
        uid=zeek_uid(rng),
    )


def zeek_uid(rng: Random, letter: str = "C") -> str:
    """As Zeek writes ids of connections (C) and files (F)."""
    return letter + base64.b64encode(rng.randbytes(12), altchars=b"Zz").decode()


def sha256(rng: Random) -> str:
    """The hash of a file nobody has."""
    return f"{rng.getrandbits(256):064x}"


def md5(rng: Random) -> str:
    """The same, in 32 digits."""
    return f"{rng.getrandbits(128):032x}"


def _packed(address: str) -> bytes:
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)
