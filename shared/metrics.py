"""Every metric of every process, each with one line of meaning; counted once per batch, never per event."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

REGISTRY = CollectorRegistry()
# `process_start_time_seconds`, `process_resident_memory_bytes`, `process_open_fds`, …: as every exporter names them.
ProcessCollector(registry=REGISTRY)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)


def exposition() -> bytes:
    """The Prometheus text of all metrics of this process."""
    return generate_latest(REGISTRY)


def _counter(name: str, meaning: str, *labels: str) -> Counter:
    return Counter(f"eventsec_{name}", meaning, labels, registry=REGISTRY)


def _gauge(name: str, meaning: str, *labels: str) -> Gauge:
    return Gauge(f"eventsec_{name}", meaning, labels, registry=REGISTRY)


def _seconds(name: str, meaning: str, *labels: str) -> Histogram:
    return Histogram(f"eventsec_{name}_seconds", meaning, labels, buckets=_FAST, registry=REGISTRY)


def _size(name: str, meaning: str, *labels: str) -> Histogram:
    return Histogram(f"eventsec_{name}", meaning, labels, buckets=_SIZES, registry=REGISTRY)


# Every process
DEPENDENCY_UP = _gauge("dependency_up", "1 while the dependency's readiness check passes.", "dependency")
BACKGROUND_FAILURES = _counter("background_failures_total", "Runs of a background loop that failed.", "loop")
SCHEMA_BEHIND = _gauge("schema_behind", "1 while the schema is too old or too new for this code, as last looked at.")
CLOCK_SKEW = _gauge("clock_skew_seconds", "Seconds by which this process's clock is ahead of the database's.")
POOL_USED = _gauge("postgres_pool_used", "Connections to Postgres in use, by pool.", "pool")
POOL_SIZE = _gauge("postgres_pool_size", "Most connections to Postgres that the pool opens.", "pool")

# Ingest
INGEST_REQUESTS = _counter("ingest_requests_total", "Requests at the door by status code.", "status")
INGEST_RECORDS = _counter(
    "ingest_records_total", "Records at the door: accepted, quarantined, ignored, refused.", "outcome"
)
INGEST_REJECTIONS = _counter("ingest_rejections_total", "Records sent to quarantine by reason.", "reason")
INGEST_SECONDS = _seconds("ingest_request", "From the last byte of a request to its reply.")
INGEST_IN_FLIGHT_BYTES = _gauge("ingest_in_flight_bytes", "Bytes of bodies read and not yet answered.")
INGEST_IN_FLIGHT_REQUESTS = _gauge("ingest_in_flight_requests", "Requests read and not yet answered.")
INGEST_REGISTRY_AGE = _gauge("ingest_registry_age_seconds", "Age of the sensor registry's snapshot.")

# Bus
PUBLISH_SECONDS = _seconds("bus_publish", "From publishing a message to the broker's confirm.")
PUBLISH_FAILURES = _counter("bus_publish_failures_total", "Messages the broker did not confirm.", "reason")
BUS_BLOCKED = _gauge("bus_blocked", "1 while the broker blocks publishers.")
IN_HAND = _gauge("bus_in_hand", "Messages delivered to this process and not settled yet.", "queue")
QUEUE_DEPTH = _gauge("queue_depth", "Messages of a queue that the broker holds ready.", "queue")
QUEUE_CONSUMERS = _gauge("queue_consumers", "Consumers of a queue, as the door last saw them.", "queue")
QUEUE_BYTES = _gauge("queue_bytes", "Bytes of a queue, ready and handed out, as the broker last counted.", "queue")
QUEUE_LIMIT = _gauge("queue_limit_bytes", "Bytes from which on a queue refuses messages.", "queue")
CONSUMED = _counter("bus_consumed_total", "Messages consumed by queue and ending.", "queue", "ending")

# Indexer
BATCH_EVENTS = _size("writer_batch_events", "Events in one transaction of the writer.")
WRITER_SECONDS = _seconds("writer_stage", "Time of one batch in each stage of the writer.", "stage")
WRITER_EVENTS = _counter("writer_events_total", "Events settled: stored, duplicate, quarantined.", "outcome")
WRITER_RESTARTS = _counter("writer_restarts_total", "Transactions that started over, by cause.", "cause")
ALERTS_OPENED = _counter("alerts_opened_total", "Alerts opened by folding.")
QUARANTINED = _counter("quarantined_total", "Records put into quarantine, by reason.", "reason")
REDRIVEN = _counter("redriven_total", "Records taken out of quarantine by result; `open` stays.", "result")
BRAKE_HELD = _gauge("brake_held", "1 while the quarantine brake holds the writer.")
SUPPRESSED = _counter("suppressed_total", "New events that a suppression hid.")
SUPPRESSIONS_UNREADABLE = _counter(
    "suppressions_unreadable_total", "Times a suppression could not be read, and hid nothing."
)
NOTIFICATIONS = _counter(
    "notifications_total",
    "Messages to people by channel (email, webhook) and ending: sent, again, failed.",
    "channel",
    "ending",
)
AUDIT_SEALED = _counter("audit_sealed_total", "Entries of the audit that were put into their chains.")
FOLLOWED = _counter("followed_alerts_total", "Linked alerts of which an incident was brought up to date.")
FOLLOWED_EVENTS = _counter("followed_events_total", "Events copied into incidents.")
UNFOLLOWED = _counter("unfollowed_alerts_total", "Linked alerts of which events were dropped before they were copied.")
FOLLOWING = _gauge("following_alerts", "Linked alerts of which an incident is still to be brought up to date.")
FOLLOWING_SECONDS = _gauge("following_seconds", "Seconds by which the one is late that is due longest.")
PROJECTED = _counter("projected_total", "Documents by result: done, retry, reduced, refused.", "result")
PROJECTION_PENDING = _gauge("projection_pending", "Rows that still have to reach OpenSearch.")
PROJECTION_SECONDS = _gauge("projection_seconds", "Seconds for which the oldest of these rows has waited.")
OUTBOX_ROWS = _gauge("outbox_rows", "Changes waiting to be published.")
OUTBOX_SECONDS = _gauge("outbox_seconds", "Seconds for which the oldest of these changes has waited.")
NOTIFICATIONS_SECONDS = _gauge(
    "notifications_seconds", "Seconds by which the message to people is late that is due longest."
)
AUDIT_SECONDS = _gauge("audit_unsealed_seconds", "Seconds for which the oldest unsealed entry of the audit has waited.")
CLOCKS_SECONDS = _gauge(
    "clocks_seconds", "Seconds by which the incident is late of which the clocks are to be looked at."
)
JOBS_SECONDS = _gauge("jobs_seconds", "Seconds for which a job has waited for a process to take it.", "runner")
RETENTION_SECONDS = _gauge("retention_seconds", "Seconds since a period should have been dropped that is still there.")
SENSORS_SILENT = _gauge("sensors_silent", "Sensors that should have been heard by now.")
UNASSIGNED_SHARDS = _gauge("search_unassigned_shards", "Shards of our indices that no node of OpenSearch holds.")
MAINTENANCE_LEADS = _gauge("maintenance_leads", "1 in the process that does what one process does for all.")
DRIFT = _gauge(
    "drift_documents",
    "Documents that differ from their rows, as last looked at; hidden, orphan: indices that an alias misses, or has.",
    "difference",
)
DRIFT_LOOKS = _counter("drift_looks_total", "Parts of the stores that maintenance compared by count.")
JOB_DONE = _gauge("store_job_done_rows", "Rows or parts that a long job on the stores is through with.", "kind")
JOB_TOTAL = _gauge("store_job_total_rows", "Rows or parts that it began with.", "kind")
GENERATIONS_BUILDING = _gauge("search_generations_building", "Indices being filled: writers write twice meanwhile.")
STORE_BYTES = _gauge("store_bytes", "Bytes a store takes.", "store")
BYTES_PER_EVENT = _gauge("store_event_bytes", "Bytes an event takes, by store and kind.", "store", "kind")
DISK_LEFT = _gauge("disk_left_ratio", "Share of a store's room that is free.", "store")
DISK_FULL_DAYS = _gauge("disk_full_days", "Days until a store is full; infinite when retention keeps up.", "store")
DISK_ALARM = _gauge("disk_alarm", "1 while a store takes no writes for lack of room.", "store")

# API
API_REQUESTS = _counter("api_requests_total", "Requests by route, method and status code.", "route", "method", "status")
STREAMS = _gauge("api_streams", "Open streams of changes.")
API_RESTARTS = _counter("api_restarts_total", "Changes begun anew after a deadlock.")
API_SECONDS = _seconds("api_request", "From the first byte of a request to the end of its reply, by route.", "route")

# What happens seldom is counted from its first time on: a rate sees only a series that was there before.
INGEST_REQUESTS.labels("500")
for _channel in ("email", "webhook"):
    for _ending in ("sent", "again", "failed"):
        NOTIFICATIONS.labels(_channel, _ending)
for _result in ("done", "retry", "reduced", "refused"):
    PROJECTED.labels(_result)
