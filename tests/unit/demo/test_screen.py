"""The view at every width and in every state: it shows what it knows, and never breaks."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from deploy.demo.generator import FORMATS
from deploy.demo.view import exposition, screen
from deploy.demo.view.numbers import Numbers

NOW = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)


def account(number: int) -> dict[str, int]:
    return {
        "accepted": number, "stored": number - 10, "duplicate": 4, "quarantined": 3, "discarded": 1,
        "in_flight_or_parked": 2, "unreported": 0, "ignored": 1,
    }  # fmt: skip


def alert(title: str, severity: int = 5) -> dict[str, Any]:
    born = (NOW - timedelta(seconds=42)).isoformat()
    return {"title": title, "severity": severity, "count": 1234, "module": "suricata", "created_at": born}


def full() -> Numbers:
    down = {"status": "down", "detail": "connection refused"}
    return Numbers(
        began=(NOW - timedelta(hours=2, minutes=3)).isoformat(),
        feed={"rate": 150.0, "senders": {name: {"retries": 7} for name in FORMATS}},
        ready={
            "ingest": {"status": "ok", "checks": {}},
            "indexer": {"status": "degraded", "checks": {"opensearch": down}},
            "api": {},
        },
        accounts={name: account(1_000_000) for name in FORMATS},
        searchable=dict.fromkeys(FORMATS, 999_000),
        newest=NOW - timedelta(seconds=1.25),
        open_alerts={5: 2, 4: 11, 3: 30, 2: 4, 1: 1000},
        alerts=[alert(f"A rather long title of an alert, number {number}") for number in range(40)],
        metrics={"projection_pending": 12.0, "queue_depth/events.received": 77.0, "alerts_opened_total": 431.0},
    )


def drawn(numbers: Numbers, width: int, height: int = 30) -> list[str]:
    console = Console(file=StringIO(), width=width, height=height, force_terminal=False, legacy_windows=False)
    console.print(screen.render(numbers, now=NOW, width=width, height=height, footer="Ctrl-C ends the demo"))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize(("width", "height"), [(60, 24), (80, 24), (100, 30), (200, 60)])
@pytest.mark.parametrize("numbers", [full(), Numbers()], ids=["full", "nothing known"])
def test_it_fits_the_terminal(numbers: Numbers, width: int, height: int) -> None:
    lines = drawn(numbers, width, height)
    assert len(lines) <= height
    assert max(map(len, lines)) <= width


def test_a_wide_terminal_shows_it_all() -> None:
    text = "\n".join(drawn(full(), 124))
    for word in ("up 2:03 h", "150 events/s", "1,000,000", "999,990", "searchable", "6,000,000", "ignored", "retried"):
        assert word in text
    for word in ("2 critical", "431 opened", "×1,234", "42 s", "1.2 s old", "to project 12", "received 77"):
        assert word in text
    for word in ("indexer degraded", "opensearch: connection refused", "api away", "Ctrl-C ends the demo"):
        assert word in text


def test_a_narrow_one_keeps_the_balance() -> None:
    text = "\n".join(drawn(full(), 80))
    assert "999,990" in text
    assert "ignored" not in text


def test_what_nobody_could_tell_is_a_dash_and_not_a_nought() -> None:
    lines = drawn(Numbers(silent={"accounts"}), 124)
    (suricata,) = [line for line in lines if "Suricata" in line]
    assert suricata.split() == ["Suricata", *"––––––––––"]
    assert any("no answer from accounts" in line for line in lines)


def test_a_search_that_answers_finds_nothing_of_a_quiet_sensor() -> None:
    numbers = full()
    numbers.searchable.pop("falco")
    (falco,) = [line for line in drawn(numbers, 100) if "Falco" in line]
    assert falco.split()[8] == "0"


def test_metrics_are_read_by_name_and_label() -> None:
    text = (
        "# HELP eventsec_queue_depth Messages.\n# TYPE eventsec_queue_depth gauge\n"
        'eventsec_queue_depth{queue="events.received"} 3.0\neventsec_projection_pending 1e+06\nother_total 5\n'
    )
    assert exposition.read(text) == {"queue_depth/events.received": 3.0, "projection_pending": 1_000_000.0}
