"""Versions to be shared: nothing that is stricter is left in the facts."""

from services.api.incidents.ecs import as_ecs
from services.api.incidents.facts import Observable
from services.api.incidents.sharing import shared
from shared.domain.incident import Tlp
from tests.unit.api.incidents.given import DIGEST, facts


def test_the_hash_of_a_file_is_masked_as_any_value() -> None:
    secret = Observable(type="hash", value=DIGEST[::-1], tlp=Tlp.RED)
    version = shared(facts(observables=(secret,)), Tlp.GREEN)
    assert [one.sha256 for one in version.evidence] == ["[TLP:RED]"]
    assert DIGEST[::-1] not in str(as_ecs(version))
