"""Writes the Grafana dashboard, `deploy/grafana/eventsec.json`: rows of panels, each with what it asks Prometheus.

`python -m deploy.dashboard` writes it, with `--check` it says whether it is stale.
"""

import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

from deploy import written

FILE = Path(__file__).parent / "grafana" / "eventsec.json"
SOURCE = {"type": "prometheus", "uid": "eventsec"}
WIDTH, HEIGHT = 8, 8
# Of what every program exports.
OURS = '{job=~"eventsec-(ingest|indexer|api)"}'


class Panel(NamedTuple):
    """A graph: its lines by legend, and the unit as Grafana names it."""

    title: str
    unit: str
    lines: dict[str, str]


def _rate(metric: str, by: str, picked: str = "") -> str:
    return f"sum by ({by}) (rate({metric}{picked}[$__rate_interval]))"


def _slowest(metric: str, by: str = "", share: float = 0.99) -> str:
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, sum by ({labels}) (rate({metric}_bucket[$__rate_interval])))"


ROWS: dict[str, list[Panel]] = {
    "Processes": [
        Panel("Answering", "short", {"{{job}}": f"sum by (job) (up{OURS})"}),
        Panel("Needs that are met", "short", {
            "{{job}} {{dependency}}": "min by (job, dependency) (eventsec_dependency_up)",
        }),
        Panel("Memory", "bytes", {"{{job}} {{instance}}": f"process_resident_memory_bytes{OURS}"}),
        Panel("Processor time", "percentunit", {
            "{{job}} {{instance}}": f"rate(process_cpu_seconds_total{OURS}[$__rate_interval])",
        }),
        Panel("Connections to Postgres in use", "percentunit", {
            "{{pool}} {{instance}}": "eventsec_postgres_pool_used / eventsec_postgres_pool_size",
        }),
        Panel("Loops that fail", "short", {
            "{{job}} {{loop}}": _rate("eventsec_background_failures_total", "job, loop"),
        }),
    ],
    "Door": [
        Panel("Records", "cps", {"{{outcome}}": _rate("eventsec_ingest_records_total", "outcome")}),
        Panel("Replies", "reqps", {"{{status}}": _rate("eventsec_ingest_requests_total", "status")}),
        Panel("Time to a reply", "s", {
            "p50": _slowest("eventsec_ingest_request_seconds", share=0.5),
            "p99": _slowest("eventsec_ingest_request_seconds"),
        }),
        Panel("Time to a confirm", "s", {"p99 {{job}}": _slowest("eventsec_bus_publish_seconds", "job")}),
        Panel("Into quarantine", "cps", {"{{reason}}": _rate("eventsec_quarantined_total", "reason")}),
        Panel("Sensors that are silent", "short", {"sensors": "sum(eventsec_sensors_silent)"}),
    ],
    "Queues": [
        Panel("Messages that wait", "short", {"{{queue}}": "max by (queue) (eventsec_queue_depth)"}),
        Panel("Full", "percentunit", {
            "{{queue}}": "max by (queue) (eventsec_queue_bytes / eventsec_queue_limit_bytes)",
        }),
        Panel("Consumers", "short", {"{{queue}}": "max by (queue) (eventsec_queue_consumers)"}),
    ],
    "Storing": [
        Panel("Events", "cps", {"{{outcome}}": _rate("eventsec_writer_events_total", "outcome")}),
        Panel("Alerts opened", "cps", {"alerts": "sum(rate(eventsec_alerts_opened_total[$__rate_interval]))"}),
        Panel("Time of a batch", "s", {"p99 {{stage}}": _slowest("eventsec_writer_stage_seconds", "stage")}),
        Panel("Messages by ending", "cps", {
            "{{queue}} {{ending}}": _rate("eventsec_bus_consumed_total", "queue, ending"),
        }),
        Panel("Documents by result", "cps", {"{{result}}": _rate("eventsec_projected_total", "result")}),
        Panel("How long the oldest has waited", "s", {
            "projection": "max(eventsec_projection_seconds)",
            "outbox": "max(eventsec_outbox_seconds)",
            "incidents": "max(eventsec_following_seconds)",
            "notifications": "max(eventsec_notifications_seconds)",
            "audit": "max(eventsec_audit_unsealed_seconds)",
            "clocks": "max(eventsec_clocks_seconds)",
            "jobs of {{runner}}": "max by (runner) (eventsec_jobs_seconds)",
        }),
    ],
    "Stores": [
        Panel("Room left", "percentunit", {"{{store}}": "min by (store) (eventsec_disk_left_ratio)"}),
        Panel("Days until full", "d", {"{{store}}": "min by (store) (eventsec_disk_full_days)"}),
        Panel("Size", "bytes", {"{{store}}": "max by (store) (eventsec_store_bytes)"}),
        Panel("Differences", "short", {"{{difference}}": "max by (difference) (eventsec_drift_documents)"}),
        Panel("Shards without a node", "short", {"shards": "max(eventsec_search_unassigned_shards)"}),
        Panel("Jobs on the stores", "percentunit", {
            "{{kind}}": "max by (kind) (eventsec_store_job_done_rows) / max by (kind) (eventsec_store_job_total_rows)",
        }),
    ],
    "People": [
        Panel("Replies of the API", "reqps", {"{{status}}": _rate("eventsec_api_requests_total", "status")}),
        Panel("Slowest routes", "s", {
            "p99 {{route}}": f"topk(8, {_slowest('eventsec_api_request_seconds', 'route')})",
        }),
        Panel("Open streams", "short", {"{{instance}}": "eventsec_api_streams"}),
        Panel("Messages to people", "cps", {
            "{{channel}} {{ending}}": _rate("eventsec_notifications_total", "channel, ending"),
        }),
    ],
}  # fmt: skip


def expressions() -> list[str]:
    """Everything the dashboard asks."""
    return [line for panels in ROWS.values() for panel in panels for line in panel.lines.values()]


def dashboard() -> dict[str, Any]:
    """The document that Grafana reads."""
    shown: list[dict[str, Any]] = []
    y = 0
    for row, panels in ROWS.items():
        place = {"x": 0, "y": y, "w": 24, "h": 1}
        shown.append({"id": len(shown) + 1, "type": "row", "title": row, "gridPos": place, "panels": []})
        y += 1
        for number, panel in enumerate(panels):
            x, line = number % 3 * WIDTH, number // 3
            place = {"x": x, "y": y + line * HEIGHT, "w": WIDTH, "h": HEIGHT}
            shown.append(_shown(len(shown) + 1, panel, place))
        y += (len(panels) + 2) // 3 * HEIGHT
    return {
        "uid": "eventsec",
        "title": "EventSec",
        "tags": ["eventsec"],
        "timezone": "utc",
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "panels": shown,
    }


def _shown(number: int, panel: Panel, place: dict[str, int]) -> dict[str, Any]:
    return {
        "id": number,
        "type": "timeseries",
        "title": panel.title,
        "datasource": SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
        "targets": [
            {"refId": chr(ord("A") + index), "datasource": SOURCE, "expr": expr, "legendFormat": legend}
            for index, (legend, expr) in enumerate(panel.lines.items())
        ],
    }


def text() -> str:
    """What the file should hold."""
    return json.dumps(dashboard(), indent=2) + "\n"


if __name__ == "__main__":
    sys.exit(written.main("deploy.dashboard", __doc__, FILE, text, "make docs-write"))
