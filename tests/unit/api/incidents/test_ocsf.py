"""The Incident Finding, held against OCSF's own schema."""

from collections.abc import Callable
from functools import cache
from typing import Any

import jsonschema_rs
import orjson
import pytest
from hypothesis import given
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema  # type: ignore[import-untyped]

from services.api.incidents import ocsf
from services.api.incidents.facts import Facts, Observable, People
from services.api.incidents.ocsf import as_ocsf
from shared import clock
from shared.domain.incident import Status
from shared.domain.triage import Verdict
from shared.normalise.observables import TYPES
from tests.unit.api.incidents.given import ALERT, INCIDENT, ORGANIZATION, after, calm, facts, made_facts
from tests.unit.normalise.given import at, event


@cache
def schema() -> Any:
    return get_ocsf_schema(version=ocsf.VERSION)


@cache
def errors_of() -> Callable[[Any], list[str]]:
    validator = jsonschema_rs.validator_for(OcsfJsonSchemaEmbedded(schema()).get_class_schema("incident_finding"))
    return lambda finding: [f"{one.instance_path}: {one.message}" for one in validator.iter_errors(finding)]


def read(of: Facts) -> Any:
    return orjson.loads(orjson.dumps(as_ocsf(of)))


def caption(attribute: str, number: int, *, of: str | None = None) -> str:
    attributes = schema()["objects"][of]["attributes"] if of else schema()["classes"]["incident_finding"]["attributes"]
    return str(attributes[attribute]["enum"][str(number)]["caption"])


def test_the_schema_takes_an_incident_with_everything() -> None:
    assert errors_of()(read(facts())) == []


@calm
@given(made_facts)
def test_the_schema_takes_whatever_the_incident_is(of: Facts) -> None:
    assert errors_of()(read(of)) == []


def test_the_schema_is_one_that_refuses() -> None:
    assert errors_of()(read(facts()) | {"invented": 1})
    assert errors_of()({name: value for name, value in read(facts()).items() if name != "assignee"})


@calm
@given(made_facts)
def test_numbers_have_the_captions_of_the_schema(of: Facts) -> None:
    finding = read(of)
    assert finding["activity_name"] == caption("activity_id", finding["activity_id"])
    for name in ("severity", "status", "verdict"):
        assert finding[name] == caption(f"{name}_id", finding[f"{name}_id"])


@pytest.mark.parametrize("kind", [one for one in TYPES if one in ocsf._OBSERVABLES])
def test_types_of_observables_have_the_captions_of_the_schema(kind: str) -> None:
    number, said = ocsf._OBSERVABLES[kind]
    assert said == caption("type_id", number, of="observable")


def test_a_type_the_schema_does_not_know_is_said_in_our_word() -> None:
    assert ocsf._OBSERVABLES.keys() | {"ja3", "ja4"} == set(TYPES)
    fingerprint = Observable(type="ja3", value="e7d705a3286e19ea42f587b344ee6865")
    assert read(facts(observables=(fingerprint,)))["observables"] == [
        {"type_id": 99, "type": "ja3", "value": "e7d705a3286e19ea42f587b344ee6865"}
    ]


@pytest.mark.parametrize(
    ("status", "activity", "number"),
    [
        (Status.OPEN, 1, 1),
        (Status.INVESTIGATING, 2, 2),
        (Status.CONTAINED, 2, 2),
        (Status.ON_HOLD, 2, 3),
        (Status.RESOLVED, 2, 4),
        (Status.CLOSED, 3, 5),
        (Status.MERGED, 3, 5),
    ],
)
def test_where_it_stands(status: Status, activity: int, number: int) -> None:
    finding = read(facts(status=status))
    assert (finding["activity_id"], finding["status_id"]) == (activity, number)
    assert finding["type_uid"] == 200_500 + activity
    assert finding["status_detail"] == status


@pytest.mark.parametrize(
    ("verdict", "number", "breach"),
    [
        (None, 0, None),
        (Verdict.TRUE_POSITIVE, 2, True),
        (Verdict.BENIGN_POSITIVE, 5, False),
        (Verdict.FALSE_POSITIVE, 1, False),
        (Verdict.UNDETERMINED, 7, None),
    ],
)
def test_what_came_of_it(verdict: Verdict | None, number: int, breach: bool | None) -> None:
    finding = read(facts(verdict=verdict))
    assert finding["verdict_id"] == number
    assert finding.get("is_suspected_breach") is breach


def test_its_alerts_are_its_findings() -> None:
    assert read(facts())["finding_info_list"] == [
        {
            "uid": str(ALERT),
            "title": "VPN: many failed sign-ins",
            "first_seen_time": clock.milliseconds(after(0)),
            "last_seen_time": clock.milliseconds(after(30)),
            "related_events_count": 400,
            "analytic": {"type_id": 1, "type": "Rule", "uid": "vpn-401"},
            "data_sources": ["vpn-north"],
            "attacks": [{"technique": {"uid": "T1110"}, "sub_technique": {"uid": "T1110.003"}}],
        }
    ]
    by_hand = read(facts(alerts=()))
    assert by_hand["finding_info_list"] == [{"uid": str(INCIDENT), "title": facts().title}]


def test_what_is_nobodys_is_the_organizations() -> None:
    finding = read(facts(people=People()))
    assert "assignee" not in finding
    assert finding["assignee_group"] == {"name": "Harbour Works", "uid": str(ORGANIZATION)}
    assert read(facts())["assignee"]["name"] == "Ada"


def test_markings_times_and_bounds_go_with_it() -> None:
    finding = read(facts())
    assert finding["metadata"]["labels"] == ["vpn", "spraying", "TLP:AMBER+STRICT", "PAP:GREEN"]
    assert finding["metadata"]["is_truncated"] is True
    assert finding["unmapped"]["eventsec"]["number"] == 12
    assert finding["attacks"][1] == {"technique": {"uid": "T1078"}}
    assert finding["time"] == clock.milliseconds(after(300))
    assert (finding["start_time"], finding["end_time"]) == (
        clock.milliseconds(after(0)),
        clock.milliseconds(after(240)),
    )
    assert read(facts(omitted={}))["metadata"]["is_truncated"] is False


def test_our_own_reader_takes_what_is_open_for_an_alert() -> None:
    found = event(as_ocsf(facts(status=Status.INVESTIGATING)), hint="ocsf")
    assert (found.kind, found.severity, found.title) == ("alert", 4, "Incident 12: Password spraying from abroad")
    assert "203.0.113.7" in at(found, "related.ip")
