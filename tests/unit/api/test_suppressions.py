"""Which suppressions need a second person, by what their query leaves out."""

from datetime import UTC, datetime

import pytest

from services.api.suppressions.dry_run import covers_critical
from shared.query.parse import parse
from shared.query.values import Reader
from shared.search.catalogue import EVENTS


@pytest.mark.parametrize(
    ("query", "covers"),
    [
        ("rule.id:1", True),
        ("rule.id:1 AND severity:<critical", False),
        ("rule.id:1 severity:<=high", False),
        ("rule.id:1 severity:low", False),
        ("rule.id:1 AND (severity:[low TO critical})", False),
        ("rule.id:1 severity:critical", True),
        ("severity:<=critical", True),
        ("severity:>low", True),
        ("rule.id:1 OR severity:low", True),
        ("NOT severity:critical", True),
        ("rule.id:1 severity:*", True),
    ],
)
def test_only_what_surely_leaves_critical_events_out(query: str, covers: bool) -> None:
    reader = Reader(now=datetime(2026, 11, 24, tzinfo=UTC), lasting=True)
    assert covers_critical(parse(query, EVENTS, reader)) is covers
