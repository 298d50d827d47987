"""Bodies to records: objects, arrays, NDJSON, values one after the other, lines; whole or broken."""

import time

import pytest

from services.ingest.refusals import Refused
from services.ingest.split import split

A, B = b'{"a": {"b": [1, "}]{[,"]}}', b'{"c":"\\"\\\\"}'


@pytest.mark.parametrize(
    ("body", "records"),
    [
        (A, [A]),
        (b" \r\n" + A + b"\n", [A]),
        (b"\xef\xbb\xbf" + A, [A]),
        (b'{\n  "a": [\n    1\n  ]\n}\n', [b'{\n  "a": [\n    1\n  ]\n}']),
        (A + b"\n" + B, [A, B]),
        (A + b"\r\n\r\n  \n" + B + b"\r\n", [A, B]),
        (b"[" + A + b" , " + B + b"]", [A, B]),
        (b"[\n  " + A + b",\n  " + B + b"\n]\n", [A, B]),
        (b'[1,"two",[3]]', [b"1", b'"two"', b"[3]"]),
        (A + B, [A, B]),
        (b'{\n"a":1\n}\n{\n"b":2\n}', [b'{\n"a":1\n}', b'{\n"b":2\n}']),
        (A + b",\n" + B + b",", [A, B]),
        (b"<13>one\n  two\nthree", [b"<13>one", b"  two", b"three"]),
        (b"[2026-11-24] one\n[2026-11-24] two", [b"[2026-11-24] one", b"[2026-11-24] two"]),
        (b'"text"', [b'"text"']),
        (b"\x00\xff", [b"\x00\xff"]),
    ],
)
def test_whole_bodies(body: bytes, records: list[bytes]) -> None:
    assert split(body, 10) == records


@pytest.mark.parametrize(
    ("body", "records"),
    [
        (A + b'\n{"broken":\n' + B, [A, b'{"broken":', B]),
        (b'{"broken":\n' + A + b"\n" + B, [b'{"broken":', A, B]),
        (b"nonsense\n" + A, [b"nonsense", A]),
        (b"[" + A + b',{"x":},' + B + b"]", [A, b'{"x":}', B]),
        (b"[" + A + b',{"x":1],' + B + b"]", [A, b'{"x":1]', B]),
        (b"[" + A + b"," + B + b',{"cut', [A, B, b'{"cut']),
        (b"[" + A + b"," + B + b"] trailing", [A, B, b"trailing"]),
        (b'["unfinished, {', [b'["unfinished, {']),
        (A + b" junk " + B, [A, b"junk " + B]),
        (b'{"never":"ends\n', [b'{"never":"ends']),
    ],
)
def test_one_bad_record_never_fails_its_neighbours(body: bytes, records: list[bytes]) -> None:
    assert split(body, 10) == records


@pytest.mark.parametrize("value", [b"NaN", b'"a\tb"', b"{'a': 1}", b"[1,]", b'"}"'])
def test_one_object_over_many_lines_stays_whole_though_it_is_no_strict_json(value: bytes) -> None:
    written = b'{\n  "a": [\n    %b\n  ],\n  "b": 1\n}' % value
    assert split(b"\n" + written + b"\n", 10) == [written]
    cut = written.removesuffix(b"}")
    assert split(cut, 10) == cut.splitlines()


@pytest.mark.parametrize("hint", [None, "zeek_json", "zeek_tsv"])
def test_a_zeek_log_stays_whole_for_its_lines_need_its_header(hint: str | None) -> None:
    log = b"#separator \\x09\n#fields\tts\n1\n2\n"
    assert split(b"\xef\xbb\xbf\n" + log, 1, hint) == [log]
    # What is not blank at a body's beginning is not at the header's.
    assert split(b"\f" + log, 4, hint) == [b"\f#separator \\x09", b"#fields\tts", b"1", b"2"]


ALERT = b"<134>Nov 20 14:00:02 gate-1 CEF:0|Example|Guard|1|7|Malware found|9|src=198.51.100.7"


@pytest.mark.parametrize("hint", ["cef", "syslog", "suricata_eve", "text", "json"])
@pytest.mark.parametrize("header", [[b"#fields\tmsg"], [b"#separator \\x09", b"#fields\tts"]])
def test_a_line_like_zeeks_header_makes_no_columns_of_other_lines(hint: str, header: list[bytes]) -> None:
    lines = [*header, ALERT, b"# important", b"#close"]
    assert split(b"\n".join(lines), 10, hint) == lines


def test_nor_does_it_where_it_is_not_the_whole_of_zeeks_header() -> None:
    lines = [b"#separator \\x09", b"#fields\tmsg", ALERT, b"# important"]
    assert split(b"\n".join(lines), 10) == lines


@pytest.mark.parametrize("body", [b"", b"\n", b" \t\r\n\n", b"[]", b"[ ]\n", b"\xef\xbb\xbf"])
def test_nothing_in_it(body: bytes) -> None:
    with pytest.raises(Refused) as raised:
        split(body, 10)
    assert raised.value.code == "no_records"


@pytest.mark.parametrize(
    "body",
    [
        b"x\n" * 11,
        (A + b"\n") * 11,
        b"[" + b",".join([A] * 11) + b"]",
        A * 11,
        b"[" + b",".join([A] * 11),
        b"x\n" * 99_999,
    ],
    ids=["lines", "ndjson", "array", "concatenated", "broken array", "very many lines"],
)
def test_too_many(body: bytes) -> None:
    with pytest.raises(Refused) as raised:
        split(body, 10)
    assert raised.value.code == "too_many_records"


def test_blank_lines_do_not_count() -> None:
    assert split(b"\n" * 200_000 + b" one \r\n" + b" \n" * 60_000 + b"two", 10) == [b" one ", b"two"]
    assert split(b"one\n\v\n \f\r\n" + b"\n" * 60_000, 10) == split(b"one\n\v\n \f\r\n", 10) == [b"one"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"' + b'\\"' * (1 << 18),
        b'{"a' * (1 << 17),
        b"[" * (1 << 18),
        b'["' + b"\\" * (1 << 18),
        b" " * (1 << 18) + b"{",
        b"[" + b"1," * (1 << 18),
        b'{"a":' * (1 << 17),
    ],
    ids=["quotes", "open strings", "open brackets", "backslashes", "spaces", "tiny elements", "open objects"],
)
def test_no_body_takes_more_than_linear_time(body: bytes) -> None:
    started = time.process_time()
    try:
        records = split(body, 10_000)
    except Refused as refused:
        assert refused.code == "too_many_records"
    else:
        assert b"".join(records) in body
    assert time.process_time() - started < 5  # quadratic would be minutes
