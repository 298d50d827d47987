"""What CEF and LEEF events of devices have in common: whose severity, alert or log, allowed or denied.

Both formats are for events of every sort, and nothing in them says "alert": a firewall writes each connection
with the severity that the next vendor gives to malware. So the words of the event's id, name and category decide
(`judged` and `kind_of`): one that names a threat makes it an alert, else one that names a log's routine makes it
telemetry, and what says neither is an alert if it has a severity. High or above is an alert whatever the words.
"""

import re
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from shared.domain import severity
from shared.normalise import syslog, wazuh4
from shared.normalise.conform import integer
from shared.normalise.decode import JsonObject
from shared.normalise.event import Kind
from shared.normalise.reading import Context

SEVERITY_UNMAPPED = "severity_unmapped"

_MAX_WORDS = 512
# Whole words, and the parts of those that CamelCase puts together.
_WORD = re.compile(r"[A-Za-z0-9]+")
_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")
_THREATS: dict[str, str] = {
    "malware": """
        adware antimalware antivirus av backdoor beacon beaconing botnet c2 callback cleaned cnc cryptominer eicar
        grayware infected infection keylogger malicious malop malware ransom ransomware rootkit sandbox spyware
        trojan virus webshell worm""",
    "intrusion_detection": """
        abuse anomaly appfw apt attack attacks behavior behaviour blacklist brute compromise compromised ddos
        dos dumping exfiltration exploit flood golden ids illegal impossible injection intrusion ips lateral
        lockdown overflow portscan recon reconnaissance reputation rpz scan score scoring spoofed spoofing
        suspicious tampering theft threat threats tunneling unusual violation violations vulnerability waf xss""",
    "threat": "alert alerts detection detections",
    "email": "phish phishing spam",
    "iam": "escalation",
    "file": "dlp loss quarantine quarantined",
}
# Devices give them a medium severity too, and a logon or a connection is none the worse for it; so a word that is in a
# threat's name beside them belongs above. `ticket` and `credential` are not there: each of a domain's logons has them.
_ROUTINES: dict[str, str] = {
    "network": """
        accept allow connect connection connections ctrl decryption deny dhcp dhcpack dhcpdiscover dhcpoffer
        dhcprelease dhcprequest disconnect dns flow flows forward globalprotect hip hipmatch inspection iptag
        local network packet packets sctp session sessions ssh traffic tunnel voip vpn""",
    "authentication": """
        auth authenticated authentication login logoff logged logon logons logout password radius signed user
        userid""",
    "configuration": "acquisition audit change changed config configuration group modified qaudjrn rule rules",
    "web": "http request ssl url web webfilter",
    "email": "consolidated email emailfilter mail smtp",
    "file": "download file ifsmon integrity upload",
    "process": "command job qhst",
    "host": "agent engine heartbeat health pattern status",
    # Of no category.
    "": """
        application db2mon device event events log logging msgmon queue report reports service system update
        updated windows""",
}
_CATEGORY_OF_THREAT = {word: category for category, words in _THREATS.items() for word in words.split()}
_CATEGORY_OF_ROUTINE = {word: category for category, words in _ROUTINES.items() for word in words.split()}

_SEVERITIES = {
    "unknown": severity.INFORMATIONAL,
    "informational": severity.INFORMATIONAL,
    "information": severity.INFORMATIONAL,
    "info": severity.INFORMATIONAL,
    "low": severity.LOW,
    "medium": severity.MEDIUM,
    "high": severity.HIGH,
    "very-high": severity.CRITICAL,
    "very high": severity.CRITICAL,
    "critical": severity.CRITICAL,
}
_DECIMAL = re.compile(r"\d{1,3}\.\d{1,9}\Z", re.A)
_WAZUHS = frozenset({"wazuh", "ossec", "ossec project", "wazuh inc."})
# How words begin that say it; a connection is reset, and so is a password.
_DENIED = re.compile(
    r"\b(?:block|deni|deny|drop(?!box)|reject|prevent|quarantin|discard|terminat)|\Areset(?: both| client| server)?\Z"
)
_ALLOWED = re.compile(r"\b(?:allow|accept|permit|pass(?:\b|ed|es|thr)|deliver|forward|learn)")
_NEGATED = re.compile(r"\b(?:not|non|un)\b")
_OUTCOMES = {
    **dict.fromkeys(("success", "succeeded", "true", "ok", "/success", "successful", "passed"), "success"),
    **dict.fromkeys(("failure", "failed", "fail", "false", "/failure", "error", "unsuccessful"), "failure"),
}
_NOTHING = frozenset({"-", "None", "none", "N/A", "n/a", "null", "NULL", "(null)", "undefined"})
_PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "ipv6-icmp"}
_HASHES = {32: "file.hash.md5", 40: "file.hash.sha1", 64: "file.hash.sha256"}


class Judgement(msgspec.Struct, frozen=True):
    """What an event's words tell: a threat, a log's routine, or neither; and ECS's categories."""

    names_threat: bool
    names_routine: bool
    categories: tuple[str, ...] | None


class Device(msgspec.Struct, frozen=True):
    """The device as the header names it."""

    vendor: str
    product: str
    version: str | None

    def fields(self) -> dict[str, Any]:
        """The ECS fields."""
        return {
            "observer.vendor": self.vendor,
            "observer.product": self.product,
            "observer.version": self.version,
        }


def device(record: JsonObject) -> Device:
    """The device of a parsed record of either format."""
    return Device(record["vendor"] or "unknown", record["product"] or "unknown", record["version"] or None)


def judged(words: str) -> Judgement:
    """By the words of the event's id, name and category; see above."""
    return _judged(words[:_MAX_WORDS])


@lru_cache(maxsize=4096)
def _judged(words: str) -> Judgement:
    found = dict.fromkeys(word.lower() for word in (*_WORD.findall(words), *_PART.findall(words)))
    threats = [_CATEGORY_OF_THREAT[word] for word in found if word in _CATEGORY_OF_THREAT]
    routines = [_CATEGORY_OF_ROUTINE[word] for word in found if word in _CATEGORY_OF_ROUTINE]
    return Judgement(bool(threats), bool(routines), tuple(filter(None, dict.fromkeys(threats or routines))) or None)


def kind_of(judgement: Judgement, level: int | None) -> Kind:
    """Alert or telemetry, by the words and the severity that the device gave; None where it gave none."""
    if judgement.names_threat or (level is not None and level >= severity.HIGH):
        return "alert"
    return "telemetry" if judgement.names_routine or level is None else "alert"


def graded(value: str | None, vendor: str) -> int | None:
    """Our severity for the device's number of 0 to 10 or word; None where it means none.

    Wazuh and OSSEC put their own level of 0 to 15 there.
    """
    number = integer(value.partition(".")[0] if value and _DECIMAL.match(value) else value)
    if number is None:
        return _SEVERITIES.get((value or "").strip().lower())
    if vendor.lower() in _WAZUHS:
        return wazuh4.severity_of(number) if 0 <= number <= 16 else None
    if not 0 <= number <= 10:
        return None
    if number >= 9:
        return severity.CRITICAL
    if number >= 7:
        return severity.HIGH
    return severity.MEDIUM if number >= 4 else severity.LOW


def weighed(given: str | None, vendor: str, judgement: Judgement) -> tuple[Kind, int, list[str]]:
    """Alert or telemetry, our severity, and the tag of one that the device gave and no table knows."""
    level = graded(given, vendor)
    is_unmapped = level is None and bool(given) and given not in _NOTHING
    if is_unmapped:
        level = severity.MEDIUM
    kind = kind_of(judgement, level)
    if level is None and kind == "alert":
        return kind, severity.MEDIUM, [SEVERITY_UNMAPPED]
    return kind, level or severity.INFORMATIONAL, [SEVERITY_UNMAPPED] if is_unmapped else []


def permitted(action: str | None) -> tuple[str, ...] | None:
    """ECS's type for what the device did: `allowed` or `denied` where its word tells."""
    words = " ".join(_PART.findall(action or "")).lower()
    if _NEGATED.search(words):
        return None
    if _DENIED.search(words):
        return ("denied",)
    return ("allowed",) if _ALLOWED.search(words) else None


def outcome(permission: tuple[str, ...] | None, *values: str | None) -> str | None:
    """`success` or `failure`, from the first value that is a word for one, else from what `permitted` told."""
    for value in values:
        if value and (found := _OUTCOMES.get(value.lower())):
            return found
    return None if permission is None else "failure" if permission == ("denied",) else "success"


def told(pairs: dict[str, str]) -> dict[str, str]:
    """The pairs without those whose value is a word for nothing."""
    return {key: value for key, value in pairs.items() if value not in _NOTHING}


def account(name: str | None) -> tuple[str | None, str | None]:
    """The user's name and its domain, where one stands before it as Windows writes it."""
    if not name or "\\" not in name:
        return name, None
    domain, _, user = name.rpartition("\\")
    return (user, domain.rstrip("\\") or None) if user else (name, None)


def headed(
    without_year: datetime | None, header: JsonObject, context: Context
) -> tuple[datetime | None, bool, str | None]:
    """The moment where the event says none, or one without its year; if it is certain; the header's words for it.

    The words are given where they are all there is: a moment that is known is the same in every spelling.
    """
    moment, certain = syslog.moment(header, context)
    if without_year is not None and (moment is None or not certain):
        return without_year, False, None
    return moment, certain, None if certain and moment is not None else header.get("timestamp")


def transport(value: str | None) -> str | None:
    """The protocol's name in lower case, also from its number."""
    return _PROTOCOLS.get(value, value.lower()) if value else None


def hashes(*values: str | None) -> dict[str, Any]:
    """Each hash under the name of its length's kind."""
    return {_HASHES[len(value)]: value for value in values if value and len(value) in _HASHES}


def title(name: str | None, event_id: str | None, product: str) -> str:
    """The name; with the id before it where the name is a single word that says little alone."""
    if not name or name == event_id:
        return event_id or name or f"{product} event"
    return name if " " in name or not event_id else f"{event_id} {name}"
