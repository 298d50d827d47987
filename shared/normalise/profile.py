"""A sensor's profile from its row, however the row was read."""

import json
from collections.abc import Mapping
from typing import Any

from shared import ids
from shared.normalise.event import SensorProfile


def profile(row: Mapping[str, Any]) -> SensorProfile:
    """The profile in a row of `sensors` (`severity_overrides` as JSON text or as an object)."""
    return SensorProfile(
        id=ids.plain(row["id"]),
        organization_id=ids.plain(row["organization_id"]),
        name=row["name"],
        format=row["format"],
        zone=row["zone"],
        ignored_types=frozenset(row["ignored_types"]),
        severity_overrides=_levels(row["severity_overrides"]),
    )


def _levels(overrides: Any) -> dict[str, int]:
    """What of the column means anything: a stray value must not stop the whole registry."""
    given = json.loads(overrides) if isinstance(overrides, str) and overrides else overrides
    if not isinstance(given, dict):
        return {}
    return {rule: level for rule, level in given.items() if isinstance(level, int) and 1 <= level <= 5}
