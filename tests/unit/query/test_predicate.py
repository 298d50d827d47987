"""What a query finds, by the predicate; the stores are held to the same in tests/integration/query."""

import pytest

from shared.query.to_predicate import Document
from tests.unit.query.given import ANN, answers


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("host.name:web01", True),
        ("host.name:WEB01", True),
        ("host.name:web", False),
        ("host.name:web*", True),
        ("host.name:web0?", True),
        ("host.name:*", True),
        ("rule.name:*", False),
        ("NOT rule.name:x", True),
        ("host.name:db02", True),
        ("status:new", True),
        ("NOT status:closed", True),
        ("severity:high", True),
        ("severity:>=medium severity:<critical", True),
        ("severity:>high", False),
        ("severity:>info", True),
        ("severity:info", False),
        ("count:[3 TO 7}", False),
        ("count:[3 TO 7]", True),
        ("count:[* TO 3]", False),
        ("count:-7", False),
        ("score:>0.4", True),
        ("again:true", True),
        ("again:false", False),
        ("id:01890000-0000-7000-8000-000000000001", True),
        ("assignee:me", True),
        ("assignee:ANN@example.org", True),
        ("sensor.alert.gid:1", True),
        ("sensor.alert.gid:2", False),
    ],
)
def test_of_every_type(query: str, expected: bool) -> None:
    document = {
        "host": {"name": ["web01", "DB02"]},
        "status": "new",
        "severity": 4,
        "count": 7,
        "score": 0.5,
        "again": True,
        "id": str(ANN),
        "assignee_id": ANN,
        "sensor": {"alert": {"gid": 1}},
    }
    assert answers(query, document) is expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("title:brute", True),
        ("title:BRUTE", True),
        ("title:brut", False),
        ("title:brut*", True),
        ('title:"ssh brute"', True),
        ('title:"brute ssh"', False),
        ("title:(force AND ssh)", True),
        ("title:straße", True),
        ("rule.name:ssh*", True),
        ('rule.name:"*BRUTE*"', True),
        ("rule.name:brute", False),
    ],
)
def test_words_and_whole_values(query: str, expected: bool) -> None:
    assert answers(query, {"title": "SSH brute-force, Straße 7"}) is expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("source.ip:10.1.2.3", True),
        ("source.ip:10.0.0.0/8", True),
        ("source.ip:10.1.*", True),
        ("source.ip:10.2.*", False),
        ("source.ip:[10.1.2.0 TO 10.1.2.9]", True),
        ('source.ip:"::ffff:10.1.2.3"', True),
        ('source.ip:"::/0"', True),
        ('source.ip:"2001:db8::/32"', False),
        ('destination.ip:"2001:db8::/32"', True),
        ("destination.ip:0.0.0.0/0", False),
        ("observable.ip:10.1.2.3", True),
        ("10.1.2.3", True),
        ("10.1.2.4", False),
    ],
)
def test_addresses(query: str, expected: bool) -> None:
    assert (
        answers(query, {"source.ip": "10.1.2.3", "destination": {"ip": "2001:db8::7"}, "observable.ip": ["10.1.2.3"]})
        is expected
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"host": {"name": "a" * 1024}}, True),
        ({"host": {"name": "a" * 1025}}, False),
        ({"host": {"name": "🔒" * 512}}, True),
        ({"host": {"name": "🔒" * 512 + "a"}}, False),
        ({"host": {"name": ["a" * 1025, "a"]}}, True),
        ({"url": {"path": "a" * 8192}}, True),
        ({"url": {"path": "a" * 8193}}, False),
        ({"sensor": {"data": "a" * 8193}}, True),
    ],
)
def test_longer_than_the_index_takes_is_none(value: Document, expected: bool) -> None:
    assert answers("host.name:* OR url.path:?* OR sensor.data:*", value) is expected


def test_an_address_with_a_zone_is_none() -> None:
    assert not answers('source.ip:* OR source.ip:"fe80::/10"', {"source": {"ip": "fe80::1%eth0"}})


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("last_seen:2026-11-24", True),
        ("last_seen:2026-11", True),
        ("last_seen:2026-11-23", False),
        ("last_seen:>2026-11-24", False),
        ("last_seen:>=2026-11-24", True),
        ("last_seen:<=2026-11-24", True),
        ("last_seen:<2026-11-24", False),
        ("last_seen:[2026-11-23 TO 2026-11-24]", True),
        ("last_seen:[2026-11-23 TO 2026-11-24}", False),
        ("last_seen:2026-11-24T09:30", True),
        ("last_seen:2026-11-24T09:30:00Z", True),
        ('last_seen:"2026-11-24T10:30+01:00"', True),
        ("last_seen:>now-3h", False),
        ("last_seen:>now-4h", True),
        ("last_seen:>now-4h/h", True),
        ("last_seen:now-3h/h", True),
        ("last_seen:now/d", True),
        ("last_seen:now-1d/d", False),
        ("last_seen:now/w", True),
    ],
)
def test_times(query: str, expected: bool) -> None:
    assert answers(query, {"last_seen": "2026-11-24T09:30:00.500Z"}) is expected


@pytest.mark.parametrize(
    "document",
    [
        {"sensor": {"data": {"win.system.id": 7}}},
        {"sensor": {"data": {"win": {"system.id": 7}}}},
        {"sensor": {"data": {"win.system": [{"id": 1}, {"id": [7]}]}}},
        {"sensor": {"data.win": {"system": {"id": 7}}}},
        {"sensor.data": {"win": "x"}, "sensor": {"data": {"win": {"system": {"id": 7}}}}},
    ],
)
def test_a_dot_within_a_name_is_a_step_like_any_other(document: Document) -> None:
    assert answers("sensor.data.win.system.id:7", document)
    assert not answers("sensor.data.win.system.id:8", document)
    assert not answers("sensor.data.win.system.id.more:7", document)


@pytest.mark.parametrize("path", ["/Café", "/CAFÉ", ["/x", "/cafÉ"]])
@pytest.mark.parametrize("query", ['url.path:"/CAFÉ"', 'url.path:"*CAFÉ"', 'url.path:"/?AFé"'])
def test_no_letters_case_matters_in_long_values(query: str, path: object) -> None:
    assert answers(query, {"url": {"path": path}})


def test_only_the_case_of_a_to_z_does_not_matter_in_others() -> None:
    assert answers('host.name:"café*"', {"host.name": "CAFé-1"})
    assert not answers('host.name:"café*"', {"host.name": "cafÉ-1"})
