"""The types of pasted values: by which words people name them, and the form in which sensors' ones are kept."""

import re

from shared.normalise import addresses, names
from shared.normalise.addresses import Address
from shared.normalise.observables import MAX_VALUE, TYPES, Observables
from shared.normalise.refang import refang

FANGED = frozenset({"ip", "domain", "url", "email", "host"})
"""Types whose values people defang. In a path or a registry key `[.]` means what it says."""

_OTHER_WORDS = {
    "domain": ("fqdn", "domainname"),
    "email": ("mail", "emailaddress", "mailaddress", "sender", "recipient"),
    "file": ("filename", "filepath", "path"),
    "hash": ("md5", "sha1", "sha256", "sha512", "filehash"),
    "host": ("hostname",),
    "ip": ("ipaddress", "ipv4", "ipv6", "ipsrc", "ipdst", "srcip", "dstip", "sourceip", "destinationip"),
    "registry": ("registrykey", "regkey"),
    "url": ("uri", "link"),
    "user": ("username", "account"),
    "cve": ("vulnerability",),
}
_WORDS = {kind.replace("_", ""): kind for kind in TYPES} | {
    word: kind for kind, words in _OTHER_WORDS.items() for word in words
}
_JOINTS = str.maketrans(dict.fromkeys(" -_"))
_SHA512 = re.compile(r"[0-9a-f]{128}\Z")
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_V4 = re.compile(rf"({_OCTET}(?:\.{_OCTET}){{3}})(?::[0-9]{{1,5}}|/32)?\Z")
_V6 = re.compile(r"\[?([0-9A-Fa-f:.]{2,45})(?:%\w{1,32})?(?:\](?::[0-9]{1,5})?|/128)?\Z", re.A)


def named(word: str) -> str | None:
    """The type that a word means: `IP address` is ip, `SHA-256` is hash. None if it names none."""
    return _WORDS.get(word.strip().lower().translate(_JOINTS))


def canonical(kind: str, text: str) -> tuple[str, str] | None:
    """Type and value as a sensor's alert would have them, or None if the text is no such value.

    The type differs from the one given where a name turns out to be an address. What `Observables` leaves
    out as telling nothing in an alert (loopback, multicast) is kept here: somebody has chosen to paste it.
    """
    value = text.strip()
    if not value.isprintable() or len(value) > 4 * MAX_VALUE:
        return None
    if kind in FANGED:
        value = refang(value)
        # Marks inside marks: another look would find another value.
        if refang(value) != value:
            return None
    if kind in {"ip", "domain", "host"} and (found := address(value)):
        return "ip", found.text
    return _as_kept(kind, value)


def address(text: str) -> Address | None:
    """The one address that a word is, with or without a port, brackets or a zone; a network is none."""
    if found := _V4.match(text):
        return addresses.read(found[1])
    if ":" not in text:
        return None
    found = _V6.match(text)
    return addresses.read(found[1]) if found and _may_be_v6(found[1]) else None


def _may_be_v6(text: str) -> bool:
    # `abc::def` and `::` are met in program text, and 00:1a:2b:3c:4d:5e is a network card.
    colons = text.count(":")
    has_gap = "::" in text and 2 <= colons <= 8
    return (has_gap or colons == 7 or (colons == 6 and "." in text)) and any(letter.isdigit() for letter in text)


def _as_kept(kind: str, value: str) -> tuple[str, str] | None:
    if kind == "hash" and _SHA512.match(value.lower()):
        return kind, value.lower()
    if kind == "url" and " " in value:
        return None
    if kind == "domain":
        value = names.spelled(value) or value
    elif kind == "email":
        local, _, host = value.rpartition("@")
        value = f"{local}@{names.spelled(host) or host}"
    found = Observables()
    found.add(kind, value)
    return next(iter(found.pairs()), None)
