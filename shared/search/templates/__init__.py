"""Every template we put into OpenSearch, built from the lists of fields, each with a hash of its content."""

import hashlib
from dataclasses import dataclass
from typing import Any

import orjson

from shared.normalise.event import KINDS
from shared.normalise.fields import ALERT_FIELDS, ECS_FIELDS, TEXT_SUBFIELDS
from shared.search.templates import alerts, incidents
from shared.search.templates.properties import properties

Body = dict[str, Any]

HASH = "eventsec_hash"
PRIORITY = 500
REFRESH_INTERVAL = "1s"

# How the vendor's record is kept, by kind of event: people search in alerts; telemetry is a hundred
# times the bytes, and indexing its records would double what a document costs.
_SENSOR = {"alert": {"type": "flat_object"}, "telemetry": {"type": "object", "enabled": False}}


@dataclass(frozen=True)
class Templates:
    """Component and index templates by name, complete with `_meta`."""

    components: dict[str, Body]
    indices: dict[str, Body]

    @property
    def hashes(self) -> dict[str, str]:
        """The hash of each template by name, components and index templates together."""
        return {name: hash_of(body) for name, body in {**self.components, **self.indices}.items()}


def build(prefix: str) -> Templates:
    """All templates of an installation whose names begin with `prefix`."""
    settings, ecs, alert = (f"{prefix}eventsec-{part}" for part in ("settings", "ecs", "alert"))
    components = {
        settings: _sealed({"template": {"settings": {"index": _settings()}}}),
        ecs: _sealed({"template": {"mappings": {"dynamic": False, "properties": _ecs()}}}),
        alert: _sealed({"template": {"mappings": {"dynamic": False, "properties": _alert()}}}),
    }
    rows = {settings: components[settings]}
    indices = {
        f"{prefix}eventsec-events-{kind}": _index_template(
            f"{prefix}events-{kind}-*", components, {"sensor": _SENSOR[kind]}
        )
        for kind in KINDS
    }
    indices[f"{prefix}eventsec-alerts"] = _index_template(f"{prefix}alerts-*", rows, alerts.mapped())
    indices[f"{prefix}eventsec-incidents"] = _index_template(f"{prefix}incidents-*", rows, incidents.mapped())
    return Templates(components, indices)


def hash_of(body: Body) -> str:
    """The content hash a template carries, ours or one read back; empty where there is none."""
    return str(body.get("_meta", {}).get(HASH, ""))


def _settings() -> Body:
    return {
        # Nothing may be written to an index made in passing by a cluster that creates indices by itself:
        # it would have no alias. Whoever creates one of ours lifts the block in the same request.
        "blocks": {"write": True},
        "auto_expand_replicas": "0-1",
        "refresh_interval": REFRESH_INTERVAL,
        # A value that slipped past normalising costs its field, told in `_ignored`, and not the document.
        "mapping": {"ignore_malformed": True},
        "analysis": _analysis(),
    }


def _analysis() -> Body:
    """Text is lower-cased runs of letters, digits and `_`, as in the query language's other compilers.

    A word is cut at 255 characters: uncut, one of 32 kB would get its whole document refused.
    """
    return {
        "tokenizer": {"eventsec_words": {"type": "pattern", "pattern": r"[^\p{L}\p{N}_]+"}},
        "filter": {"eventsec_cut": {"type": "truncate", "length": 255}},
        "analyzer": {
            "default": {
                "type": "custom",
                "tokenizer": "eventsec_words",
                "filter": ["lowercase", "eventsec_cut"],
            }
        },
    }


def _ecs() -> Body:
    # `sensor` is mapped by the index template, because it differs by kind.
    fields = {name: kind for name, kind in ECS_FIELDS.items() if name != "sensor"}
    return properties(fields, searched_by_word=TEXT_SUBFIELDS)


def _alert() -> Body:
    fields = {**ALERT_FIELDS, "alert.enrichment": "flat_object"}
    mapped = properties(fields, searched_by_word=TEXT_SUBFIELDS)
    mapped["alert"]["dynamic"] = "strict"
    return mapped


def _index_template(pattern: str, components: dict[str, Body], mapped: Body) -> Body:
    mappings: Body = {"dynamic": False, "properties": mapped}
    # Each index carries in its mapping what it was made from, so that an old one can be told later.
    origin = _hash([mappings, *components.values()])
    return _sealed(
        {
            "index_patterns": [pattern],
            "priority": PRIORITY,
            "composed_of": list(components),
            "template": {"mappings": {**mappings, "_meta": {HASH: origin}}},
        }
    )


def _sealed(body: Body) -> Body:
    return {**body, "_meta": {HASH: _hash(body)}}


def _hash(content: object) -> str:
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
