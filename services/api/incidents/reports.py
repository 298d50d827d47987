"""`/incidents/{id}/report` and `/export`: what happened, for people to read and for programs to take."""

import asyncio
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Response
from pydantic import BeforeValidator

from services.api import trail
from services.api.auth.permissions import IncidentReader
from services.api.deps import OpenResources, RequestTrace, Resources, Trace
from services.api.errors import problems
from services.api.incidents import (
    defanging,
    ecs,
    gathering,
    markings,
    ocsf,
    report_html,
    report_markdown,
    sharing,
    work,
)
from services.api.incidents.facts import Facts
from services.api.principal import Principal
from shared.domain.incident import Tlp
from shared.normalise.refang import defang

router = APIRouter(prefix="/incidents/{incident_id}", tags=["incidents"], responses=problems(404))

Notes = Annotated[bool, Query(description="With the notes that people wrote.")]
UpTo = Annotated[
    Tlp | None,
    BeforeValidator(lambda given: "amber+strict" if given == "amber strict" else given),  # a plus of a query is a space
    Query(description="A version to be shared: without what is marked more strictly, which is counted in it."),
]
_ATTACHED: dict[int | str, dict[str, Any]] = {200: {"description": "The document, as an attachment."}}


@router.get("/report", response_class=Response, responses=_ATTACHED | problems(409))
async def report_incident(
    *,
    incident_id: UUID,
    caller: IncidentReader,
    resources: OpenResources,
    trace: RequestTrace,
    kind: Annotated[Literal["html", "markdown"], Query(alias="format")] = "html",
    notes: Notes = True,
    tlp: UpTo = None,
) -> Response:
    """The whole incident for people: HTML that prints well, or Markdown, marked on every page.

    The marking is the strictest TLP of what is in it. Values are defanged, in what people wrote too; it has no link,
    and no page of it can load or run anything. 409 `incident_stricter` where the incident itself, or what it
    was merged into, is stricter than `tlp`.
    """
    facts = await _facts(resources, incident_id, f"report.{kind}", notes=notes, up_to=tlp, by=caller, trace=trace)
    render = report_html.as_html if kind == "html" else report_markdown.as_markdown
    # Of thousands of rows: not in the loop's time.
    text = await asyncio.to_thread(lambda: render(defanging.harmless(sharing.shared(facts, tlp)), defang=defang))
    media_type, ending = ("text/html", "html") if kind == "html" else ("text/markdown", "md")
    return _attached(text.encode(), f"{media_type}; charset=utf-8", facts, ending)


@router.get("/export", response_class=Response, responses=_ATTACHED | problems(409))
async def export_incident(
    *,
    incident_id: UUID,
    caller: IncidentReader,
    resources: OpenResources,
    trace: RequestTrace,
    kind: Annotated[Literal["ecs", "ocsf"], Query(alias="format")] = "ecs",
    tlp: UpTo = None,
) -> Response:
    """The incident as one document for another program: in ECS, or as an Incident Finding of OCSF.

    Marked, and refused, as a report is.
    """
    facts = await _facts(resources, incident_id, f"export.{kind}", notes=False, up_to=tlp, by=caller, trace=trace)
    render = ecs.as_ecs if kind == "ecs" else ocsf.as_ocsf
    document = await asyncio.to_thread(lambda: orjson.dumps(render(sharing.shared(facts, tlp))))
    return _attached(document, "application/json", facts, f"{kind}.json")


async def _facts(
    resources: Resources, incident_id: UUID, what: str, *, notes: bool, up_to: Tlp | None, by: Principal, trace: Trace
) -> Facts:
    """What there is to say; that somebody takes it along, the audit knows before it is written down.

    In a session that ends here: several long reports at once must not hold the connections of others. All is read as it
    was at one moment: what is written after somebody has made the incident stricter is not for whom it was before.
    """
    async with resources.sessions.begin() as session:
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        incident = await work.one(session, incident_id, by=by)
        sharing.require(await markings.of_its_way(session, incident.id), up_to)
        facts = await gathering.gather(session, incident, by=by, notes=notes)
        trail.record_of(session, "incident.taken_along", incident, by=by, trace=trace, what=what, tlp=up_to)
    return facts


def _attached(content: bytes, media_type: str, facts: Facts, ending: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="incident-{facts.number}.{ending}"'}
    return Response(content, media_type=media_type, headers=headers)
