"""Each service may do what it needs and nothing else; none owns a table."""

import asyncio
import secrets

import asyncpg
import pytest

from shared.db.engine import create_single_use_engine, unfit_role
from shared.migrations.roles import ensure_role
from shared.models import Base
from tests.fixtures.postgres import SERVICES, Login, Postgres

DENIED: list[tuple[Login, str]] = [
    ("ingest", "INSERT INTO sensors (id, organization_id, name) VALUES (gen_random_uuid(), gen_random_uuid(), 'x')"),
    ("ingest", "UPDATE sensors SET last_seen_at = now()"),
    ("ingest", "SELECT 1 FROM events"),
    ("ingest", "SELECT 1 FROM alerts"),
    ("ingest", "SELECT 1 FROM users"),
    ("ingest", "SELECT 1 FROM api_tokens"),
    ("ingest", "SELECT ensure_period('alert', '2020-01-01Z', '2021-01-01Z', 'x', 1::smallint)"),
    ("indexer", "UPDATE events SET severity = 1"),
    ("indexer", "INSERT INTO event_periods VALUES ('alert', '2020-01-01Z', '2021-01-01Z', 'x', 1)"),
    ("indexer", "UPDATE sensors SET status = 'disabled'"),
    ("indexer", "SELECT key_hash FROM sensor_keys"),
    ("indexer", "UPDATE sensor_keys SET revoked_at = NULL"),
    ("indexer", "SELECT password_hash FROM users"),
    ("indexer", "SELECT last_login_at FROM users"),
    ("indexer", "SELECT 1 FROM api_tokens"),
    ("indexer", "UPDATE organizations SET name = 'x'"),
    ("indexer", "CREATE TABLE public.mine (id int)"),
    ("indexer", "CREATE TABLE events_alert_x PARTITION OF events_alert FOR VALUES FROM "
     "('00000000-0002-0000-0000-000000000000') TO ('00000000-0003-0000-0000-000000000000')"),
    ("indexer", "DROP TABLE events_alert_unclocked"),
    ("indexer", "SELECT 1 FROM events_alert"),
    ("api", "INSERT INTO events SELECT * FROM events"),
    ("api", "UPDATE events SET severity = 1"),
    ("api", "DELETE FROM events"),
    ("api", "DELETE FROM alerts"),
    ("api", "DELETE FROM users"),
    ("api", "DELETE FROM outbox"),
    ("api", "DELETE FROM quarantine"),
    ("api", "UPDATE quarantine SET record = 'x'"),
    ("api", "UPDATE quarantine SET status = 'discarded'"),
    ("api", "UPDATE sensor_accounts SET stored = 0"),
    ("api", "SELECT 1 FROM envelopes"),
    ("api", "SELECT ensure_period('alert', '2020-01-01Z', '2021-01-01Z', 'x', 1::smallint)"),
    ("api", "SELECT drop_period('alert', '2020-01-01Z')"),
    ("api", "UPDATE alembic_version SET version_num = 'x'"),
    ("api", "UPDATE audit_log SET action = 'x'"),
    ("api", "DELETE FROM audit_log"),
    ("api", "INSERT INTO audit_pending (audit_id, organization_id) VALUES (gen_random_uuid(), gen_random_uuid())"),
    ("api", "DELETE FROM audit_pending"),
    ("api", "INSERT INTO audit_seals VALUES (gen_random_uuid(), 1, gen_random_uuid(), 'x', now())"),
    ("api", "UPDATE suppression_versions SET content = '{}'"),
    ("api", "UPDATE notifications SET sent_at = now()"),
    ("indexer", "UPDATE audit_log SET action = 'x'"),
    ("indexer", "DELETE FROM audit_log"),
    ("indexer", "UPDATE audit_seals SET hash = 'x'"),
    ("indexer", "DELETE FROM audit_seals"),
    ("indexer", "SELECT token_hash FROM sessions"),
    ("indexer", "SELECT totp_secret FROM users"),
    ("indexer", "UPDATE suppressions SET query = 'x'"),
    ("indexer", "SELECT body FROM idempotency_keys"),
]  # fmt: skip

ALLOWED: list[tuple[Login, str]] = [
    ("ingest", "SELECT o.settings, s.*, k.key_hash FROM organizations o, sensors s, sensor_keys k"),
    ("indexer", "SELECT version_num FROM alembic_version"),
    ("indexer", "UPDATE sensors SET last_seen_at = now()"),
    ("indexer", "UPDATE sensor_keys SET last_used_at = now() WHERE id = gen_random_uuid() AND last_used_at IS NULL"),
    ("indexer", "SELECT name, email, preferences FROM users"),
    ("indexer", "SELECT 1 FROM alerts FOR UPDATE"),
    ("indexer", "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox FOR UPDATE SKIP LOCKED)"),
    ("indexer", "DELETE FROM events WHERE kind = 'alert' AND id < first_id_of(1)"),
    ("indexer", "INSERT INTO envelopes (envelope_id) VALUES (gen_random_uuid()) ON CONFLICT DO NOTHING"),
    ("indexer", "INSERT INTO process_controls (key, value) VALUES ('installed_at', '{}') "
     "ON CONFLICT (key) DO UPDATE SET value = process_controls.value || excluded.value"),
    ("indexer", "SELECT ensure_period('alert', '2020-01-01Z', '2021-01-01Z', 'x', 1::smallint)"),
    ("indexer", "SELECT drop_period('alert', '2020-01-01Z')"),
    ("api", "UPDATE notifications SET status = 'pending', due_at = now(), attempts = 0"),
    ("api", "SELECT version_num FROM alembic_version"),
    ("api", "INSERT INTO outbox (id, organization_id, routing_key, kind, ids) VALUES "
     "(gen_random_uuid(), gen_random_uuid(), 'x', 'alert', '{}') RETURNING created_at"),
    ("api", "UPDATE alerts SET title = 'x' RETURNING version"),
    ("api", "SELECT body FROM events WHERE kind = 'alert'"),
    ("api", "UPDATE quarantine SET requested = 'redrive', requested_at = now(), edited_record = 'x', history = '[]'"),
    ("indexer", "UPDATE quarantine SET status = 'discarded', event_id = gen_random_uuid()"),
    ("api", "INSERT INTO audit_log (id, organization_id, actor, actor_name, action, kind) VALUES "
     "(gen_random_uuid(), gen_random_uuid(), 'system', 'x', 'x', 'x') RETURNING created_at"),
    ("indexer", "DELETE FROM audit_pending RETURNING audit_id"),
    ("indexer", "DELETE FROM sessions WHERE expires_at < now()"),
    ("indexer", "DELETE FROM idempotency_keys WHERE created_at < now()"),
]  # fmt: skip


async def test_what_each_role_may_not_do(postgres: Postgres) -> None:
    for login, statement in DENIED:
        async with postgres.connect(login) as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
                pytest.fail(f"{login} may: {statement}")


async def test_what_each_role_may_do(postgres: Postgres) -> None:
    for login, statement in ALLOWED:
        async with postgres.connect(login) as connection:
            try:
                await connection.execute(statement)
            except asyncpg.InsufficientPrivilegeError as error:
                pytest.fail(f"{login} may not: {statement}: {error}")


@pytest.mark.parametrize("service", SERVICES)
async def test_no_role_may_truncate_alter_or_own(postgres: Postgres, service: Login) -> None:
    role = f"eventsec_{service}"
    async with postgres.connect("owner") as connection:
        for table in Base.metadata.tables:
            for privilege in ("TRUNCATE", "REFERENCES", "TRIGGER"):
                assert not await connection.fetchval("SELECT has_table_privilege($1, $2, $3)", role, table, privilege)
        assert not await connection.fetchval("SELECT has_schema_privilege($1, 'public', 'CREATE')", role)
        owned = "SELECT count(*) FROM pg_class JOIN pg_roles r ON r.oid = relowner WHERE rolname IN ($1, $2)"
        assert await connection.fetchval(owned, role, postgres.cluster.role(service)) == 0


async def test_nothing_is_open_to_everybody(postgres: Postgres) -> None:
    """A login without a role of ours sees no table and may call no function."""
    query = """
        SELECT 'table ' || c.relname FROM pg_class c, aclexplode(c.relacl) a
            WHERE c.relnamespace = 'public'::regnamespace AND a.grantee = 0
        UNION ALL SELECT 'function ' || p.proname
            FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
            WHERE p.pronamespace = 'public'::regnamespace AND a.grantee = 0
    """
    async with postgres.connect("owner") as connection:
        assert [row[0] for row in await connection.fetch(query)] == []


async def test_functions_that_run_as_the_owner_fix_their_search_path(postgres: Postgres) -> None:
    async with postgres.connect("owner") as connection:
        rows = await connection.fetch(
            "SELECT proname, proconfig FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef"
        )
    assert {row["proname"] for row in rows} == {"ensure_period", "drop_period", "await_audit_seal", "follow_alert"}
    for row in rows:
        assert "search_path=pg_catalog, pg_temp" in row["proconfig"]


async def test_a_role_that_may_too_much_is_recognised_over_both_drivers(postgres: Postgres) -> None:
    async with postgres.connect("admin") as admin:
        assert "is a superuser" in (await unfit_role(admin) or "")
        await admin.execute("SET ROLE eventsec_api")
        assert "is a superuser" in (await unfit_role(admin) or "")
    unfit: dict[Login, str] = {"admin": "is a superuser", "owner": "owns the tables"}
    for login, said in unfit.items():
        engine = create_single_use_engine(postgres.url(login), application_name="test")
        async with engine.connect() as connection:
            assert said in (await unfit_role(connection) or "")


@pytest.mark.parametrize("service", SERVICES)
async def test_a_services_role_is_fit_until_it_may_act_as_the_owner(postgres: Postgres, service: Login) -> None:
    async with postgres.connect(service) as connection, postgres.connect("admin") as admin:
        assert await unfit_role(connection) is None
        membership = f"{postgres.cluster.role('owner')} {{}} {postgres.cluster.role(service)}"
        await admin.execute(f"GRANT {membership.format('TO')}")
        try:
            assert "owns the tables" in (await unfit_role(connection) or "")
        finally:
            await admin.execute(f"REVOKE {membership.format('FROM')}")


async def test_a_missing_role_is_made_or_the_administrator_told_how(postgres: Postgres) -> None:
    role = f"{postgres.cluster.prefix}_new"
    async with postgres.connect("owner") as owner, postgres.connect("admin") as admin:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match=f"CREATE ROLE {role} NOLOGIN;"):
            await owner.execute(ensure_role(role))
        await admin.execute(ensure_role(role))
        await admin.execute(ensure_role(role))
        await owner.execute(ensure_role(role))
        assert await admin.fetchval("SELECT rolcanlogin FROM pg_roles WHERE rolname = $1", role) is False
        await admin.execute(f"DROP ROLE {role}")


async def test_two_databases_may_make_a_role_at_once(postgres: Postgres) -> None:
    role = f"{postgres.cluster.prefix}_{secrets.token_hex(2)}"
    async with postgres.connect("admin") as first, postgres.connect("admin") as second:
        transaction = first.transaction()
        await transaction.start()
        await first.execute(ensure_role(role))
        waiting = asyncio.create_task(second.execute(ensure_role(role)))
        await asyncio.sleep(0.2)
        await transaction.commit()
        await waiting
        await first.execute(f"DROP ROLE {role}")
