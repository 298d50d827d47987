"""Fills a corner of the servers with alerts and events as years of work leave them, for `tests.load.lists`.

Rows are made by the server itself, set by set; documents are those that the projection makes of the rows. Five
organizations, of which one has ten elevenths of everything; 2,000 rules, addresses, hosts and people of which few do
most; 90 days, of which the last two weeks hold what is still open. A part that is there whole is not made again.
"""

import asyncio
import random
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import orjson
from opensearchpy import AsyncOpenSearch
from pydantic import SecretStr

from deploy.demo.generator.samples import sample
from services.indexer.projection import ALERT, CHANGING, changing_item
from shared import clock, ids
from shared.errors import Unavailable
from shared.normalise import pipeline
from shared.normalise.body import pack_body
from shared.normalise.event import Event, Kind, SensorProfile
from shared.search import bulk, documents, indices
from shared.search.bulk import Operation
from shared.search.client import create_client
from shared.search.indices import ALERTS, Names, ensure_event_index, event_index, first_generation
from shared.settings import OpensearchSettings
from tests.load.direct import DAY, WEEK, midnight_of, week_of

DAYS, TELEMETRY_DAYS = 90, 30
SAMPLES = 2000
CHUNK = 2000
ATTEMPTS = 10
WORKERS = 2

ORGANIZATIONS = """
    INSERT INTO organizations (id, name) SELECT ('00000000-0000-7000-8000-00000000000' || n)::uuid, 'load ' || n
    FROM generate_series(1, 5) AS n
"""
PEOPLE = """
    INSERT INTO users (id, email, name)
    SELECT md5('person' || n)::uuid, 'analyst' || n || '@example.net', 'Analyst ' || n FROM generate_series(0, 39) AS n
"""
MEMBERS = """
    INSERT INTO memberships (id, user_id, organization_id, role)
    SELECT gen_random_uuid(), u.id, o.id, 'analyst' FROM users u CROSS JOIN organizations o WHERE o.name LIKE 'load %'
"""
RULES = """
    CREATE UNLOGGED TABLE rules_made AS
    SELECT n, '1:' || 9000000 + n AS rule_id,
        (ARRAY['Suspicious', 'Repeated', 'Possible', 'Blocked', 'Unusual', 'Known', 'Encoded', 'Outbound', 'Inbound',
               'Lateral', 'Failed', 'First'])[1 + n % 12] || ' ' ||
        (ARRAY['PowerShell download', 'Kerberos ticket request', 'DNS tunnel', 'SMB session', 'SSH sign-in',
               'TLS beacon', 'scheduled task', 'service install', 'registry run key', 'LSASS access',
               'mailbox rule', 'OAuth consent', 'SQL injection', 'path traversal', 'port scan', 'macro execution',
               'WMI process', 'shadow copy deletion', 'token theft', 'archive upload'])[1 + n / 12 % 20] || ' ' ||
        (ARRAY['on a server', 'on a workstation', 'from a new country', 'to a rare domain', 'outside hours',
               'by a service account', 'in the cloud', 'at the gateway', 'by an administrator'])[1 + n / 240]
            AS title,
        (ARRAY[1, 2, 2, 2, 3, 3, 3, 4, 4, 5])[1 + n * 7 % 10]::smallint AS severity,
        'T' || 1000 + n % 180 AS technique,
        (ARRAY['suricata', 'suricata', 'wazuh', 'windows', 'okta'])[1 + n % 5] AS module
    FROM generate_series(0, 1999) AS n
"""
# Cubed chances: of 2,000 rules the first fifth make more than half of all alerts.
MADE = """
    CREATE UNLOGGED TABLE alerts_made AS
    SELECT number, ('00000000-0000-7000-8000-00000000000' ||
                    CASE WHEN number <= $1::int THEN 1 ELSE 2 + number % 4 END)::uuid AS organization_id,
        (2000 * random() ^ 3)::int % 2000 AS rule, first_seen,
        least(first_seen + random() ^ 3 * interval '3 days', $2::timestamptz - interval '1 minute') AS last_seen,
        random() < CASE WHEN first_seen > $2::timestamptz - interval '14 days' THEN 0.25 ELSE 0.01 END AS open,
        random() AS r, random() AS spread, ceil(random() ^ -0.9)::bigint % 1000000 AS count,
        random() < 0.6 AS has_user, random() < 0.3 AS has_domain, (random() * 39)::int AS who
    FROM (SELECT number, $2::timestamptz - random() * $3::interval AS first_seen
          FROM generate_series(1, $1::int + $1 / 10) AS number) AS one
"""
ALERT_ROWS = """
    INSERT INTO alerts (
        id, organization_id, fingerprint, fold_window, title, severity, sensor_severity, status, verdict, reason,
        assignee_id, closed_by_id, acknowledged_by_id, count, first_seen, last_seen, latest_time, latest_id,
        last_fired_at, acknowledged_at, closed_at, risk, tags, techniques, rule_id, module, dataset, sensor_id,
        observables_count, explanation, created_at, updated_at)
    SELECT (lpad(to_hex((extract(epoch FROM first_seen) * 1000)::bigint), 12, '0') || '7' || substr(hash, 1, 3) || '8'
            || substr(hash, 4, 15))::uuid,
        organization_id, decode(hash, 'hex'), 1, title, severity, severity, status,
        CASE WHEN closed THEN (ARRAY['false_positive', 'false_positive', 'benign_positive', 'true_positive',
                                     'undetermined'])[1 + n % 5] END,
        CASE WHEN closed THEN (ARRAY['known_good', 'test', 'policy', 'handled'])[1 + n % 4] END,
        CASE WHEN worked OR spread < 0.2 THEN person END, CASE WHEN closed THEN person END,
        CASE WHEN worked THEN person END, count, first_seen, last_seen, last_seen, hash::uuid, last_seen,
        CASE WHEN worked THEN least(first_seen + spread * interval '8 hours', $2::timestamptz) END,
        CASE WHEN closed THEN greatest(last_seen, least(first_seen + spread * interval '3 days', $2)) END,
        severity * 20 - (spread * 19)::int,
        (ARRAY['{}', '{}', '{}', '{pci}', '{vip}', '{dmz,pci}', '{cloud}', '{lab}'])[1 + n % 8]::text[],
        ARRAY[technique], rule_id, module, module || '.alert', $1::uuid,
        3 + has_user::int + has_domain::int, jsonb_build_object('fold@1', count), first_seen + interval '2 seconds',
        CASE WHEN closed THEN greatest(last_seen, least(first_seen + spread * interval '3 days', $2)) ELSE last_seen END
    FROM (
        SELECT *, md5(number::text) AS hash, status = 'closed' AS closed, status NOT IN ('new', 'suppressed') AS worked,
            md5('person' || who)::uuid AS person
        FROM (SELECT *, CASE WHEN open THEN CASE WHEN r < 0.6 THEN 'new' WHEN r < 0.85 THEN 'acknowledged'
                                            ELSE 'in_progress' END
                             WHEN r < 0.02 THEN 'suppressed' ELSE 'closed' END AS status FROM alerts_made) AS made
        JOIN rules_made ON n = rule
    ) AS one
    ORDER BY 1
"""
# 100.64.0.0/10 and 10.0.0.0/8 are nobody's on the internet; the small organizations have a tenth as many of each.
OBSERVABLE_ROWS = """
    INSERT INTO observables (id, organization_id, type, value)
    SELECT md5(o.id || kind.type || kind.part || n)::uuid, o.id, kind.type,
        CASE kind.part WHEN 'source' THEN host('100.64.0.0'::inet + n * 17) WHEN 'destination' THEN
            host('10.0.0.0'::inet + n * 5) WHEN 'host' THEN 'srv-' || n WHEN 'user' THEN 'user' || n
            ELSE 'www' || n || '.example.net' END
    FROM organizations o
    CROSS JOIN (VALUES ('ip', 'source', 200000), ('ip', 'destination', 3000), ('host', 'host', 3000),
                       ('user', 'user', 5000), ('domain', 'domain', 20000)) AS kind (type, part, number)
    CROSS JOIN LATERAL generate_series(0, CASE WHEN o.name = 'load 1' THEN number ELSE number / 10 END - 1) AS n
    WHERE o.name LIKE 'load %'
"""
LINK_ROWS = """
    INSERT INTO alert_observables (alert_id, observable_id, fields)
    SELECT a.id, md5(m.organization_id || type || part || (many * power(random(), 3))::int % many)::uuid, fields
    FROM alerts_made AS m
    JOIN alerts AS a ON a.organization_id = m.organization_id AND a.fingerprint = decode(md5(m.number::text), 'hex')
    CROSS JOIN LATERAL (
        SELECT type, part, fields::text[], CASE WHEN m.number <= $1::int THEN most ELSE most / 10 END AS many
        FROM (VALUES ('ip', 'source', 200000, '{source.ip}'), ('ip', 'destination', 3000, '{destination.ip}'),
                     ('host', 'host', 3000, '{host.name}'), ('user', 'user', 5000, '{user.name}'),
                     ('domain', 'domain', 20000, '{destination.domain}')) AS kind (type, part, most, fields)
    ) AS kind
    WHERE (part <> 'user' OR has_user) AND (part <> 'domain' OR has_domain)
"""
EVENT_COLUMNS = (
    "id", "organization_id", "sensor_id", "batch_id", "alert_id", "time", "received_at", "created_at", "severity",
    "kind", "digest", "body",
)  # fmt: skip
FIRST_ORGANIZATION = UUID("00000000-0000-7000-8000-000000000001")


Happened = tuple[datetime, UUID, UUID | None]


class Period(NamedTuple):
    """Events of one kind and period: so many, or (None) the latest one of each alert that was last seen in it."""

    kind: Kind
    starts_at: datetime
    length: timedelta
    number: int | None

    @property
    def ends_at(self) -> datetime:
        """The moment behind it."""
        return self.starts_at + self.length


@dataclass(frozen=True)
class Corner:
    """Where the rows and the documents go, in words that another process can be given."""

    postgres_url: str
    opensearch_url: str
    prefix: str
    sensor_id: UUID

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[tuple["asyncpg.Connection", AsyncOpenSearch, Names]]:
        """A connection as the owner, a client, and the names of the indices."""
        settings = OpensearchSettings(opensearch_url=SecretStr(self.opensearch_url), index_prefix=self.prefix)
        client = create_client(settings, timeout_seconds=120)
        connection = await asyncpg.connect(self.postgres_url)
        try:
            yield connection, client, Names(self.prefix)
        finally:
            await connection.close()
            await client.close()


async def fill(corner: Corner, alerts: int, events: int) -> None:
    """Make of so many alerts (a tenth as many besides, in the small organizations) and events what is not there yet."""
    async with corner.opened() as (connection, client, names):
        if not await connection.fetchval("SELECT EXISTS (SELECT FROM alerts)"):
            await make_alerts(connection, corner.sensor_id, alerts)
        now = await connection.fetchval("SELECT max(last_seen) FROM alerts")
        number = await connection.fetchval("SELECT count(*) FROM alerts")
        await indices.ensure_generation(client, names, ALERTS)
        for period in (periods := _periods(now, events - number)):
            name = event_index(period.kind, period.starts_at.date())
            await connection.execute(
                "SELECT ensure_period($1, $2, $3, $4, 1::smallint)", *period[:2], period.ends_at, name
            )
            await ensure_event_index(client, names, name, kind=period.kind)
        await _hush(client, names, hushed=True)
    spans = [(midnight_of(now) - DAY * n, midnight_of(now) - DAY * (n - 1)) for n in range(DAYS + 1)]
    jobs = [*((_documents, corner, *span) for span in spans), *((_events, corner, period) for period in periods)]
    await _in_processes(jobs)
    async with corner.opened() as (connection, _, _):
        await connection.execute("VACUUM (ANALYZE)")
    await show(corner)


async def show(corner: Corner) -> None:
    """Let all that is there be found, also where a run was broken off."""
    async with corner.opened() as (_, client, names):
        await _hush(client, names, hushed=False)
        await client.indices.refresh(index=names.of("*"))


async def _hush(client: AsyncOpenSearch, names: Names, *, hushed: bool) -> None:
    for name in await indices.mappings_in_cluster(client, names):
        await indices.hush(client, names, name, hushed=hushed)


def _periods(now: datetime, telemetry: int) -> list[Period]:
    """The weeks of alerts, and the days of so much telemetry."""
    weeks = [Period("alert", week_of(now) - WEEK * n, WEEK, None) for n in range(DAYS // 7 + 2)]
    days = [midnight_of(now) - DAY * n for n in range(1, TELEMETRY_DAYS + 1)]
    return weeks + [Period("telemetry", day, DAY, max(0, telemetry) // TELEMETRY_DAYS) for day in days]


async def _in_processes(jobs: Sequence[tuple[Any, ...]]) -> None:
    """All of them, two at a time; says how far it is."""
    began = time.monotonic()
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(WORKERS) as pool:
        waiting = [loop.run_in_executor(pool, _run, *job) for job in jobs]
        for number, one in enumerate(asyncio.as_completed(waiting), 1):
            try:
                done = await one
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
            said = f"{done}; {number} of {len(jobs)} parts, {time.monotonic() - began:,.0f} s"
            print(said, file=sys.stderr, flush=True)


def _run(work: Callable[..., Awaitable[str]], *arguments: Any) -> str:
    return asyncio.run(work(*arguments))  # type: ignore[arg-type]


async def make_alerts(connection: "asyncpg.Connection", sensor_id: UUID, number: int) -> None:
    """All rows but events, in one transaction."""
    now = clock.now()
    async with connection.transaction():
        for statement, *values in (
            # What is made here needs no check of each foreign key.
            ("SET LOCAL session_replication_role = 'replica'",),
            ("SET LOCAL work_mem = '256MB'",),
            ("SELECT setseed(0.5)",),
            (ORGANIZATIONS,), (PEOPLE,), (MEMBERS,), (RULES,), (MADE, number, now, timedelta(days=DAYS)),
            (ALERT_ROWS, sensor_id, now), (OBSERVABLE_ROWS,), (LINK_ROWS, number),
            ("DROP TABLE alerts_made, rules_made",),
        ):  # fmt: skip
            began = time.monotonic()
            done = await connection.execute(statement, *values)
            print(f"{done}, {time.monotonic() - began:,.0f} s", file=sys.stderr, flush=True)
    await connection.execute("VACUUM (ANALYZE)")


async def _documents(corner: Corner, start: datetime, end: datetime) -> str:
    """The documents of the alerts first seen in that span, as the projection makes them."""
    async with corner.opened() as (connection, client, names):
        after, until = (ids.first_of(clock.milliseconds(moment)) for moment in (start, end))
        index, count = names.of(first_generation(ALERTS)), 0
        await client.indices.refresh(index=index)
        found = await client.count(index=index, body={"query": {"range": {"id": {"gt": str(after), "lt": str(until)}}}})
        if found["count"] == await connection.fetchval(
            "SELECT count(*) FROM alerts WHERE id > $1 AND id < $2", after, until
        ):
            return f"{found['count']:,} documents of alerts are there"
        while wanted := await connection.fetch(
            "SELECT id FROM alerts WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3", after, until, CHUNK
        ):
            rows = await connection.fetch(CHANGING[ALERT].read, [row["id"] for row in wanted])
            items = [changing_item(ALERT, row) for row in rows]
            written = [Operation("index", index, item.id, item.version, item.document) for item in items]
            await write(client, written)
            after, count = wanted[-1]["id"], count + len(wanted)
        return f"{count:,} documents of alerts"


async def _events(corner: Corner, period: Period) -> str:
    """The events of one period in both stores; those of one that was broken off are made anew."""
    async with corner.opened() as (connection, client, names):
        partition = f"events_{period.kind}_{period.starts_at:%Y%m%d}"
        index = names.of(event_index(period.kind, period.starts_at.date()))
        happened = await _happened(connection, period)
        await client.indices.refresh(index=index)
        stored = await connection.fetchval(f"SELECT count(*) FROM {partition}")
        if stored == (await client.count(index=index))["count"] == len(happened):
            return f"{partition} is there"
        await connection.execute(f"TRUNCATE {partition}")
        events = _made(corner.sensor_id, period, happened)
        while chunk := list(islice(events, CHUNK)):
            await connection.copy_records_to_table("events", records=[row for row, _ in chunk], columns=EVENT_COLUMNS)
            written = [Operation("create", index, row[0], None, document) for row, document in chunk]
            await write(client, written)
        return f"{len(happened):,} events in {partition}"


async def write(client: AsyncOpenSearch, written: Sequence[Operation]) -> None:
    """All of them, patiently: on a busy machine a request may take longer than the client waits."""
    for attempt in range(ATTEMPTS):
        try:
            results = await bulk.write(client, written)
            assert all(result.done for result in results), [one for one in results if not one.done][:3]
            return
        except Unavailable:
            if attempt == ATTEMPTS - 1:
                raise
            await asyncio.sleep(1)


async def _happened(connection: "asyncpg.Connection", period: Period) -> list[Happened]:
    """When, where and of which alert there is an event."""
    if period.number is None:
        rows = await connection.fetch(
            "SELECT last_seen, organization_id, id FROM alerts WHERE last_seen >= $1 AND last_seen < $2 ORDER BY id",
            period.starts_at, period.ends_at,
        )  # fmt: skip
        return [(moment, organization, alert_id) for moment, organization, alert_id in rows]
    chance = random.Random(period.starts_at.isoformat())
    small = [UUID(int=FIRST_ORGANIZATION.int + n) for n in range(1, 5)]
    return [
        (
            period.starts_at + DAY * n / period.number,
            chance.choice(small) if chance.random() < 1 / 11 else FIRST_ORGANIZATION,
            None,
        )
        for n in range(period.number)
    ]


def _made(sensor_id: UUID, period: Period, happened: Iterable[Happened]) -> Iterator[tuple[tuple[Any, ...], bytes]]:
    """Rows and documents: those of some thousand records, each with its own time, id, organization and source."""
    chance = random.Random(period.starts_at.isoformat())
    profile = SensorProfile(id=sensor_id, organization_id=FIRST_ORGANIZATION, format="suricata_eve")
    records = sample("suricata_eve", SAMPLES, 7, kind=period.kind, start=clock.now() - timedelta(hours=1))
    read = pipeline.normalise_request(
        records, hint="suricata_eve", sensor=profile, received_at=clock.now(), idempotency_key=None
    )
    models = [(one, _source(one)) for _, one in read if isinstance(one, Event) and one.kind == period.kind]
    for moment, organization, alert_id in happened:
        model, source = chance.choice(models)
        event_id = ids.content_id(clock.milliseconds(moment), chance.randbytes(10))
        address = f"10.20.{int(200 * chance.random() ** 3)}.{chance.randrange(250)}".encode()
        document = (
            model.document.replace(clock.isoformat(model.time).encode(), clock.isoformat(moment).encode(), 1)
            .replace(str(model.id).encode(), str(event_id).encode(), 1)
            .replace(str(FIRST_ORGANIZATION).encode(), str(organization).encode(), 1)
            .replace(source, address)
        )
        stored_at = moment + timedelta(seconds=2)
        row = (
            event_id, organization, sensor_id, event_id, alert_id, moment, stored_at, stored_at, model.severity,
            period.kind, model.digest, pack_body(document, model.original.replace(source, address)),
        )  # fmt: skip
        yield row, documents.event_document(document, alert_id)


def _source(event: Event) -> bytes:
    """The address that the event came from, as it stands in its document."""
    return str(orjson.loads(event.document).get("source", {}).get("ip", "0.0.0.0")).encode()
