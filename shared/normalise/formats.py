"""The formats we read: adding one is a module of its own and a line here."""

from shared.normalise import (
    alertmanager,
    cef,
    crowdsec,
    ecs,
    falco,
    generic_json,
    guardduty,
    leef,
    ocsf,
    suricata_eve,
    syslog,
    text,
    wazuh4,
    wazuh5,
    windows_raw,
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
    wazuh5.FORMAT,
    ocsf.FORMAT,
    windows_raw.FORMAT,
)
"""Those with a shape of their own, in the order they are tried."""

MARKED: tuple[Format, ...] = (cef.FORMAT, leef.FORMAT)
"""Those whose lines begin with a mark of their own."""

OF_LINES: tuple[Format, ...] = (*MARKED, syslog.FORMAT, text.FORMAT)
"""All whose records are lines of text."""

ALL: dict[str, Format] = {
    **{found.name: found for found in (*_BY_SHAPE, ecs.FORMAT, generic_json.FORMAT, *OF_LINES)},
    # What senders call the same records in another wrapping.
    "aws_network_firewall": suricata_eve.FORMAT,
    "falcosidekick": falco.FORMAT,
    "zeek_tsv": zeek_json.FORMAT,
}

_OF_PROGRAM: dict[str, Format] = {name: found for found in _BY_SHAPE for name in found.programs}

_GROUPINGS: dict[str, tuple[str, ...]] = {
    grouping: names for found in ALL.values() for grouping, names in found.groupings.items()
}


def by_shape(record: JsonObject) -> Format | None:
    """The format whose shape the record has; None for plain JSON."""
    for candidate in _BY_SHAPE:
        if candidate.matches(record):
            return candidate
    return None


def of_program(name: str) -> Format | None:
    """The format of the objects that the program of that name writes to syslog."""
    return _OF_PROGRAM.get(name)


def grouping_fields(grouping: str) -> list[str]:
    """The names of a grouping table's fields. Raises KeyError for a table there never was."""
    table, _, more = grouping.partition("+")
    return [*_GROUPINGS[table], *([more] if more else [])]
