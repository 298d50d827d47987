"""For whom a report or an export is: without what is marked more strictly than they may have, which is counted."""

from collections import Counter
from dataclasses import replace

from services.api.incidents.facts import Entry, Facts, LeftOut, Link, Observable
from services.api.incidents.masking import masking
from services.api.incidents.wording import reworded
from shared.domain.incident import Tlp, is_stricter
from shared.errors import Conflict

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
    """What those may have who may have so much: no stricter thing, nor its value in any text."""
    if up_to is None:
        return facts

    def fits(one: Observable | Link) -> bool:
        return one.tlp is None or not is_stricter(one.tlp, up_to)

    kept = replace(
        facts,
        observables=tuple(filter(fits, facts.observables)),
        links=tuple(filter(fits, facts.links)),
        entries=tuple(map(_valueless, facts.entries)),
    )
    out = [one for one in facts.observables if not fits(one)]
    counted = Counter(("observables", one.tlp) for one in out)
    counted.update(("links", one.tlp) for one in facts.links if not fits(one))
    left_out = tuple(LeftOut(name=name, tlp=tlp, count=n) for (name, tlp), n in counted.items() if tlp is not None)
    told: Facts = reworded(kept, masking({one.value: f"[TLP:{(one.tlp or Tlp.RED).upper()}]" for one in out}))
    return replace(told, left_out=left_out)


def _valueless(entry: Entry) -> Entry:
    # How a value was marked that has been taken out, or is in another incident now, nothing tells any longer.
    return replace(entry, text=_OF_VALUES.get(entry.kind, entry.text))
