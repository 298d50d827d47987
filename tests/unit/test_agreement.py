"""What counts as agreement with the ECS that others expect."""

from typing import Any

import pytest

from tests.e2e.agreement import Agreement, at, compare


@pytest.mark.parametrize(
    ("expected", "document", "word"),
    [
        ({"source": {"ip": "10.0.0.1"}}, {"source": {"ip": "10.0.0.1"}}, "same"),
        ({"source": {"ip": "10.0.0.1"}}, {"source": {"ip": "10.0.0.2"}}, "other"),
        ({"source": {"ip": "10.0.0.1"}}, {"source": {"port": 1}}, "absent"),
        ({"source": {"ip": "10.0.0.1"}}, {}, "absent"),
        ({"source": {"ip": "10.0.0.1"}}, {"source": {"ip": ["10.0.0.2", "10.0.0.1"]}}, "same"),
        ({"source": {"ip": ["10.0.0.1", "10.0.0.2"]}}, {"source": {"ip": "10.0.0.1"}}, "other"),
    ],
)
def test_one_value_or_several(expected: dict[str, Any], document: dict[str, Any], word: str) -> None:
    assert compare(expected, document) == {"source.ip": word}


@pytest.mark.parametrize(
    ("expected", "ours"),
    [
        ({"event": {"category": ["b", "a"]}}, {"event": {"category": ["A", "b", "c"]}}),
        ({"process": {"pid": 12}}, {"process": {"pid": "12"}}),
        ({"@timestamp": "2026-11-23T18:09:12.123456Z"}, {"@timestamp": "2026-11-23 18:09:12.000Z"}),
        ({"file": {"hash": {"md5": "AB"}}}, {"file": {"hash": {"md5": "ab"}}}),
        ({"user.name": "x"}, {"user": {"name": "x"}}),
        ({"file": {"hash.md5": "ab"}}, {"file": {"hash": {"md5": "ab"}}}),
    ],
)
def test_what_does_not_matter(expected: dict[str, Any], ours: dict[str, Any]) -> None:
    assert set(compare(expected, ours).values()) == {"same"}


@pytest.mark.parametrize("expected", [{}, {"vendor": {"x": 1}}, {"source": {"ip": ""}}, {"source": {"ip": None}}])
def test_what_is_not_expected_is_not_counted(expected: dict[str, Any]) -> None:
    assert compare(expected, {"source": {"ip": "10.0.0.1"}}) == {}


def test_a_time_is_compared_to_the_second() -> None:
    assert compare({"@timestamp": "2026-11-23T18:09:12Z"}, {"@timestamp": "2026-11-23T18:09:13Z"}) == {
        "@timestamp": "other"
    }


def test_a_dotted_name_is_found_however_it_nests() -> None:
    assert at({"a": {"b.c": 1}}, "a.b.c") == at({"a.b": {"c": 1}}, "a.b.c") == at({"a.b.c": 1}, "a.b.c") == 1
    assert at({"a": {"b": 1}}, "a.b.c") is None


def test_the_table_counts_by_folder_and_in_all() -> None:
    agreement = Agreement()
    agreement.add("one", {"source.ip": "same", "user.name": "absent"})
    agreement.add("one", {"source.ip": "other"})
    agreement.add("two", {"source.ip": "same"})
    assert dict(agreement.shares()) == {
        "source.ip": {"one": (1, 2), "two": (1, 1)},
        "user.name": {"one": (0, 1), "two": (0, 0)},
    }
    head, sources, users = agreement.table().splitlines()
    assert head.split() == ["same/expected", "one", "two", "all", "other", "absent"]
    assert sources.split() == ["source.ip", "1/2", "1/1", "2/3", "1", "0"]
    assert users.split() == ["user.name", "0/1", "0/1", "0", "1"]
