from pathlib import Path

import pytest

from deploy.stack import engine, providers
from deploy.stack.errors import StackError
from deploy.stack.place import Place
from deploy.stack.providers import Stack
from deploy.stack.report import silent
from deploy.stack.state import Store

OURS = "postgresql://eventsec_owner:s3cret@127.0.0.1:20001/eventsec"
THEIRS = "postgresql://someone:s3cret@127.0.0.1:1/theirs"


def _stack(folder: Path, **environment: str) -> Stack:
    store = Store(folder)
    store.record("postgres").issued.append(OURS)
    return Stack(Place(folder, folder / "data", None), store, environment)


def test_a_url_in_the_environment_is_given(tmp_path: Path) -> None:
    assert providers.server("postgres", _stack(tmp_path, EVENTSEC_POSTGRES_URL=THEIRS)).provider == "given"
    assert providers.server("rabbitmq", _stack(tmp_path, EVENTSEC_POSTGRES_URL=THEIRS)).provider == "native"


@pytest.mark.parametrize("url", [OURS, ""])
def test_our_own_url_still_exported_is_not(tmp_path: Path, url: str) -> None:
    assert providers.server("postgres", _stack(tmp_path, EVENTSEC_POSTGRES_URL=url)).provider == "native"


def test_what_is_given_must_answer(tmp_path: Path) -> None:
    server = providers.server("postgres", _stack(tmp_path, EVENTSEC_POSTGRES_URL=THEIRS))
    with pytest.raises(StackError, match=r"(?s)EVENTSEC_POSTGRES_URL names 127.0.0.1:1,.*refused.*unset") as caught:
        server.ensure(silent)
    assert "s3cret" not in str(caught.value)


def test_a_given_login_is_kept_and_the_url_stands_in_for_the_others(tmp_path: Path) -> None:
    stack = _stack(tmp_path, EVENTSEC_POSTGRES_URL=THEIRS, EVENTSEC_API_POSTGRES_URL="api", UNRELATED="x")
    assert providers.server("postgres", stack).environment() == {
        "EVENTSEC_POSTGRES_URL": THEIRS,
        "EVENTSEC_INGEST_POSTGRES_URL": THEIRS,
        "EVENTSEC_INDEXER_POSTGRES_URL": THEIRS,
        "EVENTSEC_API_POSTGRES_URL": "api",
    }


@pytest.fixture(params=["", "no engine answers"])
def reason(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Why no engine can be used; the first time that it can."""
    monkeypatch.setattr(engine, "lacking", lambda _place: request.param)
    return str(request.param)


def test_an_engine_that_answers_comes_before_this_machine_and_after_what_is_given(tmp_path: Path, reason: str) -> None:
    stack = _stack(tmp_path, EVENTSEC_POSTGRES_URL=THEIRS)
    providers.settle(providers.SERVERS, stack, silent)
    found = {name: providers.server(name, stack).provider for name in providers.SERVERS}
    own = "native" if reason else "engine"
    assert found == {"postgres": "given", "rabbitmq": own, "opensearch": own}


@pytest.mark.parametrize("provider", ["native", "engine"])
def test_who_ran_it_before_has_its_data(tmp_path: Path, reason: str, provider: str) -> None:
    before = _stack(tmp_path)
    before.store.record("rabbitmq").provider = provider
    before.store.save()
    stack = _stack(tmp_path)
    providers.settle(providers.SERVERS, stack, silent)
    assert {record.provider for record in Store(tmp_path).records.values()} == {provider}


def test_native_is_not_asked_twice(tmp_path: Path, reason: str) -> None:
    stack = _stack(tmp_path, **{providers.VARIABLE: "native"})
    providers.settle(["rabbitmq"], stack, silent)
    assert providers.server("rabbitmq", stack).provider == "native"


def test_an_engine_that_was_asked_for_has_to_be_there(tmp_path: Path, reason: str) -> None:
    stack = _stack(tmp_path, **{providers.VARIABLE: "engine"})
    if reason:
        with pytest.raises(StackError, match="no engine answers"):
            providers.settle(["rabbitmq"], stack, silent)
    else:
        providers.settle(["rabbitmq"], stack, silent)
        assert providers.server("rabbitmq", stack).provider == "engine"


def test_a_provider_nobody_knows(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="podman is neither"):
        providers.settle(["rabbitmq"], _stack(tmp_path, **{providers.VARIABLE: "podman"}), silent)
