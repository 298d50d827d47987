"""Zeek's files of columns: each line with its header is a record, and the same one as in Zeek's JSON."""

import time
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from shared.normalise import pipeline, zeek_tsv
from shared.normalise.decode import Decoded
from shared.normalise.event import Rejected
from shared.normalise.zeek_tsv import MAX_HEADER_BYTES
from tests.unit.normalise.given import SAMPLES, at, event, lines, outcome, rejection

FILE = (SAMPLES / "zeek_tsv.log").read_bytes()
NOTICE, CONN, TRIED = pipeline.split(FILE, None)
PLAIN = b"#separator \\x09\n#fields\tts\tuid\tnote\n#types\ttime\tstring\tstring\n"


def value(record: bytes) -> dict[str, Any]:
    decoded = zeek_tsv.read(record)
    assert isinstance(decoded, Decoded), decoded
    return decoded.value


def typed(kind: str, text: str) -> Any:
    return value(f"#separator \\x09\n#fields\tuid\tx\n#types\tstring\t{kind}\nC1\t{text}".encode()).get("x", "absent")


def test_each_line_is_a_record_with_the_header_above_it() -> None:
    assert [event(record).dataset for record in (NOTICE, CONN, TRIED)] == ["zeek.notice", "zeek.conn", "zeek.conn"]
    assert CONN.splitlines()[:5] == [
        b"#separator \\x09", b"#set_separator\t,", b"#empty_field\t(empty)", b"#unset_field\t-", b"#path\tconn",
    ]  # fmt: skip
    assert CONN.count(b"\n") == 7
    assert b"#open" not in CONN
    assert event(CONN).original == CONN
    assert list(pipeline.split(NOTICE, "zeek_tsv")) == [NOTICE]


def test_a_line_reads_as_the_object_zeek_would_write() -> None:
    assert value(TRIED) == {
        "_path": "conn",
        "ts": 1763625603.25,
        "uid": "CaaaaA1bbbbB2ccccH",
        "id.orig_h": "10.20.0.8",
        "id.orig_p": 5001,
        "id.resp_h": "198.51.100.43",
        "id.resp_p": 80,
        "proto": "tcp",
        "conn_state": "S0",
        "local_orig": True,
        "local_resp": False,
        "tunnel_parents": ["CaaaaA1bbbbB2ccccI", "CaaaaA1bbbbB2ccccJ"],
    }
    notice = value(NOTICE)
    assert notice["sub"] == "Sampled servers:\t 10.20.0.7"
    assert notice["email_dest"] == []
    assert notice["suppress_for"] == 3600.0


@pytest.mark.parametrize("record", [NOTICE, CONN, TRIED])
@pytest.mark.parametrize("iso", [False, True])
@pytest.mark.parametrize("streamed", [False, True])
def test_the_same_record_as_json_has_the_same_id_and_digest(record: bytes, iso: bool, streamed: bool) -> None:
    written = value(record)
    if iso:
        written["ts"] = datetime.fromtimestamp(written["ts"], UTC).isoformat()
    if streamed:
        written["_write_ts"] = "2025-11-20T08:00:09.000000Z"
    ours, theirs = event(record), event(written, hint="zeek_json")
    assert (ours.id, ours.digest, ours.fingerprint) == (theirs.id, theirs.digest, theirs.fingerprint)


def test_the_time_is_in_the_digest_where_it_cannot_be_read() -> None:
    first, second = (event(PLAIN + b"XXXX%d.XX\tC1\tExample::Note" % n) for n in (1, 2))
    assert first.digest != second.digest
    assert "time_missing" in at(first, "tags")
    assert event(PLAIN + b"1763625600.5\tC1\tExample::Note").id != first.id


@pytest.mark.parametrize(
    ("kind", "text", "read"),
    [
        ("count", "18446744073709551615", 18446744073709551615),
        ("count", "99999999999999999999", "99999999999999999999"),
        ("int", "-3", -3),
        ("port", "443", 443),
        ("port", "https", "https"),
        ("interval", "0.000100", 0.0001),
        ("double", "1e5", 1e5),
        ("double", "nan", "nan"),
        ("time", "1e400", "1e400"),
        ("time", "9" * 300, "9" * 300),
        ("bool", "T", True),
        ("bool", "F", False),
        ("bool", "yes", "yes"),
        ("string", "-", "absent"),
        ("set[string]", "-", "absent"),
        ("string", "(empty)", ""),
        ("string", "\\x2d", "-"),
        ("string", "a\\\\x09b", "a\\x09b"),
        ("string", "\\xc3\\xa9\\xff", "é\\xff"),
        ("string", "\\x", "\\x"),
        ("string", "a\\x00b", "ab"),
        ("set[string]", "(empty)", []),
        ("vector[count]", "1,-,x", [1, None, "x"]),
        ("set[string]", "a\\x2cb,c", ["a,b", "c"]),
        ("table[addr]", "10.0.0.1", ["10.0.0.1"]),
        ("vector[set[string]]", "a,b", [["a"], ["b"]]),
        ("unknown", "as it is", "as it is"),
    ],
)
def test_types(kind: str, text: str, read: Any) -> None:
    assert typed(kind, text) == read


def test_bytes_that_are_no_text_read_as_zeek_writes_them_in_json() -> None:
    found = event(PLAIN + b"1763625600.5\tC\xff1\tExample::\\x00Note")
    assert at(found, "sensor.uid") == "C\\xff1"
    assert found.rule_id == "Example::Note"
    assert "repaired" in at(found, "tags")


def test_a_header_further_on_starts_anew() -> None:
    changed = b"#fields\tuid\tnote\n#types\tstring\tstring\nC2\tExample::Other\n"
    other = b"#separator ;\n#path;weird\n#fields;uid;name\nC3;example\n"
    first, second, third = pipeline.split(PLAIN + b"1.5\tC1\tExample::Note\r\n\n#close\tx\n" + changed + other, None)
    assert value(first) == {"ts": 1.5, "uid": "C1", "note": "Example::Note"}
    assert value(second) == {"uid": "C2", "note": "Example::Other"}
    assert third == b"#separator ;\n#path;weird\n#fields;uid;name\nC3;example"
    assert value(third) == {"_path": "weird", "uid": "C3", "name": "example"}


@pytest.mark.parametrize("before", [b"", b"# a comment\n\n#open\tx\n", b"\n \n"])
def test_a_file_is_told_by_its_header(before: bytes) -> None:
    assert zeek_tsv.is_file(before + PLAIN, told=True)
    assert zeek_tsv.is_file(before + b"#fields\tuid\n", told=True)
    assert zeek_tsv.is_file(before + PLAIN, told=False) is (not before.strip())


@pytest.mark.parametrize(
    ("fields", "own"),
    [
        (b"#fields\tts", True),
        (b"#open\tx\n\n#path\tx\n#fields\tuid\tts\r", True),
        (b"#fields;ts;uid", True),
        (b"#fields\tuid", False),
        (b"#fields\tts.x\tx.ts\tparts\tts_", False),
        (b"#fields ts", False),
        (b"1.5\n#fields\tts", False),
    ],
)
def test_where_nobody_said_so_the_header_is_as_zeek_writes_it(fields: bytes, own: bool) -> None:
    assert zeek_tsv.is_file(b"#separator \\x09\n" + fields + b"\n1.5\tC1\n", told=False) is own
    assert not zeek_tsv.is_file(fields + b"\n1.5\tC1\n", told=False)


@pytest.mark.parametrize(
    "body",
    [b"", b"#", b"# separator \\x09", b"#separator between two parts", b"#fields are below\n", b"text\n" + PLAIN],
)
def test_what_is_no_header(body: bytes) -> None:
    assert not zeek_tsv.is_file(body, told=True)
    assert not zeek_tsv.is_file(body, told=False)
    assert list(pipeline.split(body, None)) == [body]


@pytest.mark.parametrize("hint", [name for name in pipeline.FORMATS if not name.startswith("zeek_")])
def test_under_another_hint_there_are_no_columns(hint: str) -> None:
    assert not pipeline.is_columns(NOTICE, hint)
    assert list(pipeline.split(NOTICE, hint)) == [NOTICE]
    assert getattr(outcome(NOTICE, hint=hint), "module", None) != "zeek"


def test_a_line_that_zeek_did_not_write_is_a_record_too() -> None:
    log = b"# before\n" + PLAIN + b"# within\n#close\tx\n#1.5\tC1\tExample::Note\n"
    before, within, last = pipeline.split(log, "zeek_tsv")
    assert before == b"# before"
    assert within == PLAIN + b"# within"
    assert rejection(within) == "wrong_columns"
    assert value(last) == {"ts": "#1.5", "uid": "C1", "note": "Example::Note"}


def test_a_log_without_lines_has_no_records() -> None:
    assert list(pipeline.split(PLAIN + b"#close\tx\n", None)) == []


def test_a_line_of_a_header_among_other_records_is_a_record() -> None:
    line = b"#separator \\x09"
    assert list(pipeline.split(line, "zeek_tsv")) == [line]
    assert rejection(line, hint="zeek_tsv") == "wrong_shape"
    assert event(line).module == "text"


@pytest.mark.parametrize(
    ("record", "reason", "detail"),
    [
        (PLAIN + b"1.5\tC1", "wrong_columns", "expected 3 columns as in #fields, found 2"),
        (PLAIN + b"1.5\tC1\tx\ty", "wrong_columns", "expected 3 columns as in #fields, found 4"),
        (b"#separator \\x09\n#types\tstring\nx", "wrong_shape", "expected a #fields line in the header of a Zeek log"),
        (PLAIN, "wrong_shape", "expected a line under the header of a Zeek log"),
        (PLAIN + b"# words\n2\tc\td", "several_records", "expected one line under the header of a Zeek log"),
        (PLAIN + b"1\ta\tb\n2\tc\td", "several_records", "expected one line under the header of a Zeek log"),
    ],
)
def test_what_is_rejected(record: bytes, reason: str, detail: str) -> None:
    assert outcome(record, hint="zeek_tsv") == Rejected(reason, detail)


def test_a_header_is_at_most_64_kib() -> None:
    fits = b"#separator \\x09\n#fields\t" + b"a" * (MAX_HEADER_BYTES - 24)
    [record] = pipeline.split(fits + b"\nx\n", "zeek_tsv")
    assert list(value(record).values()) == ["x"]
    long = fits + b"a\n#types\t" + b"string" * 1_000_000 + b"\n"
    [record] = pipeline.split(long + b"the line", "zeek_tsv")
    assert rejection(record, hint="zeek_tsv") == "header_too_long"
    assert record.endswith(b"\nthe line")
    assert len(record) < MAX_HEADER_BYTES + 16


@pytest.mark.parametrize(
    "header",
    [
        b"#separator \\x00\n#fields\x00a\x00b",
        b"#separator \\x0a\n#fields\na\tb",
        b"#separator \\xff\n#set_separator\\xff\n#fields\\xffa",
        b"#separator \\x09\n#set_separator\t\n#unset_field\t\n#empty_field\t\n#fields\ta\tb\n#types\tset[set[\tvector",
        b"#separator \\x09\n#fields\t\t\n#types\t",
        b"#separator \\x09\n#fields\ta\ta\n#path\t\xff\x00",
        b"#separator \\x09\n#fields" + b"\ta" * 30_000 + b"\n#path\t" + b"p" * 3000,
        b"#separator \\x09\n#fields" + b"".join(b"\t%d" % n for n in range(10_000)),
    ],
)
def test_hostile_headers(header: bytes) -> None:
    for line in (b"", b"\t", b"x", b"x\ty", b"\x00\xff\\x", b"\t".join([b"1"] * 30_000), b"\t".join([b"1"] * 10_000)):
        for record in pipeline.split(b"%b\n%b\n" % (header, line), "zeek_tsv"):
            found = outcome(record, hint="zeek_tsv")
            assert getattr(found, "reason", "") != pipeline.NORMALISER_ERROR, found


def test_a_long_header_is_parsed_once_for_all_the_lines_under_it() -> None:
    log = b"#separator \\x09\n#fields" + b"\ta" * 32_000 + b"\n" + b"x\n" * 700
    started = time.process_time()
    assert {rejection(record, hint="zeek_tsv") for record in pipeline.split(log, "zeek_tsv")} == {"wrong_columns"}
    assert time.process_time() - started < 5  # once for each of them would be half a minute


def test_a_header_costs_its_bytes_each_time_it_counts() -> None:
    header = b"#separator \\x09\n#fields" + b"\ta" * 32_000 + b"\n"
    log = header + b"".join(b"#path\t%d\nx\n" % number for number in range(700))
    started = time.process_time()
    first, *others = (rejection(record, hint="zeek_tsv") for record in pipeline.split(log, "zeek_tsv"))
    assert time.process_time() - started < 5
    assert (first, set(others)) == ("wrong_columns", {"not_json"})


def test_a_row_without_its_header_says_what_is_missing() -> None:
    row = CONN.splitlines()[-1]
    for hint in ("zeek_tsv", "zeek_json"):
        found = outcome(row, hint=hint)
        assert isinstance(found, Rejected)
        assert (found.reason, "#fields" in found.detail) == ("not_json", True)


def test_json_and_columns_of_our_samples_are_one_record() -> None:
    alike = orjson.loads(lines("zeek_json.ndjson")[0])
    assert value(NOTICE)["uid"] == alike["uid"]
    assert event(NOTICE).fingerprint == event(lines("zeek_json.ndjson")[0]).fingerprint
