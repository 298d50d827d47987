"""DFIR-IRIS's words and numbers in ours: states, outcomes, severities, markings, kinds of observables, attributes.

The numbers are those an installation comes with, after its documentation; a name is used where one is given.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from services.api.importing.cases import CustomField, FieldKind, TaskStatus
from services.api.importing.taking import Taking
from shared import clock
from shared.domain import severity as severities
from shared.domain.incident import Status, Tlp
from shared.domain.triage import Verdict

_STATES = {
    "": Status.OPEN,
    "unspecified": Status.OPEN,
    "open": Status.OPEN,
    "opened": Status.OPEN,
    "in progress": Status.INVESTIGATING,
    "containment": Status.INVESTIGATING,
    "eradication": Status.CONTAINED,
    "recovery": Status.CONTAINED,
    "post-incident": Status.RESOLVED,
    "reporting": Status.RESOLVED,
    "closed": Status.CLOSED,
}
_OUTCOMES = (
    "unknown",
    "false_positive",
    "true_positive_with_impact",
    "not_applicable",
    "true_positive_without_impact",
    "legitimate",
)
_VERDICTS = {
    "false_positive": Verdict.FALSE_POSITIVE,
    "true_positive_with_impact": Verdict.TRUE_POSITIVE,
    "true_positive_without_impact": Verdict.TRUE_POSITIVE,
    "legitimate": Verdict.BENIGN_POSITIVE,
}
_SEVERITIES = {1: "medium", 2: "unspecified", 3: "informational", 4: "low", 5: "high", 6: "critical"}
_TLP = {1: Tlp.RED, 2: Tlp.AMBER, 3: Tlp.GREEN, 4: Tlp.CLEAR, 5: Tlp.AMBER_STRICT}
_TLP_NAMES = {one.value: one for one in Tlp} | {"white": Tlp.CLEAR}
_TASKS: dict[str, TaskStatus] = {
    "to do": "open",
    "in progress": "in_progress",
    "on hold": "open",
    "done": "done",
    "canceled": "cancelled",
    "cancelled": "cancelled",
}
_TASK_NUMBERS = {1: "to do", 2: "in progress", 3: "on hold", 4: "done", 5: "canceled"}

OBSERVABLES = {
    "ip-any": "ip",
    "ip-src": "ip",
    "ip-dst": "ip",
    "domain": "domain",
    "hostname": "host",
    "target-machine": "host",
    "url": "url",
    "uri": "url",
    "link": "url",
    "md5": "hash",
    "sha1": "hash",
    "sha256": "hash",
    "email": "email",
    "email-src": "email",
    "email-dst": "email",
    "target-email": "email",
    "account": "user",
    "target-user": "user",
    "file-path": "file",
    "filename": "file",
    "regkey": "registry",
    "user-agent": "user_agent",
    "vulnerability": "cve",
    "ja3-fingerprint-md5": "ja3",
}
"""IRIS's types, which are MISP's, as far as they are any of ours."""

_ATTRIBUTES: dict[str, FieldKind] = {
    "input_string": "text",
    "input_textfield": "text",
    "input_checkbox": "boolean",
    "input_date": "date",
    "input_datetime": "date",
    "input_select": "choice",
}


def named(given: Any, *names: str) -> str:
    """The name of what is an object in one version and a text in another; empty for neither."""
    if isinstance(given, str):
        return given
    found = (given.get(name) for name in names) if isinstance(given, dict) else ()
    return next((one for one in found if isinstance(one, str)), "")


def status(state: str, closed: bool, taking: Taking) -> Status:
    """Where a case stands; one with a date of closing is closed, whatever its state says."""
    if closed:
        return Status.CLOSED
    if state.lower() not in _STATES:
        taking.leave("case: state", f"{state} is unknown; taken as open")
    return _STATES.get(state.lower(), Status.OPEN)


def outcome(name: str, number: int | None) -> str:
    """What came of a case, in IRIS's words."""
    if name:
        return name
    return _OUTCOMES[number] if number is not None and 0 <= number < len(_OUTCOMES) else "unknown"


def verdict(said: str) -> Verdict:
    """What a closed case turned out to be."""
    return _VERDICTS.get(said.lower().replace(" ", "_"), Verdict.UNDETERMINED)


def severity(name: str, number: int | None, taking: Taking) -> int:
    """Ours has IRIS's words but for Unspecified, which is medium here as is what is unknown."""
    said = (name or _SEVERITIES.get(number or 2, str(number))).lower()
    if said not in severities.NUMBERS and said != "unspecified":
        taking.leave("case: severity", f"{said} is unknown; taken as medium")
    return severities.NUMBERS.get(said, severities.MEDIUM)


def tlp(what: str, name: str, number: int | None, taking: Taking) -> Tlp | None:
    """The marking, None where there is none."""
    if not name and number is None:
        return None
    found = _TLP_NAMES.get(name.lower()) if name else _TLP.get(number or 0)
    if found is None:
        taking.leave(f"{what}: tlp", f"{name or number} is unknown")
    return found


def task_status(name: str, number: int | None, what: str, taking: Taking) -> TaskStatus:
    """Where a task stands."""
    said = (name or _TASK_NUMBERS.get(number or 1, str(number))).lower()
    if said not in _TASKS:
        taking.leave(f"{what}: status", f"{said} is unknown; taken as open")
    return _TASKS.get(said, "open")


def asset_kind(there: str) -> str:
    """What the name of an asset is: accounts are people's, all else are machines."""
    return "user" if "account" in there.lower() else "host"


def moment(text: str) -> datetime | None:
    """The moment, None for an empty text. Raises ValueError.

    IRIS writes ISO 8601 in UTC without saying so, days alone, and in comments the form of e-mail.
    """
    if not text:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        try:
            read = parsedate_to_datetime(text)
        except OverflowError as error:
            raise ValueError("no date") from error
    return clock.whole_milliseconds(clock.utc(read if read.tzinfo else read.replace(tzinfo=UTC)))


def fields(attributes: Any, taking: Taking) -> tuple[CustomField, ...]:
    """Custom attributes that have a value: by tab and then by name. What only shows HTML is left out."""
    found: dict[str, CustomField] = {}
    for name, one in _attributes(attributes):
        if one.get("value") in (None, ""):
            continue
        try:
            found[name] = _field(name, one)
        except ValueError as error:
            taking.leave(f"field {name}", str(error))
    return tuple(found.values())


def _attributes(given: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for tab in given.values() if isinstance(given, dict) else ():
        for name, one in tab.items() if isinstance(tab, dict) else ():
            if isinstance(one, dict):
                yield name, one


def _field(name: str, one: dict[str, Any]) -> CustomField:
    there, value = one.get("type"), one["value"]
    kind = _ATTRIBUTES.get(there) if isinstance(there, str) else None
    options = one.get("options")
    if kind == "boolean" and isinstance(value, bool):
        return CustomField(name, kind, value)
    if kind == "choice" and isinstance(options, list) and value in options:
        return CustomField(name, kind, str(value), tuple(map(str, options)))
    if kind == "date" and isinstance(value, str) and (at := moment(value)) is not None:
        return CustomField(name, kind, clock.isoformat(at))
    if kind == "text" and isinstance(value, str):
        return CustomField(name, kind, value)
    raise ValueError(f"its value is none of its type, {there}")
