"""What DFIR-IRIS's API gives for a case, after its public documentation (docs.dfir-iris.org, API 2.x).

The names are those of `GET /case/export`; where the lists of API v2 have others, both are known.
"""

from typing import Annotated, Any

import msgspec

from services.api.importing.taking import Shape

_KEPT = frozenset("modification_history custom_attributes _case case_id cid user_id uuid".split())

Size = Annotated[int, msgspec.Meta(ge=0)]


class User(Shape, frozen=True):
    """Somebody, as the owner of a case or in charge of a task."""

    user_name: str = ""
    user_login: str = ""
    user_email: str = ""
    name: str = ""
    user: str = ""


class Case(Shape, frozen=True, kw_only=True):
    """The case itself. `state` is where it stands, `status` what came of it; the tags are a list or a text."""

    BOOKKEEPING = _KEPT | frozenset(
        "client_id customer_id case_customer_id case_uuid classification_id reviewer_id review_status review_status_id "
        "severity_id owner_id opened_by user status_id state_id note_directories access_level".split()
    )

    case_id: int
    name: str = ""
    case_name: str = ""
    description: str = ""
    case_description: str = ""
    soc_id: str = ""
    case_soc_id: str = ""
    client: Any = None
    for_customer: str = ""
    classification: Any = None
    state: Any = None
    state_name: str = ""
    status_name: str = ""
    status: int | None = msgspec.field(name="status_id", default=None)
    severity: Any = None
    severity_number: int | None = msgspec.field(name="severity_id", default=None)
    owner: Any = None
    tags: Any = ()
    case_tags: str = ""
    open_date: str = ""
    initial_date: str = ""
    close_date: str = ""
    closing_note: str = ""
    custom_attributes: Any = None


class Task(Shape, frozen=True, kw_only=True):
    """A task; its status by name, or by the number of those it comes with."""

    BOOKKEEPING = _KEPT | frozenset({"task_uuid", "task_last_update", "status_bscolor", "task_case_id", "state"})

    id: int | None = None
    task_id: int | None = None
    task_title: str
    task_description: str = ""
    task_status: str = ""
    status_name: str = ""
    task_status_id: int | None = None
    task_tags: str = ""
    task_open_date: str = ""
    task_close_date: str = ""
    task_assignees: Any = ()
    comments: Any = ()


class Ioc(Shape, frozen=True, kw_only=True):
    """A value that shows an attack; `ioc_type` is an object in API v2."""

    BOOKKEEPING = _KEPT | frozenset("ioc_uuid ioc_type_id link ioc_enrichment".split())

    ioc_id: int
    ioc_value: str
    type_name: str = ""
    ioc_type: Any = None
    ioc_tags: str = ""
    ioc_description: str = ""
    tlp_name: str = ""
    tlp: Any = None
    ioc_tlp_id: int | None = None
    added_by: str = ""


class Asset(Shape, frozen=True, kw_only=True):
    """A machine or account that the case is about. Its status is compromised by the number 1."""

    BOOKKEEPING = _KEPT | frozenset(
        "asset_uuid asset_type_id light_asset_description asset_ioc asset_compromise_status analysis_status_id "
        "asset_icon_compromised asset_icon_not_compromised".split()
    )

    asset_id: int
    asset_name: str
    type: str = ""
    asset_type: Any = None
    asset_description: str = ""
    asset_info: str = ""
    asset_domain: str = ""
    asset_ip: str = ""
    asset_tags: str = ""
    analysis_status: Any = None
    asset_compromise_status_id: int | None = None
    date_added: str = ""


class Note(Shape, frozen=True, kw_only=True):
    """A note in its directory."""

    BOOKKEEPING = _KEPT | frozenset("note_uuid note_user note_lastupdate note_case_id directory_id".split())

    note_id: int
    note_title: str = ""
    note_content: str = ""
    note_creationdate: str = ""
    directory: Any = None
    comments: Any = ()


class Comment(Shape, frozen=True, kw_only=True):
    """What somebody said of a case, or of anything in it."""

    BOOKKEEPING = _KEPT | frozenset({"comment_uuid", "comment_update_date", "comment_case_id"})

    comment_id: int
    comment_text: str
    comment_date: str = ""
    name: str = ""
    user: Any = None
    comment_by: Any = None


class Event(Shape, frozen=True, kw_only=True):
    """What happened; `event_date` is in UTC, and `event_date_wtz` the same moment at `event_tz`."""

    BOOKKEEPING = _KEPT | frozenset(
        "event_uuid event_tz event_date_wtz event_added event_in_summary event_in_graph event_color event_is_flagged "
        "event_category_id".split()
    )

    event_id: int
    event_title: str
    event_date: str
    event_content: str = ""
    event_source: str = ""
    event_raw: str = ""
    event_tags: str = ""
    category: str = ""
    last_edited_by: str = ""


class Evidence(Shape, frozen=True, kw_only=True):
    """A file that somebody has: IRIS keeps its name, size and hash, and not its bytes."""

    BOOKKEEPING = _KEPT | frozenset({"file_uuid", "case", "type_id", "user"})

    id: int
    filename: str
    file_size: Size | None = None
    file_hash: str = ""
    file_description: str = ""
    date_added: str = ""
    added_by: str = ""


class Stored(Shape, frozen=True, kw_only=True):
    """A file of the datastore, which has its bytes."""

    BOOKKEEPING = _KEPT | frozenset(
        "file_uuid file_parent_id file_case_id file_local_name file_is_ioc file_is_evidence added_by_user_id".split()
    )

    file_id: int
    file_original_name: str
    file_description: str = ""
    file_size: Size | None = None
    file_sha256: str = ""
    file_date_added: str = ""
    file_tags: str = ""
