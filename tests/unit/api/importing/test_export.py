"""Exports on disk: hostile lines, parts without a case, and files that nobody asks for."""

from pathlib import Path

import msgspec
import pytest

from services.api.importing import export, index, lines, thehive
from services.api.importing.cases import Refused
from services.api.importing.export import NotAnExport
from tests.imports.exports import START
from tests.imports.reading import Read, folder, only, split

READ: Read = thehive.read
CASE = {"_id": "~1", "_createdAt": START, "title": "A case"}
TASK = {"_id": "~2", "title": "A task", "_case": "~1"}


def _lines(root: Path, *given: bytes) -> Path:
    (root / "cases.ndjson").write_bytes(b"\n".join((*given, msgspec.json.encode(CASE))))
    return root


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "Input data was truncated"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"a":' * 100_000, "nested too deep"),
        (b'["~1"]', "no JSON object"),
        (b'"\xff"', None),
        (b'{"_id": "\\ud800"}', None),
        (b"\x00\x01", None),
    ],
)
def test_a_line_that_is_no_case_is_refused_and_the_next_is_read(line: bytes, said: str | None, tmp_path: Path) -> None:
    cases, refused = split(READ, _lines(tmp_path, line))
    assert [case.source_id for case in cases] == ["~1"]
    assert [one.source_id for one in refused] == ["cases.ndjson line 1"]
    assert said is None or refused[0].reason == said


def test_blank_lines_are_nothing(tmp_path: Path) -> None:
    assert only(READ, _lines(tmp_path, b"", b"  ", b"\t")).source_id == "~1"


def test_a_line_over_the_limit_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_RECORD", 1 << 10)
    # A second record within the long line must not be taken for a line of its own.
    long = b'{"title": "' + b"x" * (3 << 20) + msgspec.json.encode(CASE | {"_id": "~8"})
    cases, refused = split(READ, _lines(tmp_path, long, msgspec.json.encode(CASE | {"_id": "~9"})))
    assert [case.source_id for case in cases] == ["~9", "~1"]
    assert [one.source_id for one in refused] == ["cases.ndjson line 1"]


def test_a_case_with_too_much_in_it_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "MAX_RECORD", 1 << 10)
    tasks = [TASK | {"_id": f"~{number}", "description": "x" * 200} for number in range(2, 8)]
    cases, refused = split(READ, folder(tmp_path, cases=[CASE, CASE | {"_id": "~9"}], tasks=tasks))
    assert [case.source_id for case in cases] == ["~9"]
    assert [one.source_id for one in refused] == ["~1"]


def test_a_document_over_the_limit_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MAX_RECORD", 16)
    (tmp_path / "all.json").write_bytes(msgspec.json.encode([CASE]))
    with pytest.raises(NotAnExport, match=r"jq -c '\.\[\]' all\.json > all\.ndjson"):
        split(READ, tmp_path / "all.json")


def test_a_case_that_comes_twice_is_taken_once(tmp_path: Path) -> None:
    cases, refused = split(READ, folder(tmp_path, cases=[CASE, CASE | {"title": "Again"}]))
    assert [case.title for case in cases] == ["A case"]
    assert refused == [Refused("~1", "it comes a second time; the first was taken")]


def test_parts_of_no_case_of_the_export_are_refused(tmp_path: Path) -> None:
    log = {"_id": "~3", "message": "x", "_task": "~77"}
    cases, refused = split(
        READ, folder(tmp_path, cases=[CASE], tasks=[TASK, TASK | {"_case": "~8"}, TASK | {"_case": "~8"}], logs=[log])
    )
    assert len(cases[0].tasks) == 1
    said = "without what they belong to, which is not in the export"
    assert refused == [Refused("logs of ~77", f"1 {said}"), Refused("tasks of ~8", f"2 {said}")]


@pytest.mark.parametrize("parent", [None, "", 1.5, True, ["~1"], {"_id": "~1"}, "x" * 201, "a\nb"])
def test_a_part_that_does_not_say_its_case_is_refused(parent: object, tmp_path: Path) -> None:
    cases, refused = split(READ, folder(tmp_path, cases=[CASE], tasks=[TASK | {"_case": parent}, TASK]))
    assert len(cases[0].tasks) == 1
    assert refused == [Refused("tasks.ndjson line 1", "it does not say in _case what it belongs to")]


def test_a_file_that_nobody_asks_for_is_said(tmp_path: Path) -> None:
    _, refused = split(READ, folder(tmp_path, cases=[CASE], observable=[{"_id": "~2"}]))
    assert [one.source_id for one in refused] == ["observable.ndjson"]


def test_what_postgres_cannot_keep_is_replaced(tmp_path: Path) -> None:
    case = only(READ, folder(tmp_path, cases=[CASE | {"description": "a\0b", "tasks": [TASK | {"group": "\0"}]}]))
    assert case.description == "a\ufffdb"
    assert case.tasks[0].group == "\ufffd"


@pytest.mark.parametrize("path", ["nothing", "."])
def test_what_is_no_export_is_said_before_anything_is_read(path: str, tmp_path: Path) -> None:
    with pytest.raises(NotAnExport):
        split(READ, tmp_path / path)


def test_a_document_that_is_no_json_is_said(tmp_path: Path) -> None:
    (tmp_path / "all.json").write_bytes(b"PK\x03\x04")
    with pytest.raises(NotAnExport, match=r"all\.json"):
        split(READ, tmp_path / "all.json")
