"""The settings of the api process and of its commands."""

from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from shared.credentials import Password
from shared.domain.permissions import Role
from shared.errors import Invalid
from shared.guards import LOOPBACK
from shared.settings import (
    TLS_IN_FRONT,
    OpensearchSettings,
    OutwardSettings,
    PostgresSettings,
    RabbitmqSettings,
    SecretSettings,
    TrustedProxies,
    postgres_password,
    postgres_url,
    refuse_in_production,
)


class GroupRole(BaseModel):
    """What a group of the identity provider makes of its people in one organization, by its name or its id."""

    model_config = ConfigDict(extra="forbid")

    organization: str
    role: Role


class ApiSettings(RabbitmqSettings, PostgresSettings, OpensearchSettings, SecretSettings, OutwardSettings):
    """Read once when the process begins to serve."""

    postgres_url: SecretStr = postgres_url("api")
    postgres_password: Password | None = postgres_password("api")

    api_host: str = Field(default="127.0.0.1", description="Address `python -m services.api` listens on.")
    api_port: int = Field(default=8081, ge=0, le=65535, description="Port it listens on.")
    api_idle_seconds: int = Field(
        default=75,
        gt=0,
        description="How long a connection may be idle; longer than the proxy in front keeps one, or it uses one that "
        "is being closed.",
    )
    tls_in_front: bool = Field(
        default=False, description="Says that a TLS proxy stands in front; production needs it for an open bind."
    )

    ingest_public_url: str | None = Field(
        default=None,
        description="Where sensors find the door, as snippets for shippers name it; the public URL, if left out.",
    )
    trusted_proxies: TrustedProxies = "127.0.0.1"
    streams_per_caller: int = Field(
        default=20, ge=1, description="How many open streams a process takes of one caller."
    )
    insecure_cookies: bool = Field(
        default=False, description="Sends session cookies over plain HTTP too, for trials beyond loopback."
    )
    session_hours: float = Field(default=16.0, gt=0, le=720, description="A session ends after so long, come what may.")
    session_idle_minutes: float = Field(default=240.0, gt=0, description="A session ends when unused for so long.")

    oidc_issuer: str | None = Field(
        default=None, description="The OpenID provider people sign in with, as its discovery document names itself."
    )
    oidc_client_id: str = Field(default="", description="How the provider knows this installation.")
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="What proves it to the provider; none for a public client."
    )
    oidc_scopes: str = Field(default="openid profile email", description="What the provider is asked for.")
    oidc_name: str = Field(default="Single sign-on", max_length=60, description="What the sign-in page calls it.")
    oidc_groups_claim: str = Field(default="groups", description="The claim that names a person's groups.")
    oidc_verified_claim: str = Field(
        default="email_verified", description="The claim that says that the e-mail address was proven."
    )
    oidc_roles: dict[str, list[GroupRole]] = Field(
        default={},
        description='Roles by group: {"soc": [{"organization": "Acme", "role": "analyst"}]}. Of several groups with a '
        "role in one organization the first here counts.",
    )
    oidc_create_users: bool = Field(
        default=True, description="Whether somebody nobody has added, but whose groups have a role, may sign in."
    )

    evidence_max_bytes: int = Field(default=2 << 30, gt=0, le=64 << 30, description="Largest file of evidence.")
    evidence_folder: Path = Field(
        default=Path(".stack/evidence"),
        description="Folder for files of evidence, of this installation alone; all its api processes need the same. "
        "Production does not make it: a disk that is not mounted must not look like an empty one.",
    )
    evidence_reserve_bytes: int = Field(
        default=1 << 30, ge=0, description="Bytes that evidence leaves free on the disk of its folder."
    )
    evidence_s3_url: str | None = Field(
        default=None,
        description="S3-compatible store that keeps files of evidence instead, as https://s3.example.org; not the "
        "bucket's own URL.",
    )
    evidence_s3_bucket: str = Field(
        default="",
        pattern=r"^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$",
        description="Its bucket, of this installation alone; it has to be there.",
    )
    evidence_s3_region: str = Field(default="us-east-1", min_length=1, description="Its region, as signatures name it.")
    evidence_s3_access_key: str = Field(default="", description="Who we are to it.")
    evidence_s3_secret_key: SecretStr | None = Field(default=None, description="What proves it.")

    @property
    def session_cookie(self) -> str:
        """The cookie's name. The prefix has browsers refuse it without TLS, from a subdomain, or for a path."""
        return "eventsec" if self.insecure_cookies else "__Host-eventsec"

    @model_validator(mode="after")
    def _no_insecure_cookies(self) -> Self:
        refuse_in_production(self, self.insecure_cookies, "EVENTSEC_INSECURE_COOKIES", "leave it out, and serve by TLS")
        return self

    @model_validator(mode="after")
    def _oidc_is_whole(self) -> Self:
        if self.oidc_issuer is None:
            return self
        if not (self.public_url and self.oidc_client_id and "openid" in self.oidc_scopes.split()):
            raise Invalid(
                "EVENTSEC_OIDC_ISSUER needs EVENTSEC_PUBLIC_URL, EVENTSEC_OIDC_CLIENT_ID and the scope openid",
                code="incomplete_setting",
            )
        refuse_in_production(
            self, not self.oidc_issuer.startswith("https://"), "an EVENTSEC_OIDC_ISSUER without TLS", "use https://"
        )
        return self

    @model_validator(mode="after")
    def _evidence_s3_is_whole(self) -> Self:
        if self.evidence_s3_url is None:
            return self
        url = urlsplit(self.evidence_s3_url)
        plain = url.scheme in ("https", "http") and url.hostname and not (url.query or url.fragment or url.username)
        if not (plain and self.evidence_s3_bucket and self.evidence_s3_access_key and self.evidence_s3_secret_key):
            raise Invalid(
                "EVENTSEC_EVIDENCE_S3_URL is of the form https://host:port and needs EVENTSEC_EVIDENCE_S3_BUCKET, "
                "_ACCESS_KEY and _SECRET_KEY",
                code="incomplete_setting",
            )
        open_way = url.scheme == "http" and url.hostname not in LOOPBACK
        refuse_in_production(self, open_way, "an EVENTSEC_EVIDENCE_S3_URL without TLS", "use https://")
        return self

    @model_validator(mode="after")
    def _no_open_bind_without_tls(self) -> Self:
        open_bind = self.api_host not in LOOPBACK and not self.tls_in_front
        refuse_in_production(self, open_bind, "an open bind without EVENTSEC_TLS_IN_FRONT", TLS_IN_FRONT)
        return self


class TokenSettings(PostgresSettings):
    """For `python -m services.api.tokens`, which needs the database and nothing else."""

    postgres_url: SecretStr = postgres_url("api")
    postgres_password: Password | None = postgres_password("api")


class RekeySettings(PostgresSettings, SecretSettings):
    """For `python -m services.api.rekey`, which needs the database and the keys."""

    postgres_url: SecretStr = postgres_url("api")
    postgres_password: Password | None = postgres_password("api")
