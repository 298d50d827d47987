"""The settings of the api process and of its commands."""

from typing import Self

from pydantic import Field, SecretStr, model_validator

from shared.settings import (
    LOOPBACK,
    OpensearchSettings,
    PostgresSettings,
    RabbitmqSettings,
    postgres_url,
    refuse_in_production,
)


class ApiSettings(RabbitmqSettings, PostgresSettings, OpensearchSettings):
    """Read once when the process begins to serve."""

    postgres_url: SecretStr = postgres_url("api")

    api_host: str = Field(default="127.0.0.1", description="Address `python -m services.api` listens on.")
    api_port: int = Field(default=8081, ge=0, le=65535, description="Port it listens on.")
    tls_in_front: bool = Field(
        default=False, description="Says that a TLS proxy stands in front; production needs it for an open bind."
    )

    @model_validator(mode="after")
    def _no_open_bind_without_tls(self) -> Self:
        open_bind = self.api_host not in LOOPBACK and not self.tls_in_front
        refuse_in_production(self, open_bind, "an open bind without EVENTSEC_TLS_IN_FRONT")
        return self


class TokenSettings(PostgresSettings):
    """For `python -m services.api.tokens`, which needs the database and nothing else."""

    postgres_url: SecretStr = postgres_url("api")
