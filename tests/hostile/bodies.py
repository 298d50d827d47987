"""Whole requests that nobody should send, made by hand: each with the replies that are right, and its records."""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson
import zstandard

GOOD = b'{"probe":"hostile","timestamp":"2026-11-20T10:00:00Z"}'
MIB = 1 << 20
TAKEN = frozenset({202, 207})


@dataclass(frozen=True)
class Request:
    """One request: what is sent, the statuses it may be answered with, and how many records are in it if taken.

    `accepted` is how many of those must become events; None leaves it open.
    """

    name: str
    body: bytes
    statuses: frozenset[int]
    records: int | None = None
    path: str = "/ingest/v1/events/json"
    headers: dict[bytes, bytes] = field(default_factory=dict)
    accepted: int | None = None


def requests() -> Iterator[Request]:
    """All of them; together they are some 300 MB."""
    yield from _compressed()
    yield from _large()
    yield from _deep()
    yield from _columns()
    yield from _heads()


def _compressed() -> Iterator[Request]:
    def packed(name: str, encoding: str, body: bytes, *statuses: int, records: int | None = None) -> Request:
        return Request(name, body, frozenset(statuses), records, headers={b"content-encoding": encoding.encode()})

    # The header has the time, of which a byte may be a line's end; then what is zipped twice is two lines.
    zipped, squeezed = gzip.compress(GOOD, mtime=0), zstandard.compress(GOOD)
    yield packed("gzip", "gzip", zipped, 202, records=1)
    yield packed("gzip in capitals", "GZIP", zipped, 202, records=1)
    yield packed("zstd", "zstd", squeezed, 202, records=1)
    yield packed("gzip that says identity", "identity", zipped, 202, records=1)
    yield packed("gzip in gzip", "gzip", gzip.compress(zipped), 202, 207, records=1)
    yield packed("gzip that says zstd", "zstd", zipped, 400)
    yield packed("plain that says gzip", "gzip", GOOD, 400)
    yield packed("plain that says zstd", "zstd", GOOD, 400)
    yield packed("an unknown encoding", "br", GOOD, 415)
    yield packed("two encodings", "gzip, gzip", gzip.compress(zipped), 415)
    yield packed("gzip of nothing", "gzip", gzip.compress(b""), 400)
    yield packed("no bytes of gzip", "gzip", b"", 400)
    yield packed("two members", "gzip", zipped + gzip.compress(b"\n" + GOOD), 202, records=2)
    yield packed("two frames", "zstd", squeezed + zstandard.compress(b"\n" + GOOD), 202, records=2)
    yield packed("gzip with zeros behind", "gzip", zipped + bytes(5000), 202, records=1)
    yield packed("gzip with words behind", "gzip", zipped + b"words", 400)
    yield packed("zstd with words behind", "zstd", squeezed + b"words", 400)
    yield packed("gzip, cut", "gzip", zipped[:-5], 400)
    yield packed("zstd, cut", "zstd", squeezed[:-3], 400)
    yield packed("gzip with a wrong checksum", "gzip", zipped[:-8] + bytes(8), 400)
    yield packed("raw deflate", "gzip", zlib.compress(GOOD), 400)
    yield packed("gzip bomb", "gzip", gzip.compress(bytes(200 * MIB), 9), 413)
    yield packed("gzip bomb of lines", "gzip", gzip.compress(b"x\n" * (24 * MIB), 1), 413)
    yield packed("zstd bomb", "zstd", zstandard.compress(bytes(500 * MIB)), 413)
    yield packed("a bomb in many members", "gzip", gzip.compress(bytes(MIB)) * 200, 413)
    yield packed("more members than one may have", "gzip", gzip.compress(b"") * 10_001, 400)


def _large() -> Iterator[Request]:
    def plain(name: str, body: bytes, *statuses: int, records: int | None = None) -> Request:
        return Request(name, body, frozenset(statuses), records)

    yield plain("a string of 10 MB", b'{"a":"' + b"x" * 10_000_000 + b'"}', 413, records=1)
    yield plain("10 MB and a good one", b'{"a":"' + b"x" * 10_000_000 + b'"}\n' + GOOD, 207, records=2)
    yield plain("a record of just 1 MiB", b'{"a":"' + b"x" * (MIB - 8) + b'"}', 202, records=1)
    yield plain("a record of 1 MiB and a byte", b'{"a":"' + b"x" * (MIB - 7) + b'"}', 413, records=1)
    yield plain("thousands of keys", orjson.dumps({f"key{n}": n for n in range(40_000)}), 202, records=1)
    yield plain("thousands of equal keys", b"{" + b'"k":1,' * 40_000 + b'"k":2}', 202, records=1)
    yield plain("10,000 lines", b"x\n" * 10_000, 202, 207, records=10_000)
    yield plain("10,001 lines", b"x\n" * 10_001, 413)
    yield plain("an array of 10,001", b"[" + b"{}," * 10_000 + b"{}]", 413)
    yield plain("millions of empty lines", b"\n" * 20_000_000 + GOOD, 202, records=1)
    yield plain("millions of tiny elements", b"[" + b"1," * 4_000_000 + b"1]", 413)
    yield plain("more than 50 MiB", b" " * (50 * MIB + 1), 413)
    yield plain("one alert many times over", _group(3000), 413)


def _group(alerts: int) -> bytes:
    """A post whose group would be repeated in each alert."""
    alert = {"labels": {"alertname": "Example"}, "startsAt": "2026-11-20T10:00:00Z", "status": "firing"}
    return orjson.dumps({"receiver": "x" * 30_000, "groupKey": "k" * 4000, "alerts": [alert] * alerts * 4})


def _deep() -> Iterator[Request]:
    for name, status, records, body in (
        ("open brackets", 207, 1, b"[" * 1_000_000),
        ("open objects", 413, 1, b'{"a":' * 500_000),
        ("closed brackets", 207, 1, b"]" * 1_000_000),
        ("nested and whole", 207, 1, b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
        ("an array nested and whole", 207, 1, b"[" * 200_000 + b"]" * 200_000),
        ("quotes", 207, 1, b'{"' + b'\\"' * 500_000),
        ("backslashes", 207, 1, b'["' + b"\\" * 1_000_000),
        ("spaces", 413, 1, b" " * 5_000_000 + b"{"),
        ("zeros", 207, 1, bytes(500_000)),
        ("bytes of all values", 207, 2001, bytes(range(256)) * 2000),
        ("a number of a million digits", 202, 1, b'{"a":' + b"9" * 900_000 + b"}"),
        ("a million commas", 202, 1, b'{"a":1}' + b"," * 1_000_000),
    ):
        yield Request(f"deep: {name}", body, frozenset({status}), records)


def _columns() -> Iterator[Request]:
    def log(name: str, body: bytes, *statuses: int, records: int | None = None) -> Request:
        return Request(f"columns: {name}", body, frozenset(statuses), records, path="/ingest/v1/events/zeek_tsv")

    head = b"#separator \\x09\n#path\thostile\n#fields\tts\tuid\n"
    wide = b"#separator \\x09\n#fields" + b"\ta" * 30_000 + b"\n"
    yield log("no line", head, 400)
    yield log("another number", head + b"1\n1\t2\t3\n", 207, records=2)
    yield log("a long header", head[:-1] + b"\tx" * 500_000 + b"\n" + b"1\n" * 100, 207, records=100)
    yield log("a wide header and many lines", wide + b"x\n" * 10_000, 413)
    yield log("a wide header and a wide line", wide + b"\t".join([b"1"] * 30_000), 202, records=1)
    yield log("ten thousand headers", head * 10_000 + b"1\t2\n", 202, records=1)
    yield log("10,001 lines", head + b"1\t2\n" * 10_001, 413)


def _heads() -> Iterator[Request]:
    def head(name: str, *statuses: int, path: str = "/ingest/v1/events/json", **headers: str | bytes) -> Request:
        taken = 1 if TAKEN & frozenset(statuses) else None
        given = {
            name.replace("_", "-").encode(): value.encode() if isinstance(value, str) else value
            for name, value in headers.items()
        }
        return Request(f"head: {name}", GOOD, frozenset(statuses), taken, path, given)

    yield head("a long key of the request", 400, idempotency_key="k" * 256)
    yield head("a key of the request with a bad byte", 400, idempotency_key=b"a\xffb")
    yield head("no key", 401, authorization="Bearer")
    yield head("a key of bad bytes", 401, authorization=b"Bearer \xff\xfe")
    yield head("a key that is long", 401, authorization="Bearer " + "x" * 6000)
    yield head("Basic that is no base64", 401, authorization="Basic %%%")
    yield head("an unknown scheme", 401, authorization="Digest x")
    yield head("a media type without records", 415, content_type="image/png")
    yield head("a media type of nonsense", 202, content_type="nonsense;;=//")
    yield head("an unknown format", 404, path="/ingest/v1/events/nonsense")
    yield head("a path with a zero", 404, path="/ingest/v1/events/%00")
    yield head("a path of bad bytes", 404, path="/ingest/v1/events/%ff%fe")
    yield head("a long path", 404, path="/ingest/v1/events/" + "x" * 20_000)
    yield head("a path that climbs", 404, path="/ingest/v1/events/..%2f..%2fhealthz")
    yield head("bad items", 400, path="/ingest/v1/events/json?items=%00")
    yield head("a query of nonsense", 202, path="/ingest/v1/events/json?" + "&=" * 3000)
    yield head("a request id of nonsense", 202, x_request_id="../" * 300, traceparent="00-x")
