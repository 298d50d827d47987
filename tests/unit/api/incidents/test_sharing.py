"""Versions to be shared: nothing that is stricter is left in the facts."""

import pytest

from services.api.incidents.ecs import as_ecs
from services.api.incidents.facts import Entry, LeftOut, Link, Observable
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


def test_what_no_list_has_room_for_is_masked_and_counted_once() -> None:
    beyond = (
        Observable(type="domain", value="secret.example", tlp=Tlp.RED),
        Observable(type="domain", value="open.example", tlp=Tlp.GREEN),
        Link(number=8, title="Another", relation="related", tlp=Tlp.RED),
    )
    full = facts(
        summary="From secret.example to open.example, as in #8 and #80.",
        beyond=beyond,
        omitted={"observables": 3, "links": 1, "alerts": 17},
    )
    assert full.marking == "TLP:RED"
    version = shared(full, Tlp.AMBER_STRICT)
    assert version.summary == "From [TLP:RED] to open.example, as in [TLP:RED] and #80."
    assert version.left_out == (
        LeftOut(name="observables", tlp=Tlp.RED, count=1),
        LeftOut(name="links", tlp=Tlp.RED, count=1),
    )
    assert version.omitted == {"observables": 2, "alerts": 17}
    assert version.marking == "TLP:AMBER+STRICT"


def test_a_value_that_only_others_of_the_whole_have_is_masked_and_not_counted() -> None:
    secret = Observable(type="domain", value="secret.example", tlp=Tlp.AMBER)
    full = facts(tlp=Tlp.CLEAR, title="On secret[.]example", elsewhere=(secret,))
    assert full.marking == "TLP:AMBER"
    version = shared(full, Tlp.GREEN)
    assert (version.title, version.left_out, version.marking) == ("On [TLP:AMBER]", (), "TLP:GREEN")


@pytest.mark.parametrize(
    ("kind", "value"),
    [("host", "SECRET.example"), ("url", "https://secret.example/a"), ("email", "ann@secret.example")],
)
def test_a_value_that_has_a_stricter_one_in_it_is_left_out_as_that(kind: str, value: str) -> None:
    secret = Observable(type="domain", value="secret.example", tlp=Tlp.RED)
    version = shared(facts(observables=(secret, Observable(type=kind, value=value, tlp=Tlp.CLEAR))), Tlp.AMBER)
    assert version.observables == ()
    assert version.left_out == (LeftOut(name="observables", tlp=Tlp.RED, count=2),)


def test_a_restricted_incident_is_left_out_whatever_its_marking() -> None:
    links = (
        Link(number=7, title="A", relation="related", tlp=Tlp.CLEAR, restricted=True),
        Link(number=8, title="B", relation="related", tlp=Tlp.RED),
    )
    full = facts(summary="See #7, #70 and #8.", links=links, merged_from=(7, 8), merged_into=7)
    version = shared(full, Tlp.RED)
    assert [one.number for one in version.links] == [8]
    assert version.summary == "See [TLP:RED], #70 and #8."
    assert (version.merged_from, version.merged_into) == ((8,), None)
    assert version.left_out == (LeftOut(name="links", tlp=Tlp.RED, count=1),)


def test_an_incident_of_the_whole_that_is_stricter_is_named_nowhere() -> None:
    family = (
        Link(number=7, title="", relation="", tlp=Tlp.CLEAR, restricted=True),
        Link(number=8, title="", relation="", tlp=Tlp.RED),
        Link(number=9, title="", relation="", tlp=Tlp.CLEAR),
    )
    full = facts(tlp=Tlp.CLEAR, summary="#7, #8, #9", links=(), merged_from=(8, 9), merged_into=7, elsewhere=family)
    assert full.marking == "TLP:RED"
    version = shared(full, Tlp.AMBER)
    assert (version.merged_from, version.merged_into) == ((9,), None)
    assert version.summary == "[TLP:RED], [TLP:RED], #9"
    assert (version.left_out, version.links) == ((), ())


def test_the_fragment_of_an_address_is_no_number_of_an_incident() -> None:
    page = Observable(type="url", value="https://docs.example/page#7", tlp=Tlp.CLEAR)
    secret = Link(number=7, title="A", relation="related", tlp=Tlp.RED)
    said = "See hxxps://docs[.]example/page#7 and https://docs.example/#7, not incident#7, (#7) nor #6/#7."
    version = shared(facts(tlp=Tlp.CLEAR, summary=said, observables=(page,), links=(secret,)), Tlp.AMBER)
    assert version.observables == (page,)
    assert version.left_out == (LeftOut(name="links", tlp=Tlp.RED, count=1),)
    assert version.summary == (
        "See hxxps://docs[.]example/page#7 and https://docs.example/#7,"
        " not incident[TLP:RED], ([TLP:RED]) nor #6/[TLP:RED]."
    )
