"""Numbers on a terminal: pure, so that every state of it can be looked at in a test."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from deploy.demo.generator import FORMATS
from deploy.demo.view.numbers import SEVERITIES, Numbers

WIDE = 124  # columns from which everything is shown
TITLES = {
    "suricata_eve": "Suricata",
    "wazuh4": "Wazuh",
    "zeek_json": "Zeek",
    "falco": "Falco",
    "alertmanager": "Alertmanager",
    "json": "plain JSON",
}
# accepted + unreported = the five that follow: doors report every few seconds, the writer at once.
COUNTED = ("accepted", "unreported", "stored", "duplicate", "quarantined", "discarded", "in_flight_or_parked")
_WORDS = {5: "critical", 4: "high", 3: "medium", 2: "low", 1: "info"}
_STYLES = {5: "bold red", 4: "red", 3: "yellow", 2: "cyan", 1: "dim"}
_QUEUES = {"events.received": "received", "events.quarantined": "quarantined", "records.changed": "changed"}
_DEEP = 50  # messages of up to 200 events
_OVERHEAD = 19  # lines that are not alerts


def render(numbers: Numbers, *, now: datetime, width: int, height: int, footer: str) -> RenderableType:
    """The whole screen; as many of the newest alerts as fit."""
    wide = width >= WIDE
    return Group(
        _heading(numbers, now),
        _sensors(numbers, wide=wide),
        Text(),
        _open(numbers, wide=wide),
        Text("newest of medium and above", style="dim"),
        _newest(numbers, now, rows=max(1, height - _OVERHEAD), wide=wide),
        Text(),
        _lag(numbers, now),
        _queues(numbers),
        _ready(numbers, wide=wide),
        Text(footer, style="dim", no_wrap=True, overflow="ellipsis"),
    )


def _heading(numbers: Numbers, now: datetime) -> Text:
    text = Text("EventSec demo", style="bold", no_wrap=True, overflow="ellipsis")
    if numbers.began:
        text.append(f"   up {_span(now - datetime.fromisoformat(numbers.began))}", style="dim")
    if numbers.feed.get("finished"):
        text.append("   feed has ended", style="dim")
    elif trouble := numbers.feed.get("trouble"):
        text.append(f"   {trouble}", style="yellow")
    elif numbers.feed:
        text.append(f"   feeding {numbers.feed['rate']:g} events/s", style="dim")
    return text


def _sensors(numbers: Numbers, *, wide: bool) -> Table:
    table = Table(box=None, padding=(0, 1), header_style="dim", expand=False)
    table.add_column("sensor", min_width=12)
    columns = ("accepted", "unreported", "stored", "duplicate", "quarantined", "discarded", "in flight", "searchable")
    shown = columns if wide else ("accepted", "unrep", "stored", "dup", "quar", "disc", "flight", "search")
    for name in (*shown, "ignored", "retried") if wide else shown:
        table.add_column(name, justify="right", no_wrap=True)
    rows = {name: _row(numbers, name) for name in FORMATS}
    for name, row in rows.items():
        table.add_row(TITLES[name], *_cells(row, wide=wide))
    total = [_sum(row[place] for row in rows.values()) for place in range(10)]
    table.add_row(Text("all", style="bold"), *_cells(total, wide=wide), style="bold")
    return table


def _row(numbers: Numbers, name: str) -> list[int | None]:
    account: Mapping[str, Any] = numbers.accounts.get(name, {})
    sender: Mapping[str, Any] = numbers.feed.get("senders", {}).get(name, {})
    told = [account.get(key) for key in COUNTED]
    found = numbers.searchable.get(name, 0) if numbers.newest else None
    return [*told, found, account.get("ignored"), sender.get("retries")]


def _cells(row: list[int | None], *, wide: bool) -> list[Text]:
    styles = ("", "dim", "green", "", "yellow", "dim", "cyan", "green", "dim", "dim")
    cells = [
        Text("–" if value is None else f"{value:,}", style=style) for value, style in zip(row, styles, strict=True)
    ]
    return cells if wide else cells[:8]


def _sum(values: Any) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _open(numbers: Numbers, *, wide: bool) -> Text:
    text = Text("open alerts  ", style="bold", no_wrap=True, overflow="ellipsis")
    for severity in SEVERITIES if numbers.open_alerts else ():
        text.append(f"{numbers.open_alerts[severity]:,} {_WORDS[severity]}  ", style=_STYLES[severity])
    opened = numbers.metrics.get("alerts_opened_total")
    if wide and opened is not None:
        text.append(f"   {opened:,.0f} opened by this indexer", style="dim")
    return text


def _newest(numbers: Numbers, now: datetime, *, rows: int, wide: bool) -> Table:
    table = Table(box=None, padding=(0, 1), show_header=False, expand=True)
    table.add_column(width=8, no_wrap=True)
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column(width=8, justify="right", no_wrap=True)
    if wide:
        table.add_column(width=12, no_wrap=True)
    table.add_column(width=8, justify="right", no_wrap=True)
    for alert in numbers.alerts[:rows]:
        severity = int(alert["severity"])
        age = Text(_span(now - datetime.fromisoformat(alert["created_at"])), style="dim")
        cells = [
            Text(_WORDS.get(severity, "?"), style=_STYLES.get(severity, "")),
            Text(str(alert["title"])),
            Text(f"×{alert['count']:,}"),
            *([Text(str(alert["module"]), style="dim")] if wide else []),
            age,
        ]
        table.add_row(*cells)
    for _ in range(rows - len(numbers.alerts)):
        table.add_row("")
    return table


def _lag(numbers: Numbers, now: datetime) -> Text:
    text = Text("lag     ", style="bold", no_wrap=True, overflow="ellipsis")
    newest = "–" if numbers.newest is None else f"{max(0.0, (now - numbers.newest).total_seconds()):.1f} s"
    pending = numbers.metrics.get("projection_pending")
    text.append(f"newest searchable {newest} old   to project {'–' if pending is None else f'{pending:,.0f}'}")
    return text


def _queues(numbers: Numbers) -> Text:
    text = Text("queues  ", style="bold", no_wrap=True, overflow="ellipsis")
    for queue, title in _QUEUES.items():
        depth = numbers.metrics.get(f"queue_depth/{queue}")
        words = "–" if depth is None else f"{depth:,.0f}"
        text.append(f"{title} {words}   ", style="yellow" if (depth or 0) > _DEEP else "")
    return text


def _ready(numbers: Numbers, *, wide: bool) -> Text:
    text = Text("state   ", style="bold", no_wrap=True, overflow="ellipsis")
    for name, report in numbers.ready.items():
        status = report.get("status", "away")
        text.append(f"{name} ", style="")
        text.append(status, style={"ok": "green", "degraded": "yellow"}.get(status, "bold red"))
        for dependency, check in report.get("checks", {}).items():
            if check["status"] != "ok":
                detail = f": {check.get('detail', check['status'])}" if wide else ""
                text.append(f" ({dependency}{detail})", style="yellow")
        text.append("   ")
    if numbers.silent:
        text.append(f"no answer from {', '.join(sorted(numbers.silent))}", style="yellow")
    return text


def _span(passed: timedelta) -> str:
    seconds = max(0, int(passed.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60}:{seconds % 60:02} min"
    return f"{seconds // 3600}:{seconds // 60 % 60:02} h"


def now() -> datetime:
    """The present, for callers that have no clock of their own."""
    return datetime.now(UTC)
