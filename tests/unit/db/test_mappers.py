"""Every mapping is symmetric, and no relationship loads by being touched."""

import warnings
from collections import Counter
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


OF_INCIDENTS = (
    "incident_alerts", "incident_events", "incident_following", "incident_observables", "incident_tasks",
    "incident_notes", "incident_entries", "incident_reviews", "incident_links", "evidence",
)  # fmt: skip


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
    only_checked = {
        ("sensor_keys", "organization_id"),
        ("alert_notes", "organization_id"),
        # What belongs to an incident is found by that.
        ("incident_counters", "organization_id"),
        *((table, "organization_id") for table in OF_INCIDENTS),
        # An importer asks for what it knows the ids of.
        ("imported_items", "organization_id"),
        # What was told of clocks is asked for by the alerts, and by organization.
        ("alert_clock_words", "organization_id"),
        ("alert_clock_sums", "organization_id"),
        # Sealing reads both tables whole, in order.
        ("audit_seals", "audit_id"),
    }
    assert {(key.table.name, key.name) for key in keys - followed} == only_checked


def test_where_two_tables_have_several_references_each_is_followed_by_its_own_column() -> None:
    references = Counter(
        (table.name, key.referred_table.name)
        for table in Base.metadata.tables.values()
        for key in table.foreign_key_constraints
    )
    several = {pair for pair, number in references.items() if number > 1}
    assert {("alerts", "users"), ("suppressions", "users")} <= several
    for table, referred in several:
        keys = [
            column
            for key in Base.metadata.tables[table].foreign_key_constraints
            if key.referred_table.name == referred
            for column in key.columns
        ]
        for column in keys:
            ends = [r for r in _relationships() if column in r.local_columns and r.direction.name == "MANYTOONE"]
            assert [r.local_columns for r in ends] == [{column}], f"{table}.{column.name}"


def test_every_table_names_its_organization() -> None:
    without = {name for name, table in Base.metadata.tables.items() if "organization_id" not in table.columns}
    assert without == {
        "organizations", "users", "event_periods", "envelopes", "search_generations", "process_controls",
        "alert_observables", "sessions", "login_throttles", "idempotency_keys", "alert_note_versions", "snoozes",
        "job_items", "job_outputs", "oidc_logins", "suppression_versions", "suppression_matches",
        "incident_members", "incident_pauses", "incident_note_versions", "incident_summary_versions",
        "evidence_custody", "incident_watches", "handover_items",
    }  # fmt: skip


def test_ids_are_time_ordered() -> None:
    for table in Base.metadata.tables.values():
        default = table.columns["id"].default if "id" in table.columns else None
        if isinstance(default, CallableColumnDefault):
            made = default.arg({})  # type: ignore[arg-type]
            assert isinstance(made, UUID)
            assert made.version == 7
