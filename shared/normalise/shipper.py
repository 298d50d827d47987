"""What shippers write around a sensor's record or among its fields, and what of it is worth keeping."""

import re
from typing import Any

import msgspec

from shared.normalise import ecs
from shared.normalise.conform import clip
from shared.normalise.decode import JsonObject
from shared.normalise.reading import Format, first_text, get, inner

_WORDS = frozenset(
    {
        "@timestamp", "@version", "@metadata", "agent", "beat", "ecs", "input", "log", "host", "fields", "tags",
        "cloud", "container", "docker", "kubernetes", "stream", "time", "date", "_p", "logtag", "source_type",
        "timestamp", "file", "offset", "source", "prospector", "type", "service", "fileset", "labels",
        "data_stream", "elastic_agent", "orchestrator", "path", "hostname", "index", "sourcetype", "event",
        "event_timestamp", "firewall_name", "availability_zone", "_id", "_index", "_type", "_score",
        "_HOSTNAME", "_TRANSPORT", "SYSLOG_IDENTIFIER", "__REALTIME_TIMESTAMP", "PRIORITY",
    }
)  # fmt: skip
_ALWAYS = ("@metadata", "@version", "ecs", "elastic_agent", "data_stream")
_MAYBE = ("fileset", "beat", "_p")
# Where none of these stands, no shipper wrote among the record's own fields.
MARKS = frozenset((*_ALWAYS, *_MAYBE, "@timestamp", "agent", "input", "source_type", "date"))
_BEATS_EVENT = {"dataset", "module", "created", "ingested", "original", "timezone"}
_TIMES = ("timestamp", "ts", "time", "startsAt")
_REGION = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-\d+", re.A)
# Which container printed it, by ECS's names, and where the shippers write that.
_CONTAINER: tuple[tuple[str, tuple[tuple[str, str, str] | tuple[str, str], ...]], ...] = (
    ("container.id", (("container", "id"), ("docker", "container_id"), ("kubernetes", "docker_id"),
                      ("kubernetes", "container_id"))),
    ("container.name", (("kubernetes", "container", "name"), ("kubernetes", "container_name"), ("container", "name"))),
    ("orchestrator.namespace", (("kubernetes", "namespace"), ("kubernetes", "namespace_name"),
                                ("kubernetes", "pod_namespace"))),
    ("orchestrator.resource.name", (("kubernetes", "pod", "name"), ("kubernetes", "pod_name"))),
)  # fmt: skip
_TELLING = ("type", "service", "source", "sourcetype", "stream", "labels", "SYSLOG_IDENTIFIER")
_WRAPPER_OF_MARK = (
    ("wazuh_shuffle", "all_fields"),
    ("aws_network_firewall", "firewall_name"),
    ("splunk_hec", "sourcetype"),
    ("elasticsearch_hit", "_source"),
    ("vector", "source_type"),
    ("fluent_bit", "date"),
    ("logstash", "@version"),
    ("journald", "MESSAGE"),
)


class Said(msgspec.Struct):
    """A shipper's words: `transport` the useful ones, `shipped_at` its own time, raw, `stream` a word on where the
    record came from (a dataset or a file's name), `origin` what tells the machine, file or container.
    """

    transport: dict[str, str]
    shipped_at: Any
    stream: str
    origin: dict[str, Any]


def read(outer: JsonObject) -> Said:
    """What the shipper wrote around the record."""
    agent = outer.get("agent")
    beat = inner(outer, "agent") if ecs.is_beats_agent(agent) else {}
    host, metadata = outer.get("host"), inner(outer, "@metadata")
    named = {
        "shipper": " ".join(word for key in ("type", "version") if (word := first_text(beat.get(key)))),
        "wrapper": _wrapper(outer, bool(beat)),
        "host": first_text(
            get(outer, "host", "name"), host, beat.get("name"), outer.get("hostname"), outer.get("_HOSTNAME")
        ),
        "file": first_text(get(outer, "log", "file", "path"), outer.get("file"), outer.get("path")),
        "index": first_text(outer.get("_index"), metadata.get("_index")),
        "document_id": first_text(metadata.get("_id"), outer.get("_id")),
    }
    transport = {name: clip(text, 512) for name, text in named.items() if text}
    shipped_at = outer.get("@timestamp") or outer.get("date") or outer.get("timestamp") or outer.get("time")
    stream = first_text(
        get(outer, "event", "dataset"), transport.get("file", "").rpartition("/")[2], outer.get("sourcetype")
    )
    return Said(transport, shipped_at, (stream or "").lower()[:128], _origin(outer, transport))


def _wrapper(outer: JsonObject, beats: bool) -> str | None:
    if beats:
        return "beats"
    for name, mark in _WRAPPER_OF_MARK:
        if mark in outer:
            return name
    return None


def _origin(outer: JsonObject, transport: dict[str, str]) -> dict[str, Any]:
    """The machine, the place in a file, and the container: two records that differ in these are two."""
    container = {name: first_text(*(get(outer, *path) for path in paths)) for name, paths in _CONTAINER}
    offset = first_text(get(outer, "log", "offset"), outer.get("offset")) if "file" in transport else None
    told = {
        "host.name": transport.get("host"), "log.file.path": transport.get("file"), "log.offset": offset, **container,
    }  # fmt: skip
    return {name: clip(text, 512) for name, text in told.items() if text}


def telling(outer: JsonObject) -> dict[str, Any]:
    """What shippers and applications alike write around a record to say whose it is."""
    return {name: outer[name] for name in _TELLING if name in outer}


def firewall(outer: JsonObject) -> dict[str, Any]:
    """Where AWS Network Firewall saw what Suricata says in it."""
    name, zone = outer.get("firewall_name"), outer.get("availability_zone")
    if type(name) is not str or type(zone) is not str:
        return {}
    region = _REGION.match(zone)
    return {
        "cloud.provider": "aws",
        "cloud.availability_zone": zone,
        "cloud.region": region[0] if region else None,
        "observer.name": name,
    }


def stands_alone(record: JsonObject, holder: str) -> bool:
    """True where nothing of the record but the held value can be the sensor's own."""
    return all(name == holder or name in _WORDS for name in record)


def words_in(record: JsonObject, found: Format | None) -> set[str]:
    """The shipper's words among the record's. Those that an unknown sensor may use as well are its own."""
    names = {name for name in _ALWAYS if name in record}
    has_time = any(name in record for name in _TIMES)
    beats = ecs.is_beats_agent(record.get("agent"))
    if beats:
        names.add("agent")
    if "@timestamp" in record and has_time:
        names.add("@timestamp")
    if type(record.get("date")) in {int, float} and has_time:
        names.add("date")
    if type(record.get("host")) is dict and beats:
        names.add("host")
    if type(record.get("event")) is dict and beats and record["event"].keys() <= _BEATS_EVENT:
        names.add("event")
    if found is None and not beats:
        return names
    names.update(name for name in _MAYBE if name in record)
    if type(record.get("input")) is dict and "type" in record["input"]:
        names.add("input")
    if type(record.get("log")) is dict and record["log"].keys() <= {"file", "offset", "flags"}:
        names.add("log")
    if type(record.get("source_type")) is str:
        names.update(name for name in ("source_type", "file") if type(record.get(name)) is str)
        if "timestamp" in record and ("ts" in record or "time" in record):
            names.add("timestamp")
    return names
