from pathlib import Path

import pytest

from deploy.stack import packages


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    return tmp_path / "policy-rc.d"


def test_services_are_held_back_only_meanwhile(policy: Path) -> None:
    with packages.services_stay_down(policy):
        assert "exit 101" in policy.read_text()
        assert policy.stat().st_mode & 0o111
    assert not policy.exists()


def test_the_machines_own_policy_comes_back(policy: Path) -> None:
    policy.write_text("#!/bin/sh\nexit 104\n")
    policy.chmod(0o750)
    with pytest.raises(RuntimeError), packages.services_stay_down(policy):
        assert "exit 101" in policy.read_text()
        raise RuntimeError
    assert policy.read_text() == "#!/bin/sh\nexit 104\n"
    assert policy.stat().st_mode & 0o777 == 0o750
    assert list(policy.parent.iterdir()) == [policy]


@pytest.mark.parametrize("before", [None, "#!/bin/sh\nexit 104\n"])
def test_a_killed_run_is_mended_by_the_next(policy: Path, before: str | None) -> None:
    if before:
        policy.write_text(before)
    killed = packages.services_stay_down(policy)
    killed.__enter__()
    with packages.services_stay_down(policy):
        pass
    assert (policy.read_text() if policy.exists() else None) == before
