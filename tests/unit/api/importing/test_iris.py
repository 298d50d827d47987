"""Cases of DFIR-IRIS."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.api.importing import iris
from services.api.importing.cases import CustomField, Person, Refused
from tests.imports import exports
from tests.imports.reading import MEMORY, Read, counted, folder, left, only, split

CASES = 2_000

READ: Read = iris.read


def _reply(case: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return {"data": {"case": {"case_id": 1, "name": "A case", "open_date": "2023-11-14", **case}, **parts}}


def _read(root: Path, case: dict[str, Any] | None = None, **parts: Any) -> Any:
    return only(READ, folder(root, cases=[_reply(case or {}, **parts)]))


def test_all_of_2000_cases_is_read_in_flat_memory(tmp_path: Path) -> None:
    made = exports.iris(tmp_path / "export", CASES)

    found, peak = counted(READ, tmp_path / "export")

    assert found["refused"] == 0
    assert (found["cases"], found["tasks"], found["events"]) == (CASES, made["tasks"], made["timeline"])
    assert found["observables"] == made["iocs"] + 2 * made["assets"]
    assert found["notes"] == made["notes"] + made["comments"]
    assert found["attachments"] == made["evidences"] + made["datastore"]
    assert found["files"] == made["datastore"]
    assert peak < MEMORY


def test_everything_of_a_case_is_taken(tmp_path: Path) -> None:
    exports.iris(tmp_path, 4)
    cases, _ = split(READ, tmp_path)
    case = cases[3]

    assert left(case) == {"bytes of evidence 4": "IRIS keeps its hash and not its bytes"}
    assert (case.source_id, case.title, case.severity) == ("4", "#4 - Case of IRIS", 4)
    assert (case.status, case.verdict, case.close_reason) == ("closed", "benign_positive", "legitimate")
    assert case.closing_summary == "A test"
    assert case.assignee == Person("Ana", "ana@soc.example")
    assert case.created_at == datetime(2023, 11, 14, 22, 13, 20, 123_000, tzinfo=UTC)
    assert case.closed_at == datetime(2023, 11, 20, tzinfo=UTC)
    assert case.tags == ("malware", "customer:Plant", "soc:SOC-4", "classification:malicious-code:virus")
    assert case.fields == (
        CustomField("Line", "choice", "two", ("one", "two")),
        CustomField("Stopped", "boolean", True),
    )
    assert [(task.title, task.status) for task in case.tasks] == [("Task 1", "done"), ("Task 2", "open")]
    assert [(one.type, one.value, one.ioc, one.sighted, one.tlp) for one in case.observables] == [
        ("domain", "bad4.example", True, False, "green"),
        ("host", "PLC4", False, True, None),
        ("ip", "10.0.0.5", False, True, None),
    ]
    assert [note.title for note in case.notes] == ["Analysis / First look", ""]
    assert [note.text for note in case.notes] == ["# Seen", "See the proxy"]
    assert case.notes[1].at == datetime(2023, 11, 20, 17, 12, 6, tzinfo=UTC)
    # Its own zone is only how it is shown there.
    assert case.events[0].at == datetime(2023, 11, 14, 20, tzinfo=UTC)
    evidence, file = case.attachments
    assert (evidence.path, evidence.sha256, evidence.size) == (None, "ab" * 32, 77)
    assert file.path is not None
    assert file.path.read_bytes() == exports.content("file 4")
    assert file.sha256 == exports.hashes(exports.content("file 4"))[0]


@pytest.mark.parametrize(
    ("state", "close_date", "status", "is_said"),
    [
        ("Open", None, "open", False),
        ("Unspecified", None, "open", False),
        ("In progress", None, "investigating", False),
        ("Containment", None, "investigating", False),
        ("Eradication", None, "contained", False),
        ("Recovery", None, "contained", False),
        ("Post-Incident", None, "resolved", False),
        ("Reporting", None, "resolved", False),
        ("Closed", None, "closed", False),
        ("In progress", "2023-11-20", "closed", False),
        ("Of our own", None, "open", True),
    ],
)
def test_status(state: str, close_date: str | None, status: str, is_said: bool, tmp_path: Path) -> None:
    case = _read(tmp_path, {"state": {"state_name": state}, "close_date": close_date})
    assert case.status == status
    assert (case.verdict is None) is (status != "closed")
    assert ("case: state" in left(case)) is is_said


@pytest.mark.parametrize(
    ("number", "name", "verdict"),
    [
        (0, None, "undetermined"),
        (1, None, "false_positive"),
        (2, None, "true_positive"),
        (3, None, "undetermined"),
        (4, None, "true_positive"),
        (5, None, "benign_positive"),
        (99, None, "undetermined"),
        (0, "legitimate", "benign_positive"),
        (0, "False Positive", "false_positive"),
    ],
)
def test_verdict(number: int, name: str | None, verdict: str, tmp_path: Path) -> None:
    case = _read(tmp_path, {"status_id": number, "status_name": name, "close_date": "2023-11-20"})
    assert case.verdict == verdict


@pytest.mark.parametrize(
    ("given", "severity", "is_said"),
    [
        ({"severity": {"severity_name": "Critical"}, "severity_id": 1}, 5, False),
        ({"severity_id": 1}, 3, False),
        ({"severity_id": 2}, 3, False),
        ({"severity_id": 3}, 1, False),
        ({"severity_id": 4}, 2, False),
        ({"severity_id": 5}, 4, False),
        ({"severity_id": 6}, 5, False),
        ({"severity_id": 7}, 3, True),
        ({}, 3, False),
    ],
)
def test_severity(given: dict[str, Any], severity: int, is_said: bool, tmp_path: Path) -> None:
    case = _read(tmp_path, given)
    assert case.severity == severity
    assert ("case: severity" in left(case)) is is_said


@pytest.mark.parametrize(
    ("given", "ours"),
    [
        ({"type_name": "ip-dst", "tlp_name": "red"}, ("other", "value", "red")),
        ({"type_name": "ip-dst", "ioc_value": "203.0.113.9", "ioc_tlp_id": 1}, ("ip", "203.0.113.9", "red")),
        ({"ioc_type": {"type_name": "sha256"}, "ioc_value": "AB" * 32}, ("hash", "ab" * 32, None)),
        ({"type_name": "account", "tlp": {"tlp_name": "amber+strict"}}, ("user", "value", "amber+strict")),
        ({"type_name": "vulnerability", "ioc_value": "cve-2024-3094"}, ("cve", "CVE-2024-3094", None)),
        ({"type_name": "yara", "ioc_tlp_id": 5}, ("other", "value", "amber+strict")),
    ],
)
def test_iocs_are_kept_as_sensors_values_are(
    given: dict[str, Any], ours: tuple[str, str, str | None], tmp_path: Path
) -> None:
    one = _read(tmp_path, iocs=[{"ioc_id": 1, "ioc_value": "value", **given}]).observables[0]
    assert (one.type, one.value, one.tlp) == ours
    assert one.ioc is True


def test_an_account_is_a_user_and_its_address_is_taken_too(tmp_path: Path) -> None:
    asset = {"asset_id": 1, "asset_name": "ana", "type": "Windows Account - AD", "asset_ip": "10.0.0.7"}
    case = _read(tmp_path, assets=[asset | {"asset_domain": "corp.example", "asset_compromise_status_id": 2}])
    assert [(one.source_id, one.type, one.value) for one in case.observables] == [
        ("asset:1", "user", "ana"),
        ("asset:1:ip", "ip", "10.0.0.7"),
    ]
    assert case.observables[0].message == "Domain: corp.example"
    assert not any(one.sighted for one in case.observables)


@pytest.mark.parametrize(
    ("attribute", "field"),
    [
        ({"type": "input_string", "value": "x"}, CustomField("A", "text", "x")),
        ({"type": "input_textfield", "value": "x\ny"}, CustomField("A", "text", "x\ny")),
        ({"type": "input_checkbox", "value": False}, CustomField("A", "boolean", False)),
        ({"type": "input_date", "value": "2024-02-01"}, CustomField("A", "date", "2024-02-01T00:00:00.000Z")),
        ({"type": "input_select", "value": "b", "options": ["a", "b"]}, CustomField("A", "choice", "b", ("a", "b"))),
        ({"type": "input_string", "value": ""}, None),
        ({"type": "input_select", "value": "c", "options": ["a", "b"]}, "field A"),
        ({"type": "input_date", "value": "soon"}, "field A"),
        ({"type": "html", "value": "<b>x</b>"}, "field A"),
        ({"type": ["x"], "value": "y"}, "field A"),
    ],
)
def test_custom_attributes(attribute: dict[str, Any], field: CustomField | str | None, tmp_path: Path) -> None:
    case = _read(tmp_path, {"custom_attributes": {"Tab": {"A": attribute}}})
    assert case.fields == ((field,) if isinstance(field, CustomField) else ())
    assert set(left(case)) == ({field} if isinstance(field, str) else set())


def test_the_lists_of_api_v2_in_files_of_their_own_are_joined(tmp_path: Path) -> None:
    task = {"task_id": 7, "task_title": "A task", "status_name": "In progress", "_case": 1}
    ioc = {"ioc_id": 2, "ioc_value": "x.example", "ioc_type": {"type_name": "domain"}, "_case": "1"}
    case = only(READ, folder(tmp_path, cases=[_reply({})["data"]["case"]], tasks=[task], iocs=[ioc]))
    assert [(one.source_id, one.status) for one in case.tasks] == [("7", "in_progress")]
    assert [one.value for one in case.observables] == ["x.example"]
    assert case.left_out == ()


def test_one_reply_is_an_export(tmp_path: Path) -> None:
    (tmp_path / "case.json").write_bytes(msgspec.json.encode(exports.iris_reply(1)))
    assert only(READ, tmp_path / "case.json").title == "#1 - Case of IRIS"


def test_what_has_no_place_is_said_by_name(tmp_path: Path) -> None:
    task = {"id": 3, "task_title": "x", "task_tags": "a", "task_assignees": [{"user": "ana"}, {"user": "bo"}]}
    case = _read(tmp_path, {"protagonists": [{"name": "C"}]}, tasks=[task], graph={"nodes": [1]})
    assert left(case) == {
        "case.protagonists": "there is no place for it (1 times)",
        "case.graph": "there is no place for it (1 times)",
        "task 3: tags": "tasks have none here: a",
        "task 3: assignee": "a task has one: bo",
    }


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": 3}, "Expected `str`, got `int` - at `$.name`"),
        ({"open_date": None}, "it does not say when it was opened"),
        ({"open_date": "14/11/2023"}, None),
        ({"owner": ["ana"]}, "no JSON object"),
    ],
)
def test_what_is_no_case_is_refused_and_the_rest_go_on(wrong: dict[str, Any], said: str | None, tmp_path: Path) -> None:
    cases, refused = split(READ, folder(tmp_path, cases=[_reply(wrong), _reply({"case_id": 2})]))
    assert [case.source_id for case in cases] == ["2"]
    assert [one.source_id for one in refused] == ["1"]
    assert said is None or refused == [Refused("1", said)]


@pytest.mark.parametrize("reply", [{}, {"data": []}, {"data": {"case": []}}, {"data": {"case": {"case_id": None}}}])
def test_what_has_no_id_is_refused(reply: dict[str, Any], tmp_path: Path) -> None:
    assert split(READ, folder(tmp_path, cases=[reply])) == ([], [Refused("?", "it has no id that can be read")])


@pytest.mark.parametrize("part", ["tasks", "iocs", "assets", "notes", "comments", "timeline", "evidences", "datastore"])
def test_parts_of_the_wrong_kind_do_no_harm(part: str, tmp_path: Path) -> None:
    wrong: dict[str, Any] = {part: [3, None, [], {}, {"id": "x"}]}
    case = _read(tmp_path, **wrong)
    assert len(case.left_out) == 5
    assert split(READ, folder(tmp_path, cases=[_reply({}, **{part: {"a": 1}})])) == (
        [],
        [Refused("1", f"its {part} are no list")],
    )
