"""Makes exports of TheHive 4, TheHive 5 and DFIR-IRIS: always the same for the same number of cases."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

Record = dict[str, Any]
Counts = Counter[str]

START = 1_700_000_000_000
"""2023-11-14 22:13:20 UTC in milliseconds."""
HOUR = 3_600_000
PEOPLE = ("ana@soc.example", "bo@soc.example", "cy@soc.example")


def ndjson(path: Path, records: Iterable[Record]) -> None:
    """One record a line."""
    with path.open("wb") as file:
        for record in records:
            file.write(msgspec.json.encode(record) + b"\n")


def content(name: str) -> bytes:
    """The bytes of an attachment, made of its name."""
    return f"the bytes of {name}\n".encode()


def hashes(data: bytes) -> list[str]:
    """SHA-256, SHA-1 and MD5, as TheHive gives them."""
    return [hashlib.new(name, data, usedforsecurity=False).hexdigest() for name in ("sha256", "sha1", "md5")]


class _Folder:
    """A folder of NDJSON files that are written while their records are made, with the count of each kind."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.counts: Counts = Counter()
        self._files: dict[str, Any] = {}
        (root / "attachments").mkdir(parents=True)

    def add(self, kind: str, record: Record) -> None:
        if kind not in self._files:
            self._files[kind] = (self.root / f"{kind}.ndjson").open("wb")
        self._files[kind].write(msgspec.json.encode(record) + b"\n")
        self.counts[kind] += 1

    def attach(self, name: str, data: bytes) -> None:
        (self.root / "attachments" / name).write_bytes(data)

    def close(self) -> None:
        for file in self._files.values():
            file.close()


def thehive4(root: Path, cases: int) -> Counts:
    """Version 4's names: `caseId`, `owner`, `createdAt`, and one attachment in a log, known by its hash."""
    folder = _Folder(root)
    for number in range(1, cases + 1):
        for kind, record in _of_case(number, hive4_case(number), _as_4):
            folder.add(kind, record)
        data = content(f"log {number}")
        folder.attach(hashes(data)[0], data)
        folder.counts["attachments"] += 1
    folder.close()
    return folder.counts


def thehive5(root: Path, cases: int) -> Counts:
    """Version 5's names, with attachments of cases, pages and procedures."""
    folder = _Folder(root)
    for number in range(1, cases + 1):
        for kind, record in _of_case(number, hive5_case(number), lambda kind, record: record):
            folder.add(kind, record)
        data = content(f"log {number}")
        folder.attach(f"~{number}900", data)
        folder.counts["attachments"] += 1
        data = content(f"case {number}")
        folder.attach(f"~{number}901", data)
        folder.add("attachments", {**hive_file(f"~{number}901", "case.txt", data), "_case": f"~{number}"})
        page = {"_id": f"~{number}800", "title": "Findings", "content": "# What we know", "category": "Report"}
        folder.add("pages", {**page, "_createdAt": START, "_createdBy": PEOPLE[0], "_case": f"~{number}"})
        procedure = {"_id": f"~{number}700", "occurDate": START, "patternId": "T1566", "patternName": "Phishing"}
        folder.add("procedures", {**procedure, "tactic": "initial-access", "_case": f"~{number}"})
    folder.close()
    return folder.counts


def hive4_case(number: int) -> Record:
    """Every third is resolved."""
    closed = number % 3 == 0
    return {
        "_id": f"~{number}",
        "id": f"~{number}",
        "_type": "case",
        "caseId": number,
        "createdBy": PEOPLE[0],
        "createdAt": START + number * HOUR,
        "title": f"Case {number} of four",
        "description": "A **mail** with a link",
        "severity": 1 + number % 4,
        "startDate": START + number * HOUR,
        "endDate": START + (number + 5) * HOUR if closed else None,
        "tags": ["phishing", f"wave-{number % 7}"],
        "flag": False,
        "tlp": number % 4,
        "pap": 2,
        "status": "Resolved" if closed else "Open",
        "resolutionStatus": "TruePositive" if closed else None,
        "impactStatus": "NoImpact" if closed else None,
        "summary": "Blocked" if closed else None,
        "owner": PEOPLE[number % 3],
        "customFields": {"business-unit": {"string": "Sales", "order": 0}, "hosts": {"integer": number, "order": 1}},
    }


def hive5_case(number: int) -> Record:
    """New, in progress and closed in turn."""
    stage = ("New", "InProgress", "Closed")[number % 3]
    return {
        "_id": f"~{number}",
        "_type": "Case",
        "_createdBy": PEOPLE[0],
        "_createdAt": START + number * HOUR,
        "number": number,
        "title": f"Case {number} of five",
        "description": "A **mail** with a link",
        "severity": 1 + number % 4,
        "severityLabel": "HIGH",
        "startDate": START + number * HOUR,
        "endDate": START + (number + 5) * HOUR if stage == "Closed" else None,
        "tags": ["phishing", f"wave-{number % 7}"],
        "flag": False,
        "tlp": 3,
        "tlpLabel": "AMBER+STRICT",
        "pap": 2,
        "papLabel": "AMBER",
        "status": {"New": "New", "InProgress": "InProgress", "Closed": "FalsePositive"}[stage],
        "stage": stage,
        "summary": "A newsletter" if stage == "Closed" else None,
        "impactStatus": "NoImpact" if stage == "Closed" else None,
        "assignee": PEOPLE[number % 3],
        "customFields": [{"_id": "~1", "name": "business-unit", "type": "string", "value": "Sales", "order": 0}],
    }


def hive_file(source_id: str, name: str, data: bytes) -> Record:
    """An attachment in version 5's names."""
    return {
        "_id": source_id,
        "_type": "Attachment",
        "_createdBy": PEOPLE[1],
        "_createdAt": START,
        "name": name,
        "hashes": hashes(data),
        "size": len(data),
        "contentType": "text/plain",
        "id": hashes(data)[0],
    }


def _of_case(number: int, case: Record, named: Callable[[str, Record], Record]) -> Iterator[tuple[str, Record]]:
    """The case, two tasks with a log each, three observables and a comment, by the names of version 5."""
    made = {"_createdBy": PEOPLE[1], "_createdAt": START + number * HOUR}
    mine = {"_case": f"~{number}"}
    yield "cases", case
    for place, status in ((1, "Completed"), (2, "Waiting")):
        task = {"_id": f"~{number}10{place}", "title": f"Task {place}", "group": "identification", "status": status}
        yield "tasks", named("tasks", {**task, **made, **mine, "assignee": PEOPLE[2], "dueDate": START, "order": place})
        log = {"_id": f"~{number}20{place}", "message": f"Done {place}", "date": START + place, "owner": PEOPLE[1]}
        if place == 1:
            log["attachments"] = [hive_file(f"~{number}900", "log.txt", content(f"log {number}"))]
        yield "logs", named("logs", {**log, **made, "_task": task["_id"]})
    values = (("ip", f"198.51.100.{number % 250}"), ("mail", f"From{number}@Example.org"), ("other", "a string"))
    for place, (kind, value) in enumerate(values):
        one = {"_id": f"~{number}30{place}", "dataType": kind, "data": value, "tlp": 2, "ioc": place == 0}
        yield "observables", named("observables", {**one, **made, **mine, "sighted": False, "tags": ["seen"]})
    yield "comments", named("comments", {"_id": f"~{number}400", "message": "Looking into it", **made, **mine})


def _as_4(kind: str, record: Record) -> Record:
    older = {"_createdAt": "createdAt", "_createdBy": "createdBy", "assignee": "owner"}
    record = {older.get(name, name): value for name, value in record.items()} | {"id": record["_id"]}
    if kind == "logs":
        record["startDate"], record["status"] = record.pop("date"), "Ok"
        for file in record.pop("attachments", []):
            record["attachment"] = {name: file[name] for name in ("name", "hashes", "size", "contentType", "id")}
    return record


def iris(root: Path, cases: int) -> Counts:
    """Replies of `GET /case/export`, one a line, and the datastore's files beside them."""
    folder = _Folder(root)
    for number in range(1, cases + 1):
        reply = iris_reply(number)
        folder.add("cases", reply)
        folder.counts.update({kind: len(found) for kind, found in reply["data"].items() if isinstance(found, list)})
        data = content(f"file {number}")
        folder.attach(str(number), data)
        folder.add("datastore", {"_case": number, **iris_file(number, data)})
    folder.close()
    return folder.counts


def iris_reply(number: int) -> Record:
    """The reply for one case; every fourth is closed."""
    user = {"id": 1, "user_name": "Ana", "user_login": "ana", "user_email": PEOPLE[0]}
    closed = number % 4 == 0
    case = {
        "case_id": number,
        "case_uuid": f"00000000-0000-4000-8000-{number:012}",
        "name": f"#{number} - Case of IRIS",
        "description": "A **machine** that talks too much",
        "soc_id": f"SOC-{number}",
        "client": {"customer_id": 1, "customer_name": "Plant"},
        "classification": {"id": 4, "name": "malicious-code:virus"},
        "owner": user,
        "user": user,
        "state": {"state_id": 9 if closed else 2, "state_name": "Closed" if closed else "In progress"},
        "severity": {"severity_id": 5, "severity_name": "High"},
        "severity_id": 5,
        "status_id": 5 if closed else 0,
        "status_name": "legitimate" if closed else "unknown",
        "tags": [{"id": 1, "tag_title": "malware"}],
        "open_date": "2023-11-14",
        "initial_date": "2023-11-14T22:13:20.123456",
        "close_date": "2023-11-20" if closed else None,
        "closing_note": "A test" if closed else None,
        "custom_attributes": {
            "Plant": {
                "Line": {"type": "input_select", "value": "two", "options": ["one", "two"]},
                "Stopped": {"type": "input_checkbox", "value": True},
            }
        },
        "alerts": [],
        "protagonists": [],
    }
    return {"status": "success", "message": "", "data": {"case": case, **_iris_parts(number), "export_date": "now"}}


def _iris_parts(number: int) -> dict[str, list[Record]]:
    comment = {"comment_id": number, "comment_text": "See the proxy", "comment_date": "Mon, 20 Nov 2023 17:12:06 GMT"}
    return {
        "tasks": [
            {
                "id": number * 10 + place,
                "task_title": f"Task {place}",
                "task_status": status,
                "task_description": "",
                "task_open_date": "2023-11-15T08:00:00",
                "task_assignees": [{"id": 1, "user": "ana", "name": "Ana"}],
            }
            for place, status in ((1, "Done"), (2, "To do"))
        ],
        "iocs": [
            {
                "ioc_id": number,
                "ioc_value": f"Bad{number}.Example.",
                "type_name": "domain",
                "ioc_tags": "c2,proxy",
                "ioc_description": "Called every minute",
                "tlp_name": "green",
                "added_by": "ana",
            }
        ],
        "assets": [
            {
                "asset_id": number,
                "asset_name": f"PLC{number}",
                "type": "Linux - Server",
                "asset_ip": f"10.0.{number // 250}.{1 + number % 250}",
                "asset_compromise_status_id": 1,
                "date_added": "2023-11-15T08:00:00",
            }
        ],
        "notes": [
            {
                "note_id": number,
                "note_title": "First look",
                "note_content": "# Seen",
                "note_creationdate": "2023-11-15T09:00:00.5",
                "directory": {"id": 1, "name": "Analysis"},
                "comments": [],
            }
        ],
        "comments": [comment],
        "timeline": [
            {
                "event_id": number,
                "event_title": "It began",
                "event_date": "2023-11-14T20:00:00.000000",
                "event_tz": "+01:00",
                "event_date_wtz": "2023-11-14T21:00:00.000000",
                "event_content": "A first call",
                "category": "Command and Control",
            }
        ],
        "evidences": [
            {"id": number, "filename": "disk.img", "file_size": 77, "file_hash": "AB" * 32, "added_by": "ana"}
        ],
    }


def iris_file(number: int, data: bytes) -> Record:
    """A file of the datastore."""
    return {
        "file_id": number,
        "file_original_name": "notes.txt",
        "file_size": len(data),
        "file_sha256": hashes(data)[0].upper(),
        "file_date_added": "2023-11-15T10:00:00",
    }
