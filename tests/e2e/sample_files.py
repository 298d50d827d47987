"""The files of real sensors' records, and what each of them holds as its sensor would send it; reads, never writes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from shared.normalise import pipeline

# Folder of the files, and the formats their records go by: the first of them that the door has. None has it look.
FORMATS: dict[str, tuple[str | None, ...]] = {
    "alertmanager": ("alertmanager",),
    "alerts_other": (None,),
    "cef": ("cef",),
    "crowdsec": ("crowdsec",),
    "ecs_beats": ("ecs",),
    "falco": ("falco",),
    "guardduty": ("guardduty",),
    "leef": ("leef",),
    "logs_other": (None,),
    "ocsf": ("ocsf",),
    "rawlog_labelled": (None,),
    "suricata_eve": ("suricata_eve",),
    "syslog": ("syslog",),
    "syslog_wire": ("syslog",),
    "vendor_json_labelled": ("json",),
    "wazuh4": ("wazuh4",),
    "wazuh5_ecs": ("wazuh5",),
    "windows_raw": ("windows",),
    "zeek_json": ("zeek_json",),
    "zeek_tsv_files": ("zeek_tsv",),
}
PER_REQUEST = 200

_TIMESTAMP = b"2026-03-07T17:52:50.390+0000"
_LOG_LINE = re.compile(rb"log \d+ \w+ = (.+)")
_BLANK = re.compile(r"\{\{\s*(\w+)\s*\}\}")
# What stands in a template for a date of that name's shape; any other blank is a name.
_FILLINGS = {
    "mark": "<134>",
    "bsd": "Nov 23 18:09:12",
    "bsdyear": "Nov 23 18:09:12 2026",
    "iso": "2026-11-23T18:09:12.826473",
    "iso_header": "2026-11-23T18:09:12+00:00",
    "high_res_time": "2026-11-23T18:09:12.826473+00:00",
    "timestamp": "2026-11-23 18:09:12",
    "date": "2026-11-23",
    "time": "18:09:12",
    "year": "2026",
    "epoch": "1795457352",
    "millisec": "826",
    "microsec": "826473",
    "tzname": "UTC",
    "tzoffset": "+00:00",
    "wsatime": "2026-11-23T18:09:12",
    "aruba_time": "2026-11-23 18:09:12,826",
    "avi_time": "2026-11-23T18:09:12.826Z",
    "recv_time": "2026/11/23 18:09:12",
    "taniumtime": "2026-11-23T18:09:12.826Z",
    "pid": "1234",
    "seq": "17",
}


@dataclass(frozen=True)
class Sent:
    """One record on its way to the door, and the ECS that the makers of its parser expect of it."""

    record: bytes
    expected: dict[str, Any] | None = None


@dataclass
class Folder:
    """One folder's records, in the requests they go in; `format` is a word of the path or none."""

    name: str
    format: str | None
    posts: list[list[Sent]] = field(default_factory=list)

    @property
    def path(self) -> str:
        """The door's path for it."""
        return "/ingest/v1/events" + (f"/{self.format}" if self.format else "")


def folders(root: Path) -> tuple[list[Folder], dict[str, str]]:
    """Every folder of the manifest that can be sent, and those that cannot, with the format that is missing."""
    names = list(dict.fromkeys(entry["format"] for entry in orjson.loads((root / "MANIFEST.json").read_bytes())))
    found, missing = [], {}
    for name in names:
        formats = [word for word in FORMATS[name] if word is None or pipeline.is_format(word)]
        if not formats:
            missing[name] = " or ".join(map(str, FORMATS[name]))
            continue
        folder = Folder(name, formats[0])
        for path in files(root, name):
            folder.posts += _posts(path)
        found.append(folder)
    return found, missing


def files(root: Path, name: str) -> list[Path]:
    """The manifest's files of that folder; all of them are there."""
    manifest = orjson.loads((root / "MANIFEST.json").read_bytes())
    sources = [entry["source"] for entry in manifest if entry["format"] == name]
    return [root / name / (source if "/" in source else f"{source}.ndjson") for source in sources]


def _posts(path: Path) -> Iterator[list[Sent]]:
    if path.parent.name == "zeek_tsv_files":
        # A file of columns is a body by itself.
        for line in path.read_bytes().splitlines():
            yield [Sent(orjson.loads(line)["text"].encode())]
        return
    sent = list(_sent(path))
    for start in range(0, len(sent), PER_REQUEST):
        yield sent[start : start + PER_REQUEST]


def _sent(path: Path) -> Iterator[Sent]:
    content = path.read_bytes()
    match path.suffix:
        case ".ini":
            for line in content.splitlines():
                if found := _LOG_LINE.match(line):
                    yield Sent(found[1])
        case ".raw":
            yield from map(Sent, octet_counted(content))
        case ".bin":
            yield from map(Sent, length_prefixed(content))
        case _:
            for line in content.splitlines():
                yield unwrapped(line)


def unwrapped(line: bytes) -> Sent:
    """The record in a line of a file: the line itself, or what its collector put it into."""
    line = line.replace(b'"{timestamp}"', b'"%b"' % _TIMESTAMP)
    holder = orjson.loads(line)
    if "raw" in holder and "expected" in holder:
        return Sent(one_line(holder["raw"]), holder["expected"])
    if "template" in holder:
        return Sent(one_line(filled(holder["template"])))
    if "log" in holder and "log_type" in holder:
        return Sent(one_line(holder["log"]))
    return Sent(line)


def filled(template: str) -> str:
    """The template with each of its blanks filled."""
    return _BLANK.sub(lambda blank: _FILLINGS.get(blank[1], f"{blank[1]}-1"), template)


def one_line(record: Any) -> bytes:
    """As one line of a body: what is written over several goes as JSON, as shippers send it."""
    if not isinstance(record, str):
        return orjson.dumps(record)
    text = record.strip("\r\n").encode()
    if b"\n" not in text and b"\r" not in text:
        return text
    try:
        return orjson.dumps(orjson.loads(text))
    except orjson.JSONDecodeError:
        return orjson.dumps({"message": record})


def octet_counted(stream: bytes) -> Iterator[bytes]:
    """The frames of a syslog connection whose sender counts octets."""
    at = 0
    while at < len(stream):
        space = stream.index(b" ", at)
        end = space + 1 + int(stream[at:space])
        yield stream[space + 1 : end].rstrip(b"\r\n")
        at = end


def length_prefixed(capture: bytes) -> Iterator[bytes]:
    """The datagrams of a capture, each behind its length in four bytes."""
    at = 0
    while at < len(capture):
        end = at + 4 + int.from_bytes(capture[at : at + 4])
        yield capture[at + 4 : end].rstrip(b"\r\n")
        at = end
