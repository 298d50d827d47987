"""The indexer's settings."""

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from shared.credentials import Password
from shared.settings import (
    OpensearchSettings,
    OutwardSettings,
    PostgresSettings,
    RabbitmqSettings,
    SecretSettings,
    postgres_password,
    postgres_url,
)

Role = Literal["writer", "projector", "relay", "notifier", "maintenance"]
ROLES: tuple[Role, ...] = ("writer", "projector", "relay", "notifier", "maintenance")


class IndexerSettings(RabbitmqSettings, PostgresSettings, OpensearchSettings, SecretSettings, OutwardSettings):
    """Read once by `python -m services.indexer`."""

    postgres_url: SecretStr = postgres_url("indexer")
    postgres_password: Password | None = postgres_password("indexer")
    postgres_pool_size: int = Field(
        default=10,
        ge=5,
        le=200,
        description="Most connections one process opens; some tasks hold one while they use another.",
    )
    indexer_roles: list[Role] = Field(
        default=list(ROLES), min_length=1, description="What this process does (JSON list); all by default."
    )
    indexer_host: str = Field(default="127.0.0.1", description="Address of /healthz, /readyz and /metrics.")
    indexer_port: int = Field(default=8082, ge=0, le=65535, description="Port of the same; 0 takes a free one.")
    writer_lanes: int = Field(
        default=2, ge=1, le=16, description="Batches in hand at once: one in Postgres while another is in OpenSearch."
    )
    batch_messages: int = Field(
        default=32, ge=1, le=500, description="Most messages (of up to 200 events) in one transaction."
    )
    batch_seconds: float = Field(default=0.02, ge=0, le=5, description="How long a batch waits for more messages.")
    outage_seconds: float = Field(
        default=600, gt=0, description="After so long an outage the queue's window is given back once."
    )
    period_alert: Literal["day", "week"] = Field(
        default="week", description="Length of each new period of alert-kind events."
    )
    period_telemetry: Literal["day", "week"] = Field(
        default="day", description="Length of each new period of telemetry."
    )
    shards_alert: int = Field(default=1, ge=1, le=64, description="Shards of each new index of alert-kind events.")
    shards_telemetry: int = Field(default=1, ge=1, le=64, description="Shards of each new index of telemetry.")
    retention_alert_days: int = Field(
        default=400, ge=0, description="Older alert-kind events are dropped and not taken in; 0 keeps all for ever."
    )
    retention_telemetry_days: int = Field(
        default=30, ge=0, description="Older telemetry is dropped and not taken in; 0 keeps all for ever."
    )
    retention_closed_alerts_days: int = Field(
        default=730, ge=0, description="How long closed alerts are kept that belong to no incident; 0 for ever."
    )
    retention_envelopes_days: int = Field(default=7, ge=1, description="How long settled envelopes are remembered.")
    retention_batches_days: int = Field(default=90, ge=1, description="How long receipts of batches are kept.")
    retention_accounts_days: int = Field(default=90, ge=1, description="How long sensors' minutes are kept.")
    retention_quarantine_days: int = Field(
        default=90, ge=1, description="How long re-driven and discarded quarantine records are kept."
    )
    retention_jobs_days: int = Field(
        default=30,
        ge=1,
        description="How long ended jobs are kept, and with them what they dropped from parked queues.",
    )
    retention_exports_days: int = Field(
        default=7,
        ge=1,
        description="How long exports can be fetched, up to 256 MiB each; at most as long as their jobs.",
    )
    retention_notifications_days: int = Field(
        default=30, ge=1, description="How long it is remembered who was told of what."
    )
    postgres_budget_bytes: int = Field(
        default=0, ge=0, description="Bytes the database may grow to, for the forecast of its disk; 0 is unknown."
    )
    brake_trial_seconds: float = Field(default=7200, gt=0, description="How often the brake lets one batch be tried.")

    notify_timeout_seconds: float = Field(
        default=10, gt=0, le=60, description="How long a mail server or a webhook may take for one message."
    )
    smtp_host: str | None = Field(default=None, description="Mail server; without it no e-mail is sent.")
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Its port.")
    smtp_tls: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="`tls` from the first byte (port 465), `none` for a relay on the same machine."
    )
    smtp_user: str | None = Field(default=None, description="Login at the mail server; without it none is tried.")
    smtp_password: SecretStr | None = Field(default=None, description="Its password.")
    smtp_from: str = Field(
        default="eventsec@localhost", pattern=r"^[^@\s<>]+@[^@\s<>]+$", description="Address that e-mail comes from."
    )

    @model_validator(mode="after")
    def _connections_suffice(self) -> Self:
        """A lane, maintenance and a re-drive each hold one connection while they ask for another."""
        if self.postgres_pool_size < self.writer_lanes + 4:
            raise ValueError("postgres_pool_size must be at least writer_lanes + 4, or the process can wait for itself")
        return self
