"""The settings all processes share; each process has one class of its own built on these."""

import os
import ssl
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import AliasChoices, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from shared import crash, guards
from shared.credentials import Password, from_files, holds_password, with_option, with_password
from shared.errors import Invalid

PREFIX = "EVENTSEC_"

TLS_IN_FRONT = "put a TLS proxy in front and say EVENTSEC_TLS_IN_FRONT=true, or listen on 127.0.0.1"
"""What to do instead of listening openly."""

TrustedProxies = Annotated[
    str,
    Field(description="Addresses and networks, by commas, whose X-Forwarded-For and -Proto are believed."),
]


class Settings(BaseSettings):
    """Read once at the top of a process from `EVENTSEC_…` variables, or the files that `EVENTSEC_…_FILE` name.

    Then passed down.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True, populate_by_name=True)

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

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments before the environment; a variable's text may be in a file of its own."""
        names = [name for of_field in variables(settings_cls).values() for name in of_field]
        files = {name.lower(): text for name, text in from_files(names, os.environ).items()}
        # Among the variables, not a source after them: a process's own name comes before the common one either way.
        if isinstance(env_settings, EnvSettingsSource):
            env_settings.env_vars = {**env_settings.env_vars, **files}
        return init_settings, env_settings

    @model_validator(mode="after")
    def _no_crash_point(self) -> Self:
        crashing = bool(os.environ.get(crash.VARIABLE))
        refuse_in_production(self, crashing, f"to die at a point, as {crash.VARIABLE} says", "leave it out")
        return self


def variables(settings: type[BaseSettings]) -> dict[str, list[str]]:
    """The environment variables that each field of a class is read from, first come first."""
    found = {}
    for name, field in settings.model_fields.items():
        match field.validation_alias:
            case AliasChoices(choices=choices):
                found[name] = [str(choice) for choice in choices]
            case None:
                found[name] = [PREFIX + name.upper()]
            case _:
                raise ValueError(f"{settings.__name__}.{name} has an alias this program does not know")
    return found


class StoreSettings(Settings):
    """For processes that reach a store."""

    stores_ca_file: Path | None = Field(
        default=None,
        description="Certificates (PEM) that those of the stores must lead to; TLS itself is in each URL: "
        "postgresql://…?sslmode=verify-full, amqps://, https://. Left out, those of the system are; for PostgreSQL, "
        "those of PGSSLROOTCERT or ~/.postgresql/root.crt where there are such, as libpq has it.",
    )
    stores_on_private_network: bool = Field(
        default=False,
        description="Says that nobody else is on the network to the stores; production needs it, or TLS to each.",
    )

    @model_validator(mode="after")
    def _usable_ca_file(self) -> Self:
        if self.stores_ca_file is not None:
            try:
                ssl.create_default_context(cafile=str(self.stores_ca_file))
            except OSError as error:  # an SSLError too
                reason = error.strerror or type(error).__name__
                raise Invalid(f"EVENTSEC_STORES_CA_FILE: no certificates: {reason}", code="unreadable_file") from error
        return self

    def guard_store(self, address: str, name: str) -> None:
        """Raises Invalid for a way to a store, or a login there, that production refuses. An empty one is none."""
        if not address:
            return
        refuse_in_production(
            self,
            guards.has_demo_password(address),
            f"the demo's login, or a password that is the user's name, in {name}_URL or {name}_PASSWORD",
            "give it a password of its own (python -m deploy.secrets makes some)",
        )
        refuse_in_production(
            self,
            guards.is_open_way(address) and not self.stores_on_private_network,
            f"an {name}_URL without TLS to another machine",
            "use amqps://, https:// or sslmode=verify-full, or say EVENTSEC_STORES_ON_PRIVATE_NETWORK=true",
        )


class RabbitmqSettings(StoreSettings):
    """For processes that use the bus."""

    rabbitmq_url: SecretStr = Field(
        default=SecretStr("amqp://guest:guest@127.0.0.1:5672/"), description="AMQP URL with the virtual host."
    )
    rabbitmq_management_url: SecretStr | None = Field(
        default=None,
        description="URL of RabbitMQ's management API with its user; without it nobody sets the policies.",
    )
    rabbitmq_password: Password | None = Field(default=None, description="Password of the AMQP URL's user.")
    rabbitmq_management_password: Password | None = Field(
        default=None, description="Password of the management URL's user."
    )

    def rabbitmq_address(self) -> str:
        """The AMQP URL for the next connection."""
        url = with_password(self.rabbitmq_url.get_secret_value(), self.rabbitmq_password)
        return with_option(url, "cafile", self.stores_ca_file) if url.startswith("amqps:") else url

    def rabbitmq_management_address(self) -> str:
        """The management API's URL for the next call; empty where none is given."""
        url = self.rabbitmq_management_url
        return with_password(url.get_secret_value(), self.rabbitmq_management_password) if url else ""

    @model_validator(mode="after")
    def _one_bus_password(self) -> Self:
        one_password(self.rabbitmq_url, self.rabbitmq_password, "EVENTSEC_RABBITMQ")
        one_password(self.rabbitmq_management_url, self.rabbitmq_management_password, "EVENTSEC_RABBITMQ_MANAGEMENT")
        return self

    @model_validator(mode="after")
    def _safe_bus(self) -> Self:
        bus, management = self.rabbitmq_address(), self.rabbitmq_management_address()
        guest = guards.is_guest(bus) or guards.is_guest(management)
        refuse_in_production(self, guest, "the guest login of RabbitMQ", "use the users of python -m shared.bus.users")
        self.guard_store(bus, "EVENTSEC_RABBITMQ")
        self.guard_store(management, "EVENTSEC_RABBITMQ_MANAGEMENT")
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


def postgres_password(process: str) -> Any:
    """The field of that login's password, for a URL that holds none: as above, `…_PASSWORD` for `…_URL`."""
    return Field(
        default=None,
        validation_alias=AliasChoices(f"EVENTSEC_{process.upper()}_POSTGRES_PASSWORD", "EVENTSEC_POSTGRES_PASSWORD"),
        description=f"Password of the {process} role.",
    )


class PostgresSettings(StoreSettings):
    """For processes that use the database; each declares its own URL and password by the functions above."""

    postgres_url: SecretStr = Field(
        default=SecretStr(DEFAULT_POSTGRES_URL), description="PostgreSQL URL in libpq's form."
    )
    postgres_password: Password | None = Field(default=None, description="Password of the PostgreSQL URL's user.")
    postgres_pool_size: int = Field(
        default=10, ge=1, le=200, description="Most connections one process opens to PostgreSQL."
    )
    postgres_statement_cache_size: int = Field(
        default=200, ge=0, description="Prepared statements kept a connection; 0 behind a transaction pooler."
    )

    def postgres_address(self) -> str:
        """The PostgreSQL URL for the next connection."""
        url = with_password(self.postgres_url.get_secret_value(), self.postgres_password)
        return with_option(url, "sslrootcert", self.stores_ca_file or systems_authorities(url))

    @model_validator(mode="after")
    def _one_login_password(self) -> Self:
        one_password(self.postgres_url, self.postgres_password, "EVENTSEC_POSTGRES")
        return self

    @model_validator(mode="after")
    def _safe_database(self) -> Self:
        default = self.postgres_url.get_secret_value() == DEFAULT_POSTGRES_URL
        refuse_in_production(self, default, "the default PostgreSQL login", "set EVENTSEC_POSTGRES_URL")
        self.guard_store(self.postgres_address(), "EVENTSEC_POSTGRES")
        return self


class OpensearchSettings(StoreSettings):
    """For processes that write or ask the projection."""

    opensearch_url: SecretStr = Field(
        default=SecretStr("http://127.0.0.1:9200"), description="OpenSearch URL with its user, where it asks for one."
    )
    opensearch_password: Password | None = Field(default=None, description="Password of the OpenSearch URL's user.")
    index_prefix: str = Field(
        default="",
        pattern=r"^[a-z0-9-]{0,40}$",
        description="Put before every index, alias and template name, so that one cluster serves several.",
    )

    def opensearch_address(self) -> str:
        """The OpenSearch URL for the next request."""
        return with_password(self.opensearch_url.get_secret_value(), self.opensearch_password)

    @model_validator(mode="after")
    def _one_search_password(self) -> Self:
        one_password(self.opensearch_url, self.opensearch_password, "EVENTSEC_OPENSEARCH")
        return self

    @model_validator(mode="after")
    def _safe_search(self) -> Self:
        self.guard_store(self.opensearch_address(), "EVENTSEC_OPENSEARCH")
        return self


class SecretSettings(Settings):
    """For processes that keep secrets which have to be given out again, or give them out."""

    secret_keys: SecretStr = Field(
        default=SecretStr(guards.DEMO_SECRET_KEY),
        description="Keys, by commas, that encrypt what has to be given out again; the first encrypts, all decrypt.",
    )

    @model_validator(mode="after")
    def _no_demo_secrets(self) -> Self:
        demo = guards.DEMO_SECRET_KEY in self.secret_keys.get_secret_value()
        refuse_in_production(
            self,
            demo,
            "the demo's EVENTSEC_SECRET_KEYS",
            "give it keys of its own (python -m deploy.secrets makes one)",
        )
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

    @model_validator(mode="after")
    def _public_url_is_safe(self) -> Self:
        safe = (self.public_url or "").startswith("https://")
        refuse_in_production(
            self, not safe, "to run without a public URL with TLS", "set EVENTSEC_PUBLIC_URL=https://…"
        )
        return self


def one_password(url: SecretStr | None, password: SecretStr | None, name: str) -> None:
    """Raises Invalid when a password stands beside a URL that holds one too, or names no user whose it could be."""
    if url is None or password is None:
        return
    if holds_password(url.get_secret_value()):
        raise Invalid(f"{name}_PASSWORD is set, and {name}_URL holds one too: leave one out", code="ambiguous_setting")
    if not guards.login(url.get_secret_value())[0]:
        raise Invalid(
            f"{name}_PASSWORD is set, and {name}_URL names no user: it is user@host", code="ambiguous_setting"
        )


def systems_authorities(url: str) -> str | None:
    """The system's certificates, for a PostgreSQL URL whose server is to be proven and nobody says by whose; else None.

    Its driver knows files alone, and does not connect where there is none.
    """
    if parse_qs(urlsplit(url).query).get("sslmode", [""])[-1] not in ("verify-ca", "verify-full"):
        return None
    own = os.path.expanduser("~/.postgresql/root.crt")  # noqa: PTH111 - a user without a home is no error
    if os.environ.get("PGSSLROOTCERT") or Path(own).exists():
        return None
    systems = ssl.get_default_verify_paths()
    files = [
        systems.cafile,
        systems.capath and f"{systems.capath}/ca-certificates.crt",
    ]  # where Debian and Alpine have it
    return next((file for file in files if file and Path(file).exists()), None)


def refuse_in_production(settings: Settings, unsafe: bool, what: str, instead: str) -> None:
    """Raises Invalid when a production process is configured with something only a demo may have."""
    if unsafe and settings.env == "production":
        raise Invalid(f"EVENTSEC_ENV=production refuses {what}: {instead}", code="unsafe_setting")
