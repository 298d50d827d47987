"""Where each field that queries may name lies in Postgres: the query language's SQL over alerts."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, literal_column, select
from sqlalchemy.orm import InstrumentedAttribute

from shared.models import Alert, AlertNote, AlertObservable, Observable
from shared.query.to_sql import Column, Condition, single
from shared.search.catalogue import ALERTS
from shared.search.templates import alerts

Test = Callable[[ColumnElement[Any]], Condition]


def any_of(column: InstrumentedAttribute[list[str]]) -> Column:
    """An array: one of its elements passes."""

    def holds(test: Test) -> Condition:
        element = func.unnest(column).column_valued("element")
        return select(literal(1)).where(test(element)).exists()

    return holds


def _seen(*conditions: ColumnElement[bool], value: ColumnElement[Any] | None = None) -> Column:
    """An observable of the alert, for which these hold, passes."""
    passing = Observable.value.expression if value is None else value

    def holds(test: Test) -> Condition:
        return (
            select(literal(1))
            .select_from(AlertObservable)
            .join(Observable, Observable.id == AlertObservable.observable_id)
            .where(AlertObservable.alert_id == Alert.id, *conditions, test(passing))
            .correlate(Alert)
            .exists()
        )

    return holds


def _noted(test: Test) -> Condition:
    return (
        select(literal(1))
        .where(AlertNote.alert_id == Alert.id, AlertNote.body != "", test(AlertNote.body.expression))
        .correlate(Alert)
        .exists()
    )


# A value that is no address cannot be cast to one, and conditions are not evaluated in the order they are written.
# In the words of the index of addresses, which a parameter would hide from the planner.
ADDRESS = case((Observable.type == literal_column("'ip'"), Observable.value), else_=None)


def _of_field(name: str) -> Column:
    in_field = AlertObservable.fields.contains([name])
    return _seen(in_field, value=ADDRESS) if alerts.SEEN[name] == "ip" else _seen(in_field)


def _of_type(name: str) -> Column:
    of_type = Observable.type == name.removeprefix("observable.")
    return _seen(of_type, value=ADDRESS) if alerts.BY_TYPE[name] == "ip" else _seen(of_type)


COLUMNS: dict[str, Column] = {
    **{
        field.name: single(getattr(Alert, field.in_document).expression)
        for field in ALERTS.fields.values()
        if field.in_document in alerts.COLUMNS and field.in_document not in {"tags", "techniques"}
    },
    "tags": any_of(Alert.tags),
    "technique": any_of(Alert.techniques),
    "threat.technique.id": any_of(Alert.techniques),
    "notes": _noted,
    "observable": _seen(),
    **{name: _of_field(name) for name in alerts.SEEN},
    **{name: _of_type(name) for name in alerts.BY_TYPE},
}
"""All of the catalogue: a list of alerts never needs OpenSearch, it is only faster with it."""
