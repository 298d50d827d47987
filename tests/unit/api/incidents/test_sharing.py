"""Versions to be shared: nothing that is stricter is left in the facts."""

from services.api.incidents.ecs import as_ecs
from services.api.incidents.facts import Entry, Observable
from services.api.incidents.sharing import shared
from shared.domain.incident import Tlp
from tests.unit.api.incidents.given import DIGEST, NOON, facts


def test_the_hash_of_a_file_is_masked_as_any_value() -> None:
    secret = Observable(type="hash", value=DIGEST[::-1], tlp=Tlp.RED)
    version = shared(facts(observables=(secret,)), Tlp.GREEN)
    assert [one.sha256 for one in version.evidence] == ["[TLP:RED]"]
    assert DIGEST[::-1] not in str(as_ecs(version))


def test_what_the_timeline_says_of_observables_names_no_value() -> None:
    said = {
        "observables_added": "ip 198.51.100.9 added",
        "observable_changed": "ip 198.51.100.9: malicious",
        "observable_removed": "ip 198.51.100.9 removed",
    }
    entries = tuple(Entry(occurred_at=NOON, kind=kind, text=text, by="Ada") for kind, text in said.items())
    version = shared(facts(entries=entries), Tlp.AMBER_STRICT)
    assert [one.text for one in version.entries] == [
        "Observables added",
        "An observable was judged",
        "An observable was removed",
    ]
    assert shared(facts(entries=entries), None).entries == entries
