"""Every mapping is symmetric, and no relationship loads by being touched."""

import warnings
from uuid import UUID

import pytest
from sqlalchemy.orm import RelationshipDirection, RelationshipProperty, configure_mappers
from sqlalchemy.sql.schema import CallableColumnDefault

from shared.models import Base

OPPOSITE = {
    RelationshipDirection.ONETOMANY: RelationshipDirection.MANYTOONE,
    RelationshipDirection.MANYTOONE: RelationshipDirection.ONETOMANY,
    RelationshipDirection.MANYTOMANY: RelationshipDirection.MANYTOMANY,
}


def _relationships() -> list[RelationshipProperty[object]]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        configure_mappers()
    found = (r for mapper in Base.registry.mappers for r in mapper.relationships if not r.viewonly)
    return sorted(found, key=str)  # the registry is a set, and every process must find the same order


@pytest.mark.parametrize("relationship", _relationships(), ids=str)
def test_both_ends_agree(relationship: RelationshipProperty[object]) -> None:
    assert relationship.back_populates, f"{relationship} has no other end"
    other = relationship.mapper.relationships[relationship.back_populates]
    assert other.back_populates == relationship.key
    assert other.mapper.common_parent(relationship.parent)
    assert set(relationship.local_remote_pairs) == {(there, here) for here, there in other.local_remote_pairs}
    assert relationship.direction is OPPOSITE[other.direction]


@pytest.mark.parametrize("relationship", _relationships(), ids=str)
def test_nothing_loads_by_being_touched(relationship: RelationshipProperty[object]) -> None:
    assert relationship.lazy == "raise"


def test_every_reference_has_a_relationship_or_a_reason() -> None:
    """A foreign key without a relationship is one that nobody can follow."""
    followed = {column for r in _relationships() for column in r.local_columns if column.foreign_keys}
    keys = {column for table in Base.metadata.tables.values() for column in table.columns if column.foreign_keys}
    only_checked = {Base.metadata.tables["sensor_keys"].c.organization_id}
    assert keys - followed == only_checked


def test_every_table_names_its_organization() -> None:
    without = {name for name, table in Base.metadata.tables.items() if "organization_id" not in table.columns}
    assert without == {
        "organizations", "users", "event_periods", "envelopes", "search_generations", "process_controls",
        "alert_observables",
    }  # fmt: skip


def test_ids_are_time_ordered() -> None:
    for table in Base.metadata.tables.values():
        default = table.columns["id"].default if "id" in table.columns else None
        if isinstance(default, CallableColumnDefault):
            made = default.arg({})  # type: ignore[arg-type]
            assert isinstance(made, UUID)
            assert made.version == 7
