"""The settings all processes share; each process has one class of its own built on these."""

import os
from ipaddress import IPv4Network, IPv6Network
from typing import Any, Literal, Self

from pydantic import AliasChoices, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared import crash
from shared.errors import Invalid

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Settings(BaseSettings):
    """Read once at the top of a process from `EVENTSEC_…` variables, then passed down."""

    model_config = SettingsConfigDict(env_prefix="EVENTSEC_", extra="ignore", frozen=True, populate_by_name=True)

    env: Literal["demo", "production"] = Field(
        default="demo", description="`production` refuses defaults that are only safe on loopback."
    )
    log_format: Literal["auto", "json", "console"] = Field(
        default="auto", description="`auto` is console at a terminal and JSON everywhere else."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Least level that is written."
    )
    shutdown_seconds: float = Field(default=20.0, gt=0, description="How long a process may drain after SIGTERM.")

    @model_validator(mode="after")
    def _no_crash_point(self) -> Self:
        refuse_in_production(self, bool(os.environ.get(crash.VARIABLE)), f"to die at a point, as {crash.VARIABLE} says")
        return self


class RabbitmqSettings(Settings):
    """For processes that use the bus."""

    rabbitmq_url: SecretStr = Field(
        default=SecretStr("amqp://guest:guest@127.0.0.1:5672/"), description="AMQP URL with the virtual host."
    )
    rabbitmq_management_url: SecretStr | None = Field(
        default=None,
        description="URL of RabbitMQ's management API, credentials in it; without it nobody sets the policies.",
    )

    @model_validator(mode="after")
    def _no_default_secret(self) -> Self:
        refuse_in_production(self, "guest:guest@" in self.rabbitmq_url.get_secret_value(), "the guest login")
        return self


DEFAULT_POSTGRES_URL = "postgresql://eventsec:eventsec@127.0.0.1:5432/eventsec"


def postgres_url(process: str) -> Any:
    """The field of a process's own database login, for its settings class.

    `postgres_url: SecretStr = postgres_url("ingest")` reads `EVENTSEC_INGEST_POSTGRES_URL` where it is set
    and `EVENTSEC_POSTGRES_URL` else.
    """
    return Field(
        default=SecretStr(DEFAULT_POSTGRES_URL),
        validation_alias=AliasChoices(f"EVENTSEC_{process.upper()}_POSTGRES_URL", "EVENTSEC_POSTGRES_URL"),
        description=f"PostgreSQL URL (libpq's form) of the {process} role.",
    )


class PostgresSettings(Settings):
    """For processes that use the database; each declares its own `postgres_url` by the function above."""

    postgres_url: SecretStr = Field(
        default=SecretStr(DEFAULT_POSTGRES_URL), description="PostgreSQL URL in libpq's form."
    )
    postgres_pool_size: int = Field(
        default=10, ge=1, le=200, description="Most connections one process opens to PostgreSQL."
    )
    postgres_statement_cache_size: int = Field(
        default=200, ge=0, description="Prepared statements kept a connection; 0 behind a transaction pooler."
    )

    @model_validator(mode="after")
    def _no_default_login(self) -> Self:
        refuse_in_production(
            self,
            self.postgres_url.get_secret_value() == DEFAULT_POSTGRES_URL,
            "the default PostgreSQL login",
        )
        return self


class OpensearchSettings(Settings):
    """For processes that write or ask the projection."""

    opensearch_url: SecretStr = Field(
        default=SecretStr("http://127.0.0.1:9200"), description="OpenSearch URL, credentials in it."
    )
    index_prefix: str = Field(
        default="",
        pattern=r"^[a-z0-9-]{0,40}$",
        description="Put before every index, alias and template name, so that one cluster serves several.",
    )


# Known to everybody who reads this: good for a demo on loopback and nothing else.
DEMO_SECRET_KEY = "ZXZlbnRzZWMtZGVtby1rZXktbm90LWEtc2VjcmV0LTE="  # noqa: S105 - production refuses it


class SecretSettings(Settings):
    """For processes that keep secrets which have to be given out again, or give them out."""

    secret_keys: SecretStr = Field(
        default=SecretStr(DEMO_SECRET_KEY),
        description="Keys, by commas, that encrypt what has to be given out again; the first encrypts, all decrypt.",
    )

    @model_validator(mode="after")
    def _no_demo_secrets(self) -> Self:
        demo = DEMO_SECRET_KEY in self.secret_keys.get_secret_value()
        refuse_in_production(self, demo, "the demo's EVENTSEC_SECRET_KEYS")
        return self


class OutwardSettings(Settings):
    """For processes that lead people to the product, or call URLs that people configured."""

    public_url: str | None = Field(
        default=None,
        description="Where browsers find the product, as https://soc.example.org; what links and origins are held to.",
    )
    outgoing_allow: list[IPv4Network | IPv6Network] = Field(
        default=[],
        description="Networks (JSON list of CIDRs) that configured URLs may lead to although they are not public.",
    )


def refuse_in_production(settings: Settings, unsafe: bool, what: str) -> None:
    """Raises Invalid when a production process is configured with something only a demo may have."""
    if unsafe and settings.env == "production":
        raise Invalid(f"EVENTSEC_ENV=production refuses {what}", code="unsafe_setting")
