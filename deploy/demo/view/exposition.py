"""Reads the few numbers we show out of Prometheus' text."""

import re

_LINE = re.compile(r"^(eventsec_\w+)(?:\{([^}]*)\})? (\S+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')


def read(text: str) -> dict[str, float]:
    """By name without `eventsec_`, and with the labels' values after a slash: `queue_depth/events.received`."""
    found: dict[str, float] = {}
    for name, labels, value in _LINE.findall(text):
        key = "/".join((name.removeprefix("eventsec_"), *(given for _, given in _LABEL.findall(labels))))
        found[key] = float(value)
    return found
