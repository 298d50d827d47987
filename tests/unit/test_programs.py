"""Every command answers `--help`, and does nothing else then."""

import importlib

import pytest

PROGRAMS = (
    "deploy.backup.__main__",
    "services.api.rekey",
    "services.api.tokens.__main__",
    "services.indexer.brake",
    "services.indexer.parked",
    "services.indexer.quarantine",
    "services.indexer.stores.__main__",
    "shared.bus.migrate",
    "shared.bus.users",
    "shared.migrations.__main__",
    "shared.search.migrate",
)


@pytest.mark.parametrize("name", PROGRAMS)
def test_help(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", [name, "--help"])
    monkeypatch.setenv("EVENTSEC_MIGRATE_WAIT_SECONDS", "0.1")
    with pytest.raises(SystemExit) as raised:
        importlib.import_module(name).main()
    assert raised.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: python -m {name.removesuffix('.__main__')} ")
