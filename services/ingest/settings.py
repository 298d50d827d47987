"""The settings of the door."""

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator

from shared.credentials import Password
from shared.guards import LOOPBACK
from shared.settings import (
    TLS_IN_FRONT,
    PostgresSettings,
    RabbitmqSettings,
    TrustedProxies,
    postgres_password,
    postgres_url,
    refuse_in_production,
)


class IngestSettings(RabbitmqSettings, PostgresSettings):
    """Read once in `app.py`; limits are in bytes, records and seconds."""

    postgres_url: SecretStr = postgres_url("ingest")
    postgres_password: Password | None = postgres_password("ingest")

    ingest_host: str = Field(default="127.0.0.1", description="Address `python -m services.ingest` listens on.")
    ingest_port: int = Field(default=8080, ge=0, le=65535, description="Port it listens on.")
    tls_in_front: bool = Field(
        default=False, description="Says that a TLS proxy stands in front; production needs it for an open bind."
    )
    trusted_proxies: TrustedProxies = "127.0.0.1"

    registry_path: Path = Field(
        default=Path(".stack/ingest-registry"),
        description="File that keeps the sensor registry over restarts, so that the door needs no database.",
    )
    registry_seconds: float = Field(
        default=5.0, gt=0, description="How often the door reads its sensors and keys from PostgreSQL."
    )

    ingest_wire_bytes: int = Field(default=10 << 20, gt=0, description="Largest compressed body.")
    ingest_decoded_bytes: int = Field(
        default=50 << 20, gt=0, description="Largest body after decompression, and largest plain body."
    )
    ingest_records: int = Field(default=10_000, gt=0, description="Most records in one request.")
    ingest_body_seconds: float = Field(default=30.0, gt=0, description="Longest a body may take to arrive.")

    ingest_in_flight_bytes: int = Field(
        default=128 << 20,
        gt=0,
        description="Most bytes of bodies held at once (memory is some four times that); beyond it 503.",
    )
    ingest_in_flight_requests: int = Field(
        default=2_000, gt=0, description="Most requests held at once; beyond it the door answers 503."
    )
    ingest_connections: int = Field(default=10_000, gt=0, description="Most open connections; idle ones count too.")
    ingest_idle_seconds: int = Field(
        default=75,
        gt=0,
        description="How long a connection may be idle, send a head, or leave a reply unread; longer than shippers "
        "keep an idle one.",
    )

    ingest_rate_per_second: float = Field(
        default=0, ge=0, description="Records a second for sensors without a rate of their own; 0 is no budget."
    )
    ingest_burst_seconds: float = Field(
        default=10.0, gt=0, description="A sensor may save up this many seconds of its rate for a burst."
    )

    ingest_linger_seconds: float = Field(
        default=0.003, ge=0, le=1, description="How long a small request waits for others to share its envelope."
    )
    ingest_publish_seconds: float = Field(
        default=5.0, gt=0, description="Longest wait for the broker's confirm before the door answers 503."
    )
    accounts_seconds: float = Field(
        default=5.0, gt=0, description="How often the door reports what it accepted, for the balance."
    )

    @model_validator(mode="after")
    def _no_open_bind_without_tls(self) -> Self:
        open_bind = self.ingest_host not in LOOPBACK and not self.tls_in_front
        refuse_in_production(self, open_bind, "an open bind without EVENTSEC_TLS_IN_FRONT", TLS_IN_FRONT)
        return self
