"""The big proof holds only where `drift` found nothing, of whatever sort."""

from dataclasses import asdict
from typing import Any

import pytest

from services.indexer.stores.drift import Report, summary
from tests.load.reindex import Proof, differences


def proven(*, rate: int = 500, **found: Any) -> bool:
    """Whether all else went well, and one look at one index found this."""
    result = summary([asdict(Report("alerts", **found))])
    return Proof(1, 1, sent=1, sent_per_second=rate, kills=2, drift=differences(result)).ok


def test_equal_stores_prove_it() -> None:
    assert proven()
    assert proven(rate=475)


def test_a_load_below_its_rate_proves_nothing() -> None:
    assert not proven(rate=474)


@pytest.mark.parametrize(
    "found",
    [{"differences": {"missing": 0, "stale": 1, "ahead": 0, "too_many": 0}}, {"orphan": True}, {"hidden": True}],
)
def test_a_document_an_orphan_and_a_lost_alias_each_disprove_it(found: dict[str, Any]) -> None:
    assert not proven(**found)
