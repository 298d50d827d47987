"""What the files of samples hold, as their sensors would send it."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.e2e import sample_files
from tests.e2e.sample_files import Sent, filled, folders, length_prefixed, octet_counted, one_line, unwrapped


@pytest.mark.parametrize(
    ("holder", "record", "expected"),
    [
        ({"raw": "a line\n", "expected": {"a": 1}}, b"a line", {"a": 1}),
        ({"raw": '{\n"a": 1\n}', "expected": {}}, b'{"a":1}', {}),
        ({"raw": "two\nlines", "expected": {}}, b'{"message":"two\\nlines"}', {}),
        ({"template": "{{ mark }}{{bsd}} {{ host }} x\n"}, b"<134>Nov 23 18:09:12 host-1 x", None),
        ({"log": {"a": 1}, "log_type": "x"}, b'{"a":1}', None),
        ({"log": "words", "log_type": "x"}, b"words", None),
        ({"a": 1}, b'{"a":1}', None),
        ({"a": "{timestamp}"}, b'{"a":"2026-03-07T17:52:50.390+0000"}', None),
    ],
)
def test_what_is_in_a_line(holder: dict[str, Any], record: bytes, expected: dict[str, Any] | None) -> None:
    assert unwrapped(orjson.dumps(holder)) == Sent(record, expected)


def test_a_record_with_white_space_in_it_stays_as_it_is() -> None:
    assert one_line('{"a": 1}') == b'{"a": 1}'
    assert filled("{{ unheard_of }}") == "unheard_of-1"


def test_frames() -> None:
    assert list(octet_counted(b"5 <1>ab4 <2>\n")) == [b"<1>ab", b"<2>"]
    assert list(length_prefixed(b"\0\0\0\5<1>ab\0\0\0\4<2>\n")) == [b"<1>ab", b"<2>"]


def test_the_manifest_is_sent_whole_or_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample_files, "FORMATS", {"a": ("unheard_of", "text"), "b": ("unheard_of",), "c": (None,)})
    monkeypatch.setattr(sample_files, "PER_REQUEST", 2)
    manifest = [{"format": "a", "source": "x/y.ini"}, {"format": "b", "source": "z"}, {"format": "c", "source": "z"}]
    (tmp_path / "MANIFEST.json").write_bytes(orjson.dumps(manifest))
    for name in ("a/x", "c"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "a/x/y.ini").write_bytes(b"; words\nlog 1 pass = one\nrule = 1\nlog 2 fail = two\nlog 3 pass = three\n")
    (tmp_path / "c/z.ndjson").write_bytes(b'{"n":1}\n')
    found, missing = folders(tmp_path)
    assert [(folder.name, folder.path) for folder in found] == [
        ("a", "/ingest/v1/events/text"),
        ("c", "/ingest/v1/events"),
    ]
    assert found[0].posts == [[Sent(b"one"), Sent(b"two")], [Sent(b"three")]]
    assert missing == {"b": "unheard_of"}
