"""Templates: made from the lists of fields, sealed with a hash of their content."""

from typing import Any

import pytest

from shared.models import Incident
from shared.normalise.fields import ALERT_FIELDS, ECS_FIELDS, TEXT_SUBFIELDS
from shared.search import templates
from shared.search.templates import alerts, incidents
from shared.search.templates.properties import properties


def leaves(properties: dict[str, Any], above: str = "") -> dict[str, str]:
    """Dotted name to type of every mapped field."""
    found: dict[str, str] = {}
    for name, mapped in properties.items():
        if "properties" in mapped:
            found |= leaves(mapped["properties"], f"{above}{name}.")
        else:
            found[above + name] = mapped["type"]
    return found


def mapping(name: str, prefix: str = "") -> dict[str, Any]:
    built = templates.build(prefix)
    body = built.components.get(prefix + name) or built.indices[prefix + name]
    mappings: dict[str, Any] = body["template"]["mappings"]
    return mappings


def test_every_field_of_normalise_is_mapped_as_it_says() -> None:
    ecs = leaves(mapping("eventsec-ecs")["properties"])
    assert ecs == {name: kind for name, kind in ECS_FIELDS.items() if name != "sensor"}
    alert = leaves(mapping("eventsec-alert")["properties"])
    expected = {name: kind for name, kind in ALERT_FIELDS.items() if kind not in ("nested", "object")}
    assert alert == {**expected, "alert.enrichment": "flat_object"}


def test_no_field_is_mapped_both_as_a_value_and_as_an_object() -> None:
    for fields in (ECS_FIELDS, ALERT_FIELDS):
        plain = {name for name, kind in fields.items() if kind not in ("nested", "object")}
        parents = {name.rsplit(".", depth)[0] for name in fields for depth in range(1, name.count(".") + 1)}
        assert not plain & parents


def test_sensor_is_searched_in_alerts_and_only_kept_in_telemetry() -> None:
    assert mapping("eventsec-events-alert")["properties"]["sensor"] == {"type": "flat_object"}
    telemetry = mapping("eventsec-events-telemetry")["properties"]["sensor"]
    assert telemetry == {"type": "object", "enabled": False}


def test_roots_ignore_what_they_do_not_know_and_alert_refuses_it() -> None:
    for name in ("ecs", "alert", "events-alert", "events-telemetry", "alerts", "incidents"):
        assert mapping(f"eventsec-{name}")["dynamic"] is False
    assert mapping("eventsec-alert")["properties"]["alert"]["dynamic"] == "strict"


def test_keywords_are_bounded_and_observables_are_no_documents_of_their_own() -> None:
    built = properties({"a.b": "keyword", "c": "nested", "c.d": "keyword"}, searched_by_word=["a.b"])
    keyword = {"type": "keyword", "ignore_above": 1024}
    text = {"text": {"type": "match_only_text"}}
    assert built == {"a": {"properties": {"b": {**keyword, "fields": text}}}, "c": {"properties": {"d": keyword}}}


def test_fields_searched_by_word_have_their_subfield() -> None:
    ecs = mapping("eventsec-ecs")["properties"]
    assert {"rule.name", "process.command_line", "alert.title"} <= set(TEXT_SUBFIELDS)
    assert ecs["rule"]["properties"]["name"]["fields"] == {"text": {"type": "match_only_text"}}
    command_line = ecs["process"]["properties"]["command_line"]
    assert command_line["type"] == "wildcard"
    assert "text" in command_line["fields"]


@pytest.mark.parametrize(("name", "columns"), [("alerts", alerts.COLUMNS), ("incidents", incidents.COLUMNS)])
def test_rows_are_mapped_column_by_column(name: str, columns: dict[str, str]) -> None:
    mapped = leaves(mapping(f"eventsec-{name}")["properties"])
    assert columns.items() <= mapped.items()
    seen = {**(alerts.SEEN if name == "alerts" else {}), **alerts.BY_TYPE, "observables": "keyword"}
    assert seen.items() <= mapped.items()
    assert mapped.keys() - columns.keys() - seen.keys() <= {"notes", "member_ids"}


def test_every_column_of_an_incident_is_mapped_but_for_what_merging_remembers() -> None:
    assert incidents.COLUMNS.keys() == {column.name for column in Incident.__table__.columns} - {
        "before_merge",
        "peak_severity",
    }


def test_names_and_patterns_carry_the_prefix() -> None:
    built = templates.build("acme-")
    assert all(name.startswith("acme-eventsec-") for name in built.hashes)
    assert {body["index_patterns"][0] for body in built.indices.values()} == {
        "acme-events-alert-*",
        "acme-events-telemetry-*",
        "acme-alerts-*",
        "acme-incidents-*",
    }
    for body in built.indices.values():
        assert set(body["composed_of"]) <= built.components.keys()


def test_aliases_are_never_in_templates() -> None:
    for body in {**templates.build("").components, **templates.build("").indices}.values():
        assert "aliases" not in body["template"]


def test_the_hash_is_of_the_content_and_the_same_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    before = templates.build("").hashes
    assert len(set(before.values())) == len(before) == 7
    assert templates.build("").hashes == before
    monkeypatch.setitem(ECS_FIELDS, "user.name", "wildcard")
    after = templates.build("").hashes
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"eventsec-ecs", "eventsec-events-alert", "eventsec-events-telemetry"}


def test_an_index_says_what_it_was_made_from_whatever_its_prefix() -> None:
    origins = [mapping(f"eventsec-{name}")["_meta"]["eventsec_hash"] for name in ("events-alert", "alerts")]
    assert len(set(origins)) == 2
    assert mapping("eventsec-events-alert", "acme-")["_meta"]["eventsec_hash"] == origins[0]
