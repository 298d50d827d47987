"""What is kept of how people like to see things, and what the audit is told of it."""

import pytest
from pydantic import ValidationError

from services.api.auth.profile import merged, read, told
from services.api.auth.schemas import Preferences

KEPT = {"theme": "dark", "zone": "Europe/Vienna"}


def test_only_what_is_named_changes_and_null_takes_out() -> None:
    assert merged(KEPT, None) == KEPT
    assert merged(KEPT, Preferences.model_validate({"density": "compact", "zone": None})) == {
        "theme": "dark",
        "density": "compact",
    }


def test_what_another_version_wrote_keeps_nobody_out() -> None:
    kept = KEPT | {"density": "cosy", "sounds": True}
    assert read(kept) == Preferences(theme="dark", zone="Europe/Vienna")
    assert merged(kept, Preferences(theme="light")) == kept | {"theme": "light"}


def test_the_audit_is_told_of_what_changed() -> None:
    after = {"zone": "utc", "theme": "dark", "shortcuts": False}
    assert told(KEPT, after) == {
        "preferences.shortcuts": (None, False),
        "preferences.zone": ("Europe/Vienna", "utc"),
    }
    assert told(KEPT, KEPT) == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"theme": "pink"}, {"zone": "Mars/Olympus"}, {"zone": "../utc"}, {"density": 3}, {"shortcuts": "yes"},
        {"sounds": True},
    ],
)  # fmt: skip
def test_what_is_not_known_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Preferences.model_validate(wrong)
