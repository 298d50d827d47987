"""Makes the words of a report such that nothing in them leads outside: no address of the web, no known observable."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from services.api.incidents.facts import Facts
from services.api.incidents.wording import reworded
from shared.normalise.refang import defang

# An address ends in what may be its own, and not in the full stop of a sentence. One that is defanged has no `://`, or
# begins with `hxxp`. No repetition can begin in many places, so that the time is linear in the text's length.
_ADDRESS = re.compile(
    r"(?<![a-z0-9])(?!hxxps?:)[a-z][a-z0-9+.-]{1,31}://[^\s<>\"'`|]*[\w/=&#%~+-]|(?<![\w.])www\.[\w-][^\s<>\"'`|]*[\w/]",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<![\w@%+-])[\w@%+-]++(?:\.[\w@%+-]++)+")
_IPV6 = re.compile(r"(?<![\w:.])[0-9a-f]{0,4}:[0-9a-f:.]*[0-9a-f:](?![\w:])", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_KINDS = frozenset({"ip", "domain", "host", "email"})


def without_addresses(text: str) -> str:
    """The text with each address of the web defanged; done twice, nothing more happens."""
    return _ADDRESS.sub(lambda found: defang(found[0], "url"), text)


def harmless(facts: Facts) -> Facts:
    """The facts with every text such; in Markdown, where readers make links of them, mail addresses too."""
    known = {one.value.lower(): one.type for one in facts.observables if one.type in _KINDS}
    plain: Facts = reworded(facts, _without(known))
    notes = plain.notes and tuple(replace(one, text=_without_mail(one.text)) for one in plain.notes)
    return replace(plain, summary=_without_mail(plain.summary), notes=notes)


def _without(known: Mapping[str, str]) -> Callable[[str], str]:
    def name(found: re.Match[str]) -> str:
        word = found[0]
        if kind := known.get(word.lower()):
            return defang(word, kind)
        return defang(word, "email") if word.lower().rpartition("@")[2] in known else word

    def change(text: str) -> str:
        return _IPV6.sub(name, _NAME.sub(name, without_addresses(text)))

    return change


def _without_mail(text: str) -> str:
    return _MAIL.sub(lambda found: defang(found[0], "email"), text)
