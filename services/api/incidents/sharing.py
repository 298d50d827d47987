"""For whom a report or an export is: without what is marked more strictly than they may have, which is counted."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from services.api.incidents.facts import Entry, Facts, LeftOut, Link, Observable
from services.api.incidents.masking import masking
from services.api.incidents.wording import reworded
from shared.domain.incident import Tlp, is_stricter, strictest
from shared.errors import Conflict

Thing = Observable | Link
_OF_VALUES = {
    "observables_added": "Observables added",
    "observable_changed": "An observable was judged",
    "observable_removed": "An observable was removed",
}
"""Entries of the timeline that name values, and what they say without."""


class StricterIncident(Conflict):
    """The incident itself is marked more strictly than that; `tlp` says how. There is no version of it to share."""

    code = "incident_stricter"


def require(tlp: Tlp, up_to: Tlp | None) -> None:
    """Raises StricterIncident."""
    if up_to is not None and is_stricter(tlp, up_to):
        raise StricterIncident(tlp=tlp)


def shared(facts: Facts, up_to: Tlp | None) -> Facts:
    """What those may have who may have so much: no stricter thing, nor its value or number in any text."""
    if up_to is None:
        return facts
    there: tuple[Thing, ...] = (*facts.observables, *facts.links, *facts.beyond)
    everything = (*there, *facts.elsewhere)
    values = _stricter((one for one in everything if isinstance(one, Observable)), up_to)
    numbers = _stricter((one for one in everything if isinstance(one, Link)), up_to)
    mask, mask_values = masking(_labels(numbers) | _labels(values)), masking(_labels(values))

    def marked(one: Thing) -> Tlp | None:
        """How what is not to be told is marked: a value that has such a one in it is none to tell either."""
        if isinstance(one, Link):
            return numbers.get(_name(one))
        left = mask_values(one.value)
        inside = None if left == one.value else strictest(*(tlp for tlp in Tlp if _label(tlp) in left))
        return values.get(one.value, inside)

    out = {one: tlp for one in there if (tlp := marked(one))}
    kept = replace(
        facts,
        observables=tuple(one for one in facts.observables if one not in out),
        links=tuple(one for one in facts.links if one not in out),
        merged_from=tuple(number for number in facts.merged_from if _number(number) not in numbers),
        merged_into=None if _number(facts.merged_into) in numbers else facts.merged_into,
        entries=tuple(map(_valueless, facts.entries)),
        omitted=_less(facts.omitted, Counter(_list(one) for one in facts.beyond if one in out)),
        beyond=(),
        elsewhere=(),
    )
    told: Facts = reworded(kept, mask)
    counted = Counter((_list(one), tlp) for one, tlp in out.items())
    return replace(told, left_out=tuple(LeftOut(name=name, tlp=tlp, count=n) for (name, tlp), n in counted.items()))


def _stricter(things: Iterable[Thing], up_to: Tlp) -> dict[str, Tlp]:
    """The strictest marking of those that are not to be told, by what texts call them."""
    found: dict[str, Tlp] = {}
    for one in things:
        # Of a restricted incident its members alone are told, as of one that is RED.
        hidden = isinstance(one, Link) and one.restricted
        tlp = Tlp.RED if hidden else one.tlp
        if tlp and (hidden or is_stricter(tlp, up_to)):
            found[_name(one)] = strictest(tlp, found.get(_name(one)))
    return found


def _name(one: Thing) -> str:
    return _number(one.number) if isinstance(one, Link) else one.value


def _number(number: int | None) -> str:
    """As people call an incident."""
    return f"#{number}"


def _list(one: Thing) -> str:
    return "links" if isinstance(one, Link) else "observables"


def _label(tlp: Tlp) -> str:
    return f"[TLP:{tlp.upper()}]"


def _labels(stricter: Mapping[str, Tlp]) -> dict[str, str]:
    return {name: _label(tlp) for name, tlp in stricter.items()}


def _less(omitted: Mapping[str, int], counted: Mapping[str, int]) -> dict[str, int]:
    """What is left out by its marking is not counted twice."""
    return {name: left for name, number in omitted.items() if (left := number - counted.get(name, 0)) > 0}


def _valueless(entry: Entry) -> Entry:
    # How a value was marked that has been taken out, or is in another incident now, nothing tells any longer.
    return replace(entry, text=_OF_VALUES.get(entry.kind, entry.text))
