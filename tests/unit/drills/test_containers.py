"""What the drills read from what the engine says of containers."""

from typing import Any

import pytest

from tests.drills.containers import running, unhealthy


def container(service: str = "api", *, up: bool = True, health: str | None = "healthy") -> dict[str, Any]:
    """As the engine describes it."""
    state: dict[str, Any] = {"Running": up, "Status": "running" if up else "exited"}
    return {
        "Config": {"Labels": {"com.docker.compose.service": service}},
        "State": state | ({"Health": {"Status": health}} if health else {}),
    }


def test_only_those_that_run_have_an_address() -> None:
    gone = container(up=False)
    assert running([gone, container()]) == [container()]


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (container(health="starting"), ["api is starting"]),
        (container(health="unhealthy"), ["api is unhealthy"]),
        (container(health=None), ["api is running"]),
        # The engine keeps the last word of a check when its container is gone.
        (container(up=False), ["api is exited"]),
        (container(), []),
    ],
)
def test_who_does_not_run_well_is_named(one: dict[str, Any], said: list[str]) -> None:
    assert unhealthy([one]) == said
