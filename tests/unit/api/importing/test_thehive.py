"""Cases of TheHive 4 and 5."""

import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.api.importing import thehive
from services.api.importing.cases import CustomField, Person, Refused
from tests.imports import exports
from tests.imports.reading import MEMORY, Read, counted, folder, left, only, split

CASES = 2_000

CASE = {"_id": "~1", "_createdAt": exports.START, "title": "A case"}
READ: Read = thehive.read


def _read(root: Path, **case: Any) -> Any:
    return only(READ, folder(root, cases=[CASE | case]))


@pytest.mark.parametrize("product", ["thehive4", "thehive5"])
def test_all_of_2000_cases_is_read_in_flat_memory(product: str, tmp_path: Path) -> None:
    made = getattr(exports, product)(tmp_path / "export", CASES)

    found, peak = counted(READ, tmp_path / "export")

    assert found["refused"] == 0
    assert {kind: found[kind] for kind in ("cases", "tasks", "logs", "observables", "attachments")} == {
        kind: made[kind] for kind in ("cases", "tasks", "logs", "observables", "attachments")
    }
    assert found["notes"] == made["comments"] + made["pages"]
    assert found["events"] == made["procedures"]
    assert found["files"] == made["attachments"]
    assert peak < MEMORY


@pytest.mark.parametrize("product", ["thehive4", "thehive5"])
def test_everything_of_a_case_is_taken(product: str, tmp_path: Path) -> None:
    getattr(exports, product)(tmp_path, 3)
    cases, _ = split(READ, tmp_path)

    assert [case.left_out for case in cases] == [(), (), ()]
    assert {case.source for case in cases} == {product}
    case = cases[1]
    assert (case.source_id, case.number, case.severity) == ("~2", 2, 4)
    assert case.assignee == Person("cy@soc.example", "cy@soc.example")
    assert case.created_at.isoformat() == "2023-11-15T00:13:20+00:00"
    task = case.tasks[0]
    assert (task.title, task.group, task.status, task.logs[0].text) == ("Task 1", "identification", "done", "Done 1")
    file = case.attachments[-1]
    assert file.path is not None
    assert file.path.read_bytes() == exports.content("log 2")
    assert file.sha256 == exports.hashes(exports.content("log 2"))[0]
    assert file.on == f"task log {task.logs[0].source_id}"


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"status": "Open", "caseId": 1}, ("thehive4", "open", None, "")),
        ({"status": "Resolved"}, ("thehive4", "closed", "undetermined", "")),
        (
            {"status": "Resolved", "resolutionStatus": "TruePositive", "impactStatus": "NoImpact"},
            ("thehive4", "closed", "true_positive", "TruePositive, NoImpact"),
        ),
        (
            {"status": "Resolved", "extendedStatus": "FalsePositive"},
            ("thehive4", "closed", "false_positive", "FalsePositive"),
        ),
        (
            {"status": "Resolved", "resolutionStatus": "Duplicated"},
            ("thehive4", "closed", "undetermined", "Duplicated"),
        ),
        ({"status": "New", "stage": "New"}, ("thehive5", "open", None, "")),
        ({"status": "InProgress", "stage": "InProgress"}, ("thehive5", "investigating", None, "")),
        ({"status": "TruePositive", "stage": "Closed"}, ("thehive5", "closed", "true_positive", "TruePositive")),
        ({"status": "FalsePositive"}, ("thehive5", "closed", "false_positive", "FalsePositive")),
        ({"status": "Phishing drill", "stage": "Closed"}, ("thehive5", "closed", "undetermined", "Phishing drill")),
        ({"status": "Waiting for a reply"}, ("thehive5", "open", None, "Waiting for a reply")),
    ],
)
def test_status_and_verdict(given: dict[str, Any], read: tuple[str, str, str | None, str], tmp_path: Path) -> None:
    case = _read(tmp_path, **given)
    assert (case.source, case.status, case.verdict, case.close_reason) == read


@pytest.mark.parametrize(
    ("given", "tlp", "is_said"),
    [
        ({"tlp": 0}, "clear", False),
        ({"tlp": 1}, "green", False),
        ({"tlp": 2}, "amber", False),
        ({"tlp": 3, "status": "Open"}, "red", False),
        ({"tlp": 3, "stage": "New"}, "red", True),
        ({"tlp": 3, "tlpLabel": "AMBER+STRICT", "stage": "New"}, "amber+strict", False),
        ({"tlp": 4, "stage": "New"}, "red", False),
        ({"tlp": 0, "tlpLabel": "TLP:WHITE"}, "clear", False),
        ({"tlp": 7}, "amber", True),
        ({"tlp": -1}, "amber", True),
    ],
)
def test_markings(given: dict[str, Any], tlp: str, is_said: bool, tmp_path: Path) -> None:
    case = _read(tmp_path, **given)
    assert case.tlp == tlp
    assert ("case: tlp" in left(case)) is is_said


@pytest.mark.parametrize(("there", "here"), [(1, 2), (2, 3), (3, 4), (4, 5), (0, 1), (9, 5)])
def test_severity_of_four_is_ours_of_five(there: int, here: int, tmp_path: Path) -> None:
    case = _read(tmp_path, severity=there)
    assert case.severity == here
    assert ("case: severity" in left(case)) is (there not in range(1, 5))


@pytest.mark.parametrize(
    ("kind", "value", "ours"),
    [
        ("ip", " 203.0.113.9 ", ("ip", "203.0.113.9")),
        ("ip", "::ffff:203.0.113.9", ("ip", "203.0.113.9")),
        ("ip", "127.0.0.1", ("other", "127.0.0.1")),
        ("ip", "not one", ("other", "not one")),
        ("fqdn", "Mail.Example.ORG.", ("domain", "mail.example.org")),
        ("hash", "D41D8CD98F00B204E9800998ECF8427E", ("hash", "d41d8cd98f00b204e9800998ecf8427e")),
        ("mail", "A@Example.org", ("email", "a@example.org")),
        ("user-agent", "curl/8", ("user_agent", "curl/8")),
        ("regexp", ".*", ("other", ".*")),
        ("invented", "x", ("other", "x")),
    ],
)
def test_observables_are_kept_as_sensors_are(kind: str, value: str, ours: tuple[str, str], tmp_path: Path) -> None:
    case = _read(tmp_path, observables=[{"_id": "~2", "dataType": kind, "data": value, "ioc": True}])
    one = case.observables[0]
    assert (one.type, one.value) == ours
    assert (one.source_type, one.ioc, one.sighted) == (kind, True, False)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"unit": {"string": "Sales", "order": 1}}, CustomField("unit", "text", "Sales")),
        ({"hosts": {"integer": 3}}, CustomField("hosts", "number", 3)),
        ({"share": {"float": 0.5}}, CustomField("share", "number", 0.5)),
        ({"told": {"boolean": False}}, CustomField("told", "boolean", False)),
        ({"at": {"date": exports.START}}, CustomField("at", "date", "2023-11-14T22:13:20.000Z")),
        ([{"name": "link", "type": "url", "value": "https://x"}], CustomField("link", "text", "https://x")),
        (
            [{"name": "site", "type": "string", "value": "A", "options": ["A", "B"]}],
            CustomField("site", "choice", "A", ("A", "B")),
        ),
        ({"unit": {"string": None}}, None),
        ([{"name": "unit", "type": "string", "value": 3}], "field unit"),
        ([{"name": "at", "type": "date", "value": 10**18}], "field at"),
        ({"unit": {"matrix": [1]}}, "field unit"),
    ],
)
def test_custom_fields(given: Any, field: CustomField | str | None, tmp_path: Path) -> None:
    case = _read(tmp_path, customFields=given)
    assert case.fields == ((field,) if isinstance(field, CustomField) else ())
    assert set(left(case)) == ({field} if isinstance(field, str) else set())


def test_an_observable_may_be_a_file(tmp_path: Path) -> None:
    data = exports.content("sample")
    (tmp_path / "attachments").mkdir()
    (tmp_path / "attachments" / "~9").write_bytes(data)
    file = exports.hive_file("~9", "sample.bin", data)
    one = _read(tmp_path, observables=[{"_id": "~2", "dataType": "file", "attachment": file}]).observables[0]
    assert (one.type, one.value) == ("other", "sample.bin")
    assert one.attachment.path == tmp_path / "attachments" / "~9"
    assert one.attachment.on == "observable ~2"


def test_what_has_no_place_is_said_by_name(tmp_path: Path) -> None:
    reported = {"_id": "~2", "dataType": "ip", "data": "203.0.113.9", "reports": {"VirusTotal": {}}}
    case = _read(tmp_path, metrics={"hosts": 3}, flag=True, observables=[reported, reported | {"_id": "~3"}])
    assert left(case) == {
        "case.metrics": "there is no place for it (1 times)",
        "case.flag": "there is no place for it (1 times)",
        "observables.reports": "there is no place for it (2 times)",
    }


def test_cases_that_were_merged_are_linked(tmp_path: Path) -> None:
    case = _read(tmp_path, mergeFrom=["~7", "~8"], links=[{"_id": "~7"}, {"_id": "~9"}])
    assert case.links == ("~7", "~8", "~9")


def test_one_document_with_all_in_it_reads_as_the_folder_does(tmp_path: Path) -> None:
    tasks = [{"_id": "~2", "title": "A task", "logs": [{"_id": "~3", "message": "Done"}]}]
    nested = tmp_path / "nested.json"
    nested.write_bytes(msgspec.json.encode([CASE | {"tasks": tasks}]))
    (tmp_path / "apart").mkdir()
    apart = folder(
        tmp_path / "apart",
        cases=[CASE],
        tasks=[{"_id": "~2", "title": "A task", "_case": "~1"}],
        logs=[{"_id": "~3", "message": "Done", "_task": "~2"}],
    )
    assert only(READ, nested) == only(READ, apart)
    assert only(READ, nested).tasks[0].logs[0].text == "Done"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": 3}, "Expected `str`, got `int` - at `$.title`"),
        ({"title": None}, "Object missing required field `title`"),
        ({"_createdAt": None}, "it does not say when it was created"),
        ({"_createdAt": -1}, "Expected `int` >= 0 - at `$._createdAt`"),
        ({"_createdAt": 10**17}, "Expected `int` <= 253402300799999 - at `$._createdAt`"),
        ({"tags": "phishing"}, "Expected `array`, got `str` - at `$.tags`"),
        ({"status": "Deleted"}, "it was deleted"),
    ],
)
def test_what_is_no_case_is_refused_and_the_rest_go_on(wrong: dict[str, Any], said: str, tmp_path: Path) -> None:
    cases, refused = split(READ, folder(tmp_path, cases=[CASE | wrong, CASE | {"_id": "~2"}]))
    assert [case.source_id for case in cases] == ["~2"]
    assert refused == [Refused("~1", said)]


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"tasks": [{"_id": "~2"}]}, {"tasks ~2": "Object missing required field `title`"}),
        ({"tasks": ["x"]}, {"tasks number 1": "no JSON object"}),
        ({"tasks": "x"}, {"tasks": "no list"}),
        (
            {"comments": [{"_id": "~2", "message": "a"}, {"_id": "~2", "message": "b"}]},
            {"comments ~2": "it comes a second time; the first was taken"},
        ),
        ({"observables": [{"_id": "~2", "dataType": "ip"}]}, {"observables ~2": "it has neither a value nor a file"}),
        ({"comments": [{"_id": "x" * 201, "message": "a"}]}, {"comments number 1": "it has no id that can be read"}),
    ],
)
def test_a_part_that_cannot_be_read_is_left_out_of_its_case(
    parts: dict[str, Any], said: dict[str, str], tmp_path: Path
) -> None:
    assert left(_read(tmp_path, **parts)) == said


def test_no_more_parts_are_taken_than_a_case_may_have(tmp_path: Path) -> None:
    comments = [{"_id": f"~{number}", "message": "x"} for number in range(10_003)]
    case = _read(tmp_path, comments=comments)
    assert len(case.notes) == 10_000
    assert left(case) == {"comments": "3 beyond the first 10000"}


@pytest.mark.parametrize(
    "name", ["../secret", "..", ".", "/etc/passwd", "a/../../secret", "~9/../../secret", "", "a\\b", "x" * 300]
)
def test_an_attachment_leads_nowhere_else(name: str, tmp_path: Path) -> None:
    export = tmp_path / "export"
    (export / "attachments").mkdir(parents=True)
    (tmp_path / "secret").write_bytes(b"of the operator")
    (export / "secret").write_bytes(b"of the operator")
    file = {"_id": "~5", "id": name, "name": "../../x\n.txt"}
    folder(export, cases=[CASE | {"attachments": [file]}])
    (export / "secret").unlink()
    case = only(READ, export)
    assert case.attachments[0].path is None
    assert "bytes of attachment ~5" in left(case)


def test_a_link_among_the_attachments_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "attachments").mkdir()
    (tmp_path / "attachments" / "~5").symlink_to("/etc/passwd")
    case = _read(tmp_path, attachments=[{"_id": "~5", "name": "x"}])
    assert case.attachments[0].path is None
    assert left(case) == {"bytes of attachment ~5": "attachments/~5 is a link, which is not followed"}


def test_a_file_that_was_cut_short_is_not_taken_for_the_whole(tmp_path: Path) -> None:
    (tmp_path / "attachments").mkdir()
    (tmp_path / "attachments" / "~5").write_bytes(b"abc")
    case = _read(tmp_path, attachments=[{"_id": "~5", "name": "x", "size": 5}])
    assert case.attachments[0].path is None
    assert left(case) == {"bytes of attachment ~5": "attachments/~5 has 3 bytes and not 5"}


@pytest.mark.parametrize("title", ["", " ", "\u200b"], ids=ascii)
def test_a_case_without_a_title_gets_one_and_says_so(title: str, tmp_path: Path) -> None:
    case = _read(tmp_path, title=title)
    assert case.title == "Case ~1"
    assert left(case) == {"case: title": "there is none; taken as Case ~1"}


def test_long_and_unprintable_titles_and_tags_fit(tmp_path: Path) -> None:
    case = _read(tmp_path, title="a\n\x1b[31m" + "b" * 300, tags=["x" * 65, " ", "fine", *map(str, range(60))])
    assert case.title.startswith("a [31mbbb")
    assert len(case.title) == 200
    assert len(case.tags) == 50
    assert "case: title" in left(case)
    assert "case: tag" in left(case)


def test_the_export_may_lie_anywhere(tmp_path: Path) -> None:
    exports.thehive5(tmp_path / "made", 1)
    shutil.move(tmp_path / "made", tmp_path / "elsewhere")
    case = only(READ, tmp_path / "elsewhere")
    assert all(file.path is not None and file.path.is_file() for file in case.attachments)
