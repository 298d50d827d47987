"""Proposes a suppression of what turned out harmless: as narrow as the alert, for a month, its effect measured."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.api.alerts import queries
from services.api.alerts import service as alerts
from services.api.alerts.schemas import ProposedSuppression, SuppressionProposal
from services.api.deps import Resources
from services.api.principal import NotPermitted, Principal
from services.api.suppressions import dry_run, service
from services.api.text import MAX_NAME, MAX_WORD
from shared import clock
from shared.domain import severity
from shared.domain.permissions import Permission
from shared.domain.suppression import Schedule
from shared.domain.triage import HARMLESS
from shared.errors import Conflict
from shared.normalise import pipeline
from shared.query.fields import EXACT, Field
from shared.query.parse import quoted
from shared.query.to_predicate import Document, values_in
from shared.search.catalogue import EVENTS

DAYS = 30
"""How long it lasts, and over how many days its effect is measured."""

MOST_EVENTS = 20


class NotHarmless(Conflict):
    """Only what was closed as a false or benign positive is proposed to be hidden."""

    code = "not_harmless"


class NoEvents(Conflict):
    """No sensor's event is in this alert, so there is nothing a suppression could hide."""

    code = "no_events"


async def propose(resources: Resources, session: AsyncSession, alert_id: UUID, *, by: Principal) -> SuppressionProposal:
    """What `POST /suppressions` takes as it is.

    Raises NotPermitted, AlertNotFound, NotHarmless, NoEvents, and Unavailable without OpenSearch.
    """
    async with resources.sessions.begin() as reading:
        alert = await alerts.one(reading, alert_id, by=by)
        if not by.may(Permission.SUPPRESSIONS_READ, alert.organization_id):
            raise NotPermitted(f"This needs the permission {Permission.SUPPRESSIONS_READ}.")
        if alert.verdict not in HARMLESS:
            raise NotHarmless
        if alert.latest_id is None:
            raise NoEvents
        rows = (await reading.execute(queries.events(alert, after=None, limit=MOST_EVENTS))).all()
    documents = await asyncio.to_thread(lambda: [alerts.document_in(row.body) for row in rows])
    query = scope(documents, alert.fingerprint, alert.sensor_severity)
    now = clock.now()
    schedule = Schedule(*dry_run.span(DAYS, now))
    effect = await dry_run.dry_run(
        resources, session, service.read(query), schedule, organization_id=alert.organization_id, by=by
    )
    return SuppressionProposal(
        suppression=ProposedSuppression(
            name=alert.title[:MAX_NAME],
            query=query,
            reason=f"Closed as {alert.verdict.replace('_', ' ')}: {alert.reason}",
            ends_at=now + timedelta(days=DAYS),
            owner_id=by.user_id,
            proposed_by_alert_id=alert.id,
            organization_id=alert.organization_id,
        ),
        effect=effect,
    )


def scope(documents: Sequence[Document], fingerprint: bytes, greatest: int) -> str:
    """The query for what folds into the alert and is no more severe than what was judged.

    The fingerprint alone says it, and no person can read it; rule and the fields that were folded by say it in words,
    as far as all these events agree on them.
    """
    words = [f"{name}:{quoted(value)}" for name, value in _agreed(documents).items()]
    return " AND ".join([*words, f"severity:<={severity.WORDS[greatest]}", f"fingerprint:{fingerprint.hex()}"])


def _agreed(documents: Sequence[Document]) -> dict[str, str]:
    names = dict.fromkeys(["rule.id", *(name for one in documents[:1] for name in _folded_by(one))])
    fields = [EVENTS.fields[name] for name in names if name in EVENTS.fields]
    found = {field.name: {_written(one, field) for one in documents} for field in fields if field.type in EXACT}
    return {name: values.pop() for name, values in found.items() if len(values) == 1 and values != {""}}


def _folded_by(document: Document) -> list[str]:
    try:
        return pipeline.fingerprint_fields(document["alert"]["grouping"])
    except KeyError:  # a grouping of a program newer or older than this one
        return []


def _written(document: Document, field: Field) -> str:
    """The value as text; empty where there is none, several, or one that no query can say."""
    values = values_in(document, field)
    text = str(values[0]) if len(values) == 1 else ""
    return text if text.isprintable() and len(text) <= MAX_WORD else ""
