"""The settings of the program that migrates the database."""

from pydantic import Field

from shared.settings import PostgresSettings


class MigrateSettings(PostgresSettings):
    """`postgres_url` is the login that owns the tables, never one that a service runs as."""

    migrate_wait_seconds: float = Field(
        default=120.0,
        ge=0,
        description="How long `migrate` waits for its server, for another migrate, or for locks of processes at work.",
    )
