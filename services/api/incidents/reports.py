"""`/incidents/{id}/report` and `/export`: what happened, for people to read and for programs to take."""

import asyncio
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Response

from services.api import trail
from services.api.auth.permissions import IncidentReader
from services.api.deps import OpenResources, RequestTrace, Resources, Trace
from services.api.errors import problems
from services.api.incidents import ecs, gathering, ocsf, report_html, report_markdown, work
from services.api.incidents.facts import Facts
from services.api.principal import Principal
from shared.normalise.refang import defang

router = APIRouter(prefix="/incidents/{incident_id}", tags=["incidents"], responses=problems(404))

Notes = Annotated[bool, Query(description="With the notes that people wrote.")]
_ATTACHED: dict[int | str, dict[str, Any]] = {200: {"description": "The document, as an attachment."}}


@router.get("/report", response_class=Response, responses=_ATTACHED)
async def report_incident(
    *,
    incident_id: UUID,
    caller: IncidentReader,
    resources: OpenResources,
    trace: RequestTrace,
    kind: Annotated[Literal["html", "markdown"], Query(alias="format")] = "html",
    notes: Notes = True,
) -> Response:
    """The whole incident for people: HTML that prints well, or Markdown, marked with its TLP on every page.

    Observables are defanged, and no page of it can load or run anything.
    """
    facts = await _facts(resources, incident_id, f"report.{kind}", notes=notes, by=caller, trace=trace)
    render = report_html.as_html if kind == "html" else report_markdown.as_markdown
    # Of thousands of rows: not in the loop's time.
    text = await asyncio.to_thread(render, facts, defang=defang)
    media_type, ending = ("text/html", "html") if kind == "html" else ("text/markdown", "md")
    return _attached(text.encode(), f"{media_type}; charset=utf-8", facts, ending)


@router.get("/export", response_class=Response, responses=_ATTACHED)
async def export_incident(
    *,
    incident_id: UUID,
    caller: IncidentReader,
    resources: OpenResources,
    trace: RequestTrace,
    kind: Annotated[Literal["ecs", "ocsf"], Query(alias="format")] = "ecs",
) -> Response:
    """The incident as one document for another program: in ECS, or as an Incident Finding of OCSF."""
    facts = await _facts(resources, incident_id, f"export.{kind}", notes=False, by=caller, trace=trace)
    render = ecs.as_ecs if kind == "ecs" else ocsf.as_ocsf
    document = await asyncio.to_thread(lambda: orjson.dumps(render(facts)))
    return _attached(document, "application/json", facts, f"{kind}.json")


async def _facts(
    resources: Resources, incident_id: UUID, what: str, *, notes: bool, by: Principal, trace: Trace
) -> Facts:
    """What there is to say; that somebody takes it along, the audit knows before it is written down.

    In a session that ends here: several long reports at once must not hold the connections of others.
    """
    async with resources.sessions.begin() as session:
        incident = await work.one(session, incident_id, by=by)
        facts = await gathering.gather(session, incident, by=by, notes=notes)
        trail.record_of(session, "incident.taken_along", incident, by=by, trace=trace, what=what)
    return facts


def _attached(content: bytes, media_type: str, facts: Facts, ending: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="incident-{facts.number}.{ending}"'}
    return Response(content, media_type=media_type, headers=headers)
