"""The alert rules as data, for all who look at them: their tests, and the program that has each fire."""

import re
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "deploy" / "prometheus" / "rules.yml"
CONFIG = FILE.with_name("prometheus.yml")
RUNBOOKS = ROOT / "docs" / "runbooks"

_OF_OURS = re.compile(r"\b((?:eventsec|process)_\w+)(?:\{([^}]*)\})?")
_LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
# Of the scrape, and of histograms.
GIVEN = frozenset({"job", "instance", "le"})


class Rule(NamedTuple):
    """One alert rule."""

    alert: str
    expr: str
    severity: str
    annotations: dict[str, str]

    @property
    def runbook(self) -> str:
        """The name of its page: the alert's, in small letters, with hyphens."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", self.alert).lower() + ".md"


class Use(NamedTuple):
    """A metric that an expression names, and by which labels it picks."""

    metric: str
    labels: frozenset[str]


def read() -> dict[str, Any]:
    """The file as it is."""
    found: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


def rules() -> list[Rule]:
    """All rules, in the file's order."""
    return [
        Rule(rule["alert"], rule["expr"], rule["labels"]["severity"], rule["annotations"])
        for group in read()["groups"]
        for rule in group["rules"]
    ]


def uses(expr: str) -> set[Use]:
    """The metrics of our processes in an expression."""
    return {Use(name, frozenset(_LABEL.findall(picked)) - GIVEN) for name, picked in _OF_OURS.findall(expr)}
