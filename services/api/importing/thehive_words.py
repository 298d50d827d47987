"""TheHive's words and numbers in ours: status, verdict, severity, markings, kinds of observables, custom fields."""

from collections.abc import Iterator
from typing import Any

from services.api.importing import thehive_shapes as shapes
from services.api.importing.cases import CustomField, FieldKind, TaskStatus
from services.api.importing.taking import Taking
from shared import clock
from shared.domain import severity as severities
from shared.domain.incident import Pap, Status, Tlp
from shared.domain.triage import Verdict

OBSERVABLES = {
    "ip": "ip",
    "domain": "domain",
    "fqdn": "domain",
    "hostname": "host",
    "url": "url",
    "hash": "hash",
    "mail": "email",
    "filename": "file",
    "registry": "registry",
    "user-agent": "user_agent",
}
"""The types of observables TheHive comes with, as far as they are any of ours."""

_STAGES = {"new": Status.OPEN, "inprogress": Status.INVESTIGATING, "closed": Status.CLOSED}
_STATUSES_5 = {"New": Status.OPEN, "InProgress": Status.INVESTIGATING}
_VERDICTS = {"TruePositive": Verdict.TRUE_POSITIVE, "FalsePositive": Verdict.FALSE_POSITIVE}
_RESOLUTIONS = {*_VERDICTS, "Indeterminate", "Duplicated", "Other"}
_TASKS: dict[str, TaskStatus] = {
    "Waiting": "open",
    "InProgress": "in_progress",
    "Completed": "done",
    "Cancel": "cancelled",
}
_TLP = (Tlp.CLEAR, Tlp.GREEN, Tlp.AMBER, Tlp.RED, Tlp.RED)
_TLP_NAMES = {one.value.upper(): one for one in Tlp} | {"WHITE": Tlp.CLEAR}
_PAP = (Pap.CLEAR, Pap.GREEN, Pap.AMBER, Pap.RED)
_KINDS: dict[str, FieldKind] = {
    "string": "text",
    "url": "text",
    "integer": "number",
    "float": "number",
    "number": "number",
    "boolean": "boolean",
    "date": "date",
}


def status(case: shapes.Case, taking: Taking) -> Status:
    """Where a case stands. Raises ValueError for a deleted one."""
    if case.status == "Deleted":
        raise ValueError("it was deleted")
    if case.stage is not None and case.stage.lower() in _STAGES:
        return _STAGES[case.stage.lower()]
    if case.status == "Resolved" or case.status in _RESOLUTIONS:
        return Status.CLOSED
    if case.status not in {"Open", *_STATUSES_5}:
        taking.leave("case: status", f"{case.status} is unknown and no stage says what it means; taken as open")
    return _STATUSES_5.get(case.status, Status.OPEN)


def verdict(case: shapes.Case) -> Verdict:
    """What a closed case turned out to be; what an organization has of its own is undetermined."""
    return _VERDICTS.get(_resolution(case), Verdict.UNDETERMINED)


def close_reason(case: shapes.Case) -> str:
    """How it was closed, in TheHive's words."""
    resolution = _resolution(case)
    given = "" if resolution in {"Open", "Resolved", *_STATUSES_5} else resolution
    return ", ".join(filter(None, (given, case.impact_status)))


def _resolution(case: shapes.Case) -> str:
    return case.resolution_status or case.extended_status or case.status


def severity(number: int, taking: Taking) -> int:
    """TheHive has four, from low: they are our 2 to 5."""
    ours = severities.clamp(number + 1)
    if not 1 <= number <= 4:
        taking.leave("case: severity", f"{number} is unknown; taken as {severities.word(ours)}")
    return ours


def tlp(what: str, number: int | None, label: str | None, taking: Taking, *, labelled: bool) -> Tlp | None:
    """The marking by its label, which says what 3 means: RED in version 4, and AMBER+STRICT since TLP 2.0 in 5.

    Without a label 3 is RED: rather too narrow than too wide.
    """
    named = _TLP_NAMES.get((label or "").upper().removeprefix("TLP:"))
    if named is not None or number is None:
        return named
    if not 0 <= number < len(_TLP):
        taking.leave(f"{what}: tlp", f"{number} is unknown")
        return None
    if labelled and number == 3:
        taking.leave(f"{what}: tlp", "3 without its label may have been AMBER+STRICT; taken as RED")
    return _TLP[number]


def pap(number: int, taking: Taking) -> Pap:
    """The marking; AMBER, which is TheHive's default, for an unknown one."""
    if not 0 <= number < len(_PAP):
        taking.leave("case: pap", f"{number} is unknown; taken as AMBER")
        return Pap.AMBER
    return _PAP[number]


def task_status(task: shapes.Task, taking: Taking) -> TaskStatus:
    """Where a task stands."""
    if task.status not in _TASKS:
        taking.leave(f"task {task.id}: status", f"{task.status} is unknown; taken as open")
    return _TASKS.get(task.status, "open")


def fields(given: Any, taking: Taking) -> tuple[CustomField, ...]:
    """Custom fields that have a value."""
    found: dict[str, CustomField] = {}
    for name, kind, value, choices in _given_fields(given):
        if value is None:
            continue
        try:
            found[name] = _field(name, kind, value, choices)
        except ValueError as error:
            taking.leave(f"field {name}", str(error))
    return tuple(found.values())


def _given_fields(given: Any) -> Iterator[tuple[str, str, Any, Any]]:
    """Name, type, value and options: version 4 has them by name, as `{"string": "x", "order": 0}`, and 5 in a list."""
    if isinstance(given, dict):
        for name, one in given.items():
            typed = {key: one[key] for key in one if key in _KINDS} if isinstance(one, dict) else {}
            kind, value = next(iter(typed.items()), ("of no known type", one or None))
            yield name, kind, value, None
    elif isinstance(given, list):
        for one in (one for one in given if isinstance(one, dict)):
            yield str(one.get("name")), str(one.get("type")), one.get("value"), one.get("options")


def _field(name: str, kind: str, value: Any, choices: Any) -> CustomField:
    ours = _KINDS.get(kind)
    fits = {
        "text": isinstance(value, str),
        "number": isinstance(value, int | float) and not isinstance(value, bool),
        "boolean": isinstance(value, bool),
        "date": isinstance(value, int) and not isinstance(value, bool),
    }
    if ours is None or not fits[ours]:
        raise ValueError(f"its value is none of its type, {kind}")
    if ours == "date":
        return CustomField(name, ours, _date(value))
    if ours == "text" and isinstance(choices, list) and value in choices:
        return CustomField(name, "choice", value, tuple(map(str, choices)))
    return CustomField(name, ours, value)


def _date(milliseconds: int) -> str:
    try:
        return clock.isoformat(clock.from_milliseconds(milliseconds))
    except OverflowError:
        raise ValueError("the years are 1 to 9999") from None
