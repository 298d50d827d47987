"""Where each field that queries over incidents may name lies in Postgres."""

from typing import Any

from sqlalchemy import ColumnElement, literal, select

from services.api.alerts.columns import ADDRESS, Test, any_of
from shared.models import Incident, IncidentNote, IncidentObservable, Observable
from shared.query.to_sql import Column, Condition, single
from shared.search.catalogue import INCIDENTS
from shared.search.templates import incidents
from shared.search.templates.alerts import BY_TYPE

_SEVERAL = {"tags": Incident.tags, "technique": Incident.techniques, "threat.technique.id": Incident.techniques}


def _seen(*conditions: ColumnElement[bool], value: ColumnElement[Any] | None = None) -> Column:
    passing = Observable.value.expression if value is None else value

    def holds(test: Test) -> Condition:
        return (
            select(literal(1))
            .select_from(IncidentObservable)
            .join(Observable, Observable.id == IncidentObservable.observable_id)
            .where(IncidentObservable.incident_id == Incident.id, *conditions, test(passing))
            .correlate(Incident)
            .exists()
        )

    return holds


def _noted(test: Test) -> Condition:
    note = IncidentNote.body.expression
    return (
        select(literal(1))
        .where(IncidentNote.incident_id == Incident.id, IncidentNote.body != "", test(note))
        .correlate(Incident)
        .exists()
    )


def _of_type(name: str) -> Column:
    of_type = Observable.type == name.removeprefix("observable.")
    return _seen(of_type, value=ADDRESS) if BY_TYPE[name] == "ip" else _seen(of_type)


COLUMNS: dict[str, Column] = {
    **{
        one.name: single(getattr(Incident, one.in_document).expression)
        for one in INCIDENTS.fields.values()
        if one.in_document in incidents.COLUMNS and one.name not in _SEVERAL
    },
    **{name: any_of(column) for name, column in _SEVERAL.items()},
    "notes": _noted,
    "observable": _seen(),
    **{name: _of_type(name) for name in BY_TYPE},
}
"""All of the catalogue: without OpenSearch the same query is answered by Postgres."""
