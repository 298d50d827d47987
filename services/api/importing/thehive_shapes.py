"""What TheHive's API gives, after its public documentation: by the names of version 5, to which those of 4 come.

Moments are milliseconds since 1970. The documentation is at docs.strangebee.com (5) and docs.thehive-project.org (4).
"""

from typing import Annotated, Any

import msgspec

from services.api.importing.lines import Record
from services.api.importing.taking import Shape

_RENAMED = {"id": "_id", "createdAt": "_createdAt", "createdBy": "_createdBy", "owner": "assignee", "caseId": "number"}
_KEPT = frozenset(
    {"_type", "_updatedAt", "_updatedBy", "updatedAt", "updatedBy", "extraData", "order", "_case", "_task"}
)
_LABELS = frozenset({"severityLabel", "tlpLabel", "papLabel", "tacticLabel"})
_LAST_MILLISECOND = 253_402_300_799_999

Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=_LAST_MILLISECOND)]


def renamed(record: object) -> Record:
    """The record by version 5's names. Raises ValueError where it is no object."""
    if not isinstance(record, dict):
        raise ValueError("no JSON object")
    older = {_RENAMED[name]: value for name, value in record.items() if name in _RENAMED and value is not None}
    return older | {name: value for name, value in record.items() if name not in _RENAMED and value is not None}


class Made(Shape, frozen=True, rename="camel", kw_only=True):
    """What every record says of itself."""

    BOOKKEEPING = _KEPT | _LABELS

    id: str = msgspec.field(name="_id")
    created_at: Milliseconds | None = msgspec.field(name="_createdAt", default=None)
    created_by: str = msgspec.field(name="_createdBy", default="")


class Case(Made, frozen=True, rename="camel", kw_only=True):
    """A case. `status` is Open, Resolved or Deleted in version 4, which says what came of it in `resolutionStatus`; in
    5 it is what an organization has of its own, and `stage` says New, InProgress or Closed.
    """

    BOOKKEEPING = (
        _KEPT
        | _LABELS
        | frozenset(
            "permissions userPermissions stats user newDate inProgressDate alertDate alertNewDate timeToDetect "
            "timeToTriage timeToQualify timeToAcknowledge timeToResolve handlingDuration slaStatus".split()
        )
    )

    title: str
    number: int | None = None
    description: str = ""
    severity: int = 2
    tlp: int = 2
    tlp_label: str | None = None
    pap: int = 2
    tags: tuple[str, ...] = ()
    status: str = "Open"
    stage: str | None = None
    resolution_status: str | None = None
    extended_status: str | None = None
    impact_status: str | None = None
    summary: str = ""
    assignee: str = ""
    start_date: Milliseconds | None = None
    end_date: Milliseconds | None = None
    closed_date: Milliseconds | None = None
    custom_fields: Any = None
    merge_into: str | None = None
    merge_from: tuple[str, ...] = ()
    tasks: Any = ()
    observables: Any = ()
    comments: Any = ()
    pages: Any = ()
    procedures: Any = ()
    attachments: Any = ()
    links: tuple[Any, ...] = ()


class Task(Made, frozen=True, rename="camel", kw_only=True):
    """A task; `mandatory` only in version 5."""

    title: str
    group: str = ""
    description: str = ""
    status: str = "Waiting"
    mandatory: bool = False
    assignee: str = ""
    start_date: Milliseconds | None = None
    end_date: Milliseconds | None = None
    due_date: Milliseconds | None = None
    logs: Any = ()


class Log(Made, frozen=True, rename="camel", kw_only=True):
    """An entry of a task's log. Version 4 has `startDate` and one attachment, 5 has `date` and several."""

    message: str = ""
    assignee: str = ""
    status: str = "Ok"
    date: Milliseconds | None = None
    start_date: Milliseconds | None = None
    attachment: Any = None
    attachments: Any = ()


class Observable(Made, frozen=True, rename="camel", kw_only=True):
    """A value, or a file."""

    BOOKKEEPING = _KEPT | _LABELS | frozenset({"stats", "ignoreSimilarity", "startDate"})

    data_type: str
    data: str | None = None
    attachment: Any = None
    message: str = ""
    tlp: int | None = None
    tlp_label: str | None = None
    tags: tuple[str, ...] = ()
    ioc: bool = False
    sighted: bool = False


class Comment(Made, frozen=True, rename="camel", kw_only=True):
    """What somebody said of a case."""

    BOOKKEEPING = _KEPT | frozenset({"isEdited"})

    message: str


class Page(Made, frozen=True, rename="camel", kw_only=True):
    """A page of a case."""

    BOOKKEEPING = _KEPT | frozenset({"slug"})

    title: str
    category: str = ""
    content: str = ""


class Procedure(Made, frozen=True, rename="camel", kw_only=True):
    """What the attacker did, by ATT&CK."""

    occur_date: Milliseconds
    pattern_id: str = ""
    pattern_name: str = ""
    tactic: str = ""
    description: str = ""


class File(Shape, frozen=True, rename="camel", kw_only=True):
    """An attachment. `_id` is only in version 5; `id` is the SHA-256 of its bytes and what they are fetched by."""

    BOOKKEEPING = _KEPT | frozenset({"path"})

    name: str
    own_id: str = msgspec.field(name="_id", default="")
    hash_id: str = msgspec.field(name="id", default="")
    size: Annotated[int, msgspec.Meta(ge=0)] | None = None
    content_type: str | None = None
    hashes: tuple[str, ...] = ()
    created_at: Milliseconds | None = msgspec.field(name="_createdAt", default=None)
    created_by: str = msgspec.field(name="_createdBy", default="")
