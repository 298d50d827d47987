"""The formats we read: adding one is a module of its own and a line here."""

from shared.normalise import (
    alertmanager,
    crowdsec,
    falco,
    generic_json,
    guardduty,
    suricata_eve,
    text,
    wazuh4,
    zeek_json,
)
from shared.normalise.decode import JsonObject
from shared.normalise.reading import Format

_BY_SHAPE: tuple[Format, ...] = (
    suricata_eve.FORMAT,
    wazuh4.FORMAT,
    zeek_json.FORMAT,
    falco.FORMAT,
    alertmanager.FORMAT,
    guardduty.FORMAT,
    crowdsec.FORMAT,
)
"""Those with a shape of their own, in the order they are tried."""

ALL: dict[str, Format] = {
    **{found.name: found for found in (*_BY_SHAPE, generic_json.FORMAT, text.FORMAT)},
    # What senders call the same records in another wrapping.
    "aws_network_firewall": suricata_eve.FORMAT,
    "falcosidekick": falco.FORMAT,
    "zeek_tsv": zeek_json.FORMAT,
}

_GROUPINGS: dict[str, tuple[str, ...]] = {
    grouping: names for found in ALL.values() for grouping, names in found.groupings.items()
}


def by_shape(record: JsonObject) -> Format | None:
    """The format whose shape the record has; None for plain JSON."""
    for candidate in _BY_SHAPE:
        if candidate.matches(record):
            return candidate
    return None


def grouping_fields(grouping: str) -> list[str]:
    """The names of a grouping table's fields. Raises KeyError for a table there never was."""
    table, _, more = grouping.partition("+")
    return [*_GROUPINGS[table], *([more] if more else [])]
