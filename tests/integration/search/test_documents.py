"""Documents on a real server: hostile but normalised ones go in, strangers do not, words are found."""

from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from shared.normalise.fields import ALERT_FIELDS, ECS_FIELDS, TEXT_BYTES
from shared.search import bulk, documents, indices
from shared.search.bulk import Ending, Operation, Result
from shared.search.templates import alerts, incidents
from tests.fixtures.opensearch import Search

ALERT, TELEMETRY = (indices.unclocked_index(kind) for kind in ("alert", "telemetry"))

_WORST_TEXT = [
    "\U0001f4a3" * (TEXT_BYTES // 4),
    "x" * TEXT_BYTES,
    "",
    " ",
    "\u0001\u202e\ufeff",
    "-1",
    '"\\{}[]:*?',
    "null",
]
_WORST: dict[str, Any] = {
    "keyword": _WORST_TEXT,
    "match_only_text": _WORST_TEXT,
    "wildcard": _WORST_TEXT,
    "date": ["0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"],
    "ip": ["::", "ff02::1", "::ffff:192.0.2.1", "255.255.255.255", "0.0.0.0"],
    "long": [2**63 - 1, -(2**63), 0],
    "float": [3.4e38, -3.4e38, 1e-45, 0.0, 99],
    "byte": [1, 5],
    "boolean": [True, False],
}


def _deep(levels: int) -> dict[str, Any]:
    inner: dict[str, Any] = {"leaf": "found"}
    for _ in range(levels):
        inner = {"d": inner}
    return inner


_HOSTILE_RECORD: dict[str, Any] = {
    "": "empty key",
    ".": "dot",
    "a.b": "dotted",
    "a": {"b": "nested twin", "c": [1, [2, {"d": None}], "three"]},
    "k" * 512: "long key",
    "long": "\U0001f4a3" * (TEXT_BYTES // 4),
    "number": 1.7976931348623157e308,
    "big": 2**63 - 1,
    "mixed": [1, "one", True, None, {"x": 1}],
    "empty": {},
    "nothing": None,
    "deep": _deep(60),
    "_id": "x",
    "_source": {"a": 1},
}


def _worst_document() -> dict[str, Any]:
    root: dict[str, Any] = {}
    for name, kind in {**ECS_FIELDS, **ALERT_FIELDS}.items():
        if name in ("sensor", "alert.id", "alert.observables") or name.startswith("alert.observables."):
            continue
        *parents, leaf = name.split(".")
        level = root
        for parent in parents:
            level = level.setdefault(parent, {})
        level[leaf] = {"k.e.y": "v", "": "e"} if kind == "flat_object" else _WORST[kind]
    root["alert"]["observables"] = [
        {"type": "ip", "value": "192.0.2.7", "internal": True},
        {"type": "user", "value": ""},
    ]
    alert = root.pop("alert")
    return {**root, "not_mapped": {"x": 1, "deep": _deep(60)}, "sensor": _HOSTILE_RECORD, "alert": alert}


async def put(search: Search, index: str, document: dict[str, Any] | bytes) -> Result:
    raw = document if isinstance(document, bytes) else orjson.dumps(document)
    (result,) = await bulk.write_with_reduction(
        search.client, [Operation("create", search.names.of(index), uuid4(), None, raw)]
    )
    return result


async def count(search: Search, alias: str, query: dict[str, Any]) -> int:
    await search.refresh()
    answer = await search.client.count(index=search.names.of(alias), body={"query": query})
    found: int = answer["count"]
    return found


@pytest.mark.parametrize("index", [ALERT, TELEMETRY])
async def test_the_worst_that_normalise_lets_through_is_indexed_whole(search: Search, index: str) -> None:
    raw = documents.event_document(orjson.dumps(_worst_document()), UUID(int=5))
    assert await put(search, index, raw) == bulk.DONE
    assert await count(search, "events", {"term": {"alert.id": str(UUID(int=5))}}) == 1
    assert await count(search, "events", {"term": {"source.ip": "255.255.255.0/24"}}) == 1
    assert await count(search, "events", {"range": {"@timestamp": {"gte": "9999-01-01"}}}) == 1
    assert await count(search, "events", {"exists": {"field": "not_mapped.x"}}) == 0


async def test_no_field_of_an_ordinary_event_is_ignored(search: Search) -> None:
    """`_ignored` names what the mapping could not take: mapping and normaliser would have drifted."""
    document = _worst_document()
    for name in ("sensor", "not_mapped"):
        del document[name]
    text = (
        orjson.dumps(document).replace(b"x" * TEXT_BYTES, b"x").replace(b"\xf0\x9f\x92\xa3" * (TEXT_BYTES // 4), b"y")
    )
    assert await put(search, ALERT, text) == bulk.DONE
    await search.refresh()
    answer = await search.client.search(index=search.names.events, body={"query": {"exists": {"field": "_ignored"}}})
    ignored = [hit["_ignored"] for hit in answer["hits"]["hits"]]
    assert ignored in ([], [["alert.observables.value.ip"]])


async def test_sensor_is_found_in_alerts_and_only_kept_in_telemetry(search: Search) -> None:
    event = {"sensor": {"flow": {"id": 17}, "proto": "TCP"}, "alert": {"severity_id": 3}}
    for index in (ALERT, TELEMETRY):
        assert await put(search, index, event) == bulk.DONE
    for value in (17, "17"):
        assert await count(search, ALERT, {"term": {"sensor.flow.id": value}}) == 1
        assert await count(search, TELEMETRY, {"term": {"sensor.flow.id": value}}) == 0
    answer = await search.client.search(index=search.names.of(TELEMETRY), body={})
    assert answer["hits"]["hits"][0]["_source"] == event


async def test_a_leaf_of_33_kb_costs_the_record_in_alerts_and_nothing_in_telemetry(search: Search) -> None:
    event = {"message": "keep me", "tags": ["a"], "sensor": {"blob": "b" * 33_000}, "alert": {"severity_id": 3}}
    assert await put(search, TELEMETRY, event) == bulk.DONE
    assert await put(search, ALERT, event) == Result(Ending.REDUCED)
    await search.refresh()
    answer = await search.client.search(index=search.names.of(ALERT), body={"query": {"match": {"message": "KEEP"}}})
    (hit,) = answer["hits"]["hits"]
    assert hit["_source"] == {"message": "keep me", "tags": ["a", "projection_reduced"], "alert": {"severity_id": 3}}


async def test_alert_refuses_what_it_does_not_know(search: Search) -> None:
    for alert in ({"nope": 1}, {"transport": {"nope": 1}}, {"observables": [{"typ": "ip"}]}):
        result = await put(search, ALERT, {"sensor": {}, "alert": alert})
        assert result.ending is Ending.REFUSED
        assert result.reason.startswith("strict_dynamic_mapping_exception")


async def test_enrichment_is_open(search: Search) -> None:
    event = {"alert": {"severity_id": 3, "enrichment": {"source": {"country": "NL", "asn": 64500}}}}
    assert await put(search, ALERT, event) == bulk.DONE
    assert await count(search, "events", {"term": {"alert.enrichment.source.country": "NL"}}) == 1


async def test_a_value_of_the_wrong_sort_costs_only_its_field(search: Search) -> None:
    event = {"source": {"ip": "no address", "port": "many"}, "@timestamp": "soon", "alert": {"severity_id": 3}}
    assert await put(search, ALERT, event) == bulk.DONE
    assert await count(search, "events", {"term": {"alert.severity_id": 3}}) == 1
    for field in ("source.ip", "source.port", "@timestamp"):
        assert await count(search, "events", {"term": {"_ignored": field}}) == 1


async def test_notes_without_a_space_in_them_are_taken(search: Search) -> None:
    index = search.names.of(indices.first_generation("incidents"))
    document = orjson.dumps({"summary": "s" * 40_000, "notes": ["n" * 40_000]})
    assert await bulk.write(search.client, [Operation("index", index, uuid4(), 1, document)]) == [bulk.DONE]
    assert await count(search, "incidents", {"match": {"notes": "N" * 40_000}}) == 1


async def test_text_is_found_by_lower_case_words_of_letters_digits_and_underscores(search: Search) -> None:
    event = {"message": "Failed login_user from host-7.Example.ÉCOLE", "rule": {"name": "SSH Brute"}, "alert": {"a": 1}}
    del event["alert"]
    assert await put(search, ALERT, event) == bulk.DONE
    for word in ("failed", "LOGIN_USER", "host", "7", "example", "école"):
        assert await count(search, "events", {"match": {"message": word}}) == 1, word
    for no_word in ("login", "host-8", "ecole", "cole"):
        query = {"match": {"message": {"query": no_word, "operator": "and"}}}
        assert await count(search, "events", query) == 0, no_word
    assert await count(search, "events", {"match_phrase": {"message": "from HOST 7"}}) == 1
    assert await count(search, "events", {"match": {"rule.name.text": "brute"}}) == 1
    assert await count(search, "events", {"term": {"rule.name": "SSH Brute"}}) == 1
    assert await count(search, "events", {"wildcard": {"rule.name": "SSH*"}}) == 1


async def test_rows_are_found_by_every_column_they_have(search: Search) -> None:
    samples: dict[str, Any] = {
        "keyword": "word", "match_only_text": "word", "flat_object": {"word": "word"}, "byte": 4, "short": 100,
        "integer": 7, "long": 2**40, "boolean": True, "date": "2026-11-24T10:00:00.123Z",
    }  # fmt: skip
    pairs = [("ip", "192.0.2.7"), ("user", "eve")]
    seen = [("ip", "192.0.2.7", ("source.ip",)), ("user", "eve", ())]
    cases: list[tuple[str, dict[str, str], Any, Any, str, str]] = [
        ("alerts", alerts.COLUMNS, documents.alert_document, seen, "observables", "observable.ip"),
        ("alerts", alerts.COLUMNS, documents.alert_document, seen, "observable.user", "source.ip"),
        ("incidents", incidents.COLUMNS, documents.incident_document, pairs, "observables", "observable.ip"),
    ]
    for alias, columns, build, told, any_value, any_address in cases:
        row = {name: samples[kind] for name, kind in columns.items()} | {"version": 3}
        index = search.names.of(indices.first_generation(alias))
        operation = Operation("index", index, UUID(int=7), 3, build(row, observables=told, notes=["Seen before"]))
        assert await bulk.write(search.client, [operation]) == [bulk.DONE]
        for name, kind in columns.items():
            if kind != "match_only_text":
                assert await count(search, alias, {"exists": {"field": name}}) == 1, name
        assert await count(search, alias, {"match": {"notes": "SEEN"}}) == 1
        assert await count(search, alias, {"term": {any_value: "eve"}}) == 1
        assert await count(search, alias, {"term": {any_address: "192.0.2.0/24"}}) == 1


async def test_of_two_versions_the_newer_stays_whatever_comes_last(search: Search) -> None:
    index, alert = search.names.of("alerts-v1-000001"), uuid4()

    def write(version: int) -> Operation:
        return Operation("index", index, alert, version, orjson.dumps({"count": version, "version": version}))

    assert await bulk.write(search.client, [write(5)]) == [bulk.DONE]
    assert await bulk.write(search.client, [write(3), write(5)]) == [bulk.DONE, bulk.DONE]
    assert (await search.client.get(index=index, id=str(alert)))["_source"]["count"] == 5
    assert await bulk.write(search.client, [write(9), write(7)]) == [bulk.DONE, bulk.DONE]
    found = await search.client.get(index=index, id=str(alert))
    assert (found["_source"]["count"], found["_version"]) == (9, 9)


async def test_an_event_created_twice_is_done_and_there_once(search: Search) -> None:
    first = Operation("create", search.names.of(ALERT), uuid4(), None, b'{"message":"first","alert":{"severity_id":1}}')
    again = Operation("create", first.index, first.id, None, b'{"message":"second","alert":{"severity_id":1}}')
    assert await bulk.write(search.client, [first, again]) == [bulk.DONE, bulk.DONE]
    assert await bulk.write(search.client, [again]) == [bulk.DONE]
    assert (await search.client.get(index=first.index, id=str(first.id)))["_source"]["message"] == "first"
    assert await count(search, "events", {"match_all": {}}) == 1


async def test_one_bad_document_does_not_hurt_its_neighbours(search: Search) -> None:
    good = b'{"message":"good","alert":{"severity_id":1}}'
    raws = [good, b'{"alert":{"nope":1}}', b"{broken", b'{"":1,"alert":{"severity_id":1}}', b"", good]
    operations = [Operation("create", search.names.of(ALERT), uuid4(), None, raw) for raw in raws]
    results = await bulk.write_with_reduction(search.client, operations)
    assert [result.ending.value for result in results] == ["done", "refused", "refused", "refused", "refused", "done"]
    assert all(result.reason for result in results[1:5])
