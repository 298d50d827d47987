"""Laws of the splitter: nothing is lost, whatever the bytes; what was joined comes apart again."""

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.refusals import Refused
from services.ingest.split import split

LIMIT = 1000
BETWEEN = re.compile(rb"[\s,\[\]{}]*")

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.text(max_size=4), values, min_size=1, max_size=4)
bodies = st.lists(
    st.sampled_from(
        [b"{", b"}", b"[", b"]", b",", b'"', b"\\", b"\n", b"\r\n", b" ", b'{"a":1}', b"text", b"\xff", b"\0"]
    ),
    max_size=40,
).map(b"".join) | st.binary(max_size=60)  # fmt: skip


@given(bodies)
def test_every_byte_but_punctuation_between_records_is_in_a_record_and_in_order(body: bytes) -> None:
    rest = body.removeprefix(b"\xef\xbb\xbf")
    try:
        records = split(body, LIMIT)
    except Refused as refused:
        assert refused.code == "no_records"
        assert BETWEEN.fullmatch(rest)
        return
    for record in records:
        assert record.strip()
        found = rest.index(record)
        assert BETWEEN.fullmatch(rest[:found]), (body, records)
        rest = rest[found + len(record) :]
    assert BETWEEN.fullmatch(rest), (body, records)


@given(st.lists(objects, min_size=1, max_size=6), st.sampled_from([None, 2, 0]), st.booleans())
def test_joined_objects_come_apart(records: list[object], indent: int | None, as_array: bool) -> None:
    texts = [json.dumps(record, indent=indent) for record in records]
    body = f"[{', '.join(texts)}]" if as_array else "\n".join(texts)
    if not as_array and indent == 0 and len(records) > 1:
        return  # with every line at the margin, lines and values cannot be told apart
    assert [json.loads(record) for record in split(body.encode(), LIMIT)] == records


@given(st.lists(objects, min_size=1, max_size=6), st.data(), st.sampled_from(["\n", "\r\n", "\n\n \n"]))
def test_one_bad_line_costs_only_itself(records: list[object], data: st.DataObject, newline: str) -> None:
    lines = [json.dumps(record) for record in records]
    at = data.draw(st.integers(0, len(lines)))
    bad = data.draw(st.sampled_from(['{"broken":', "plain text", '{"open":"', "}", '{"a":1}}']))
    lines.insert(at, bad)
    assert split(newline.join(lines).encode(), LIMIT) == [line.encode() for line in lines]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), min_size=1), min_size=1, max_size=10))
def test_text_lines_are_kept_to_the_byte(lines: list[str]) -> None:
    filled = [line.encode() for line in lines if not line.encode().isspace()]
    if not filled or filled[0].lstrip()[:1] in (b"{", b"[") or filled[0].startswith(b"\xef\xbb\xbf"):
        return
    assert split("\n".join(lines).encode(), LIMIT) == filled
