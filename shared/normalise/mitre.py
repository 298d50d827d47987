"""MITRE ATT&CK as the sensors write it: ids, names with underscores, tags, and our fallback tables."""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

MAX_EACH = 50

# Enterprise matrix, v16.
TACTICS: dict[str, str] = {
    "TA0043": "Reconnaissance",
    "TA0042": "Resource Development",
    "TA0001": "Initial Access",
    "TA0002": "Execution",
    "TA0003": "Persistence",
    "TA0004": "Privilege Escalation",
    "TA0005": "Defense Evasion",
    "TA0006": "Credential Access",
    "TA0007": "Discovery",
    "TA0008": "Lateral Movement",
    "TA0009": "Collection",
    "TA0011": "Command and Control",
    "TA0010": "Exfiltration",
    "TA0040": "Impact",
}
# The techniques our own fallback tables give.
TECHNIQUES: dict[str, str] = {
    "T1046": "Network Service Discovery",
    "T1071": "Application Layer Protocol",
    "T1110": "Brute Force",
    "T1189": "Drive-by Compromise",
    "T1190": "Exploit Public-Facing Application",
    "T1496": "Resource Hijacking",
    "T1498": "Network Denial of Service",
    "T1566": "Phishing",
    "T1595": "Active Scanning",
}
_TACTIC_IDS = {name.lower(): key for key, name in TACTICS.items()}
_TECHNIQUE = re.compile(r"T\d{4}(?:\.\d{3})?\Z", re.A)
_TACTIC = re.compile(r"TA\d{4}\Z", re.A)


class Attack(msgspec.Struct):
    """The tactics and techniques a record names, each once, in order."""

    tactics: dict[str, str | None] = {}
    techniques: dict[str, str | None] = {}

    def fields(self) -> dict[str, Any]:
        """The ECS fields; names only where they are known."""
        return {
            "threat.tactic.id": list(self.tactics) or None,
            "threat.tactic.name": [name for name in self.tactics.values() if name] or None,
            "threat.technique.id": list(self.techniques) or None,
            "threat.technique.name": [name for name in self.techniques.values() if name] or None,
        }


def attack(*, techniques: Iterable[Any] = (), names: Iterable[Any] = (), tactics: Iterable[Any] = ()) -> Attack | None:
    """ATT&CK from a sensor's lists: technique ids, their names in the same order, tactic ids or names.

    Anything that is no id or known tactic is left out; None where nothing remains.
    """
    found = Attack()
    given_names = [name if type(name) is str else None for name in names]
    for place, word in enumerate(techniques):
        if type(word) is str and _TECHNIQUE.match(technique := word.strip().upper()):
            name = given_names[place] if place < len(given_names) else None
            found.techniques.setdefault(technique, name.replace("_", " ") if name else TECHNIQUES.get(technique))
        if len(found.techniques) >= MAX_EACH:
            break
    for word in tactics:
        if (tactic := _tactic(word)) is not None:
            found.tactics[tactic] = TACTICS.get(tactic)
        if len(found.tactics) >= MAX_EACH:
            break
    return found if found.techniques or found.tactics else None


def is_tag(word: str) -> bool:
    """True for tags such as `T1059.004`, `TA0002` and `mitre_execution`."""
    return bool(_TECHNIQUE.match(word)) or _tactic(word) is not None


def _tactic(word: Any) -> str | None:
    if type(word) is not str:
        return None
    if _TACTIC.match(upper := word.strip().upper()):
        return upper
    name = word.strip().lower().removeprefix("mitre_").replace("_", " ").replace("-", " ")
    return _TACTIC_IDS.get(name)
