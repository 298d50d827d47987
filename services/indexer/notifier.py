"""The notifier: tells people what waits in `notifications`, until each has heard it or too many attempts failed.

What one process picks it has for a while, by a new `due_at`: one that is killed leaves it to another. What was sent
just before a kill is sent again, under the same id (docs/adr/0029).
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import aiosmtplib
import asyncpg
import httpx
import orjson

from services.indexer.folding import Connection
from services.indexer.notify import confidence
from services.indexer.notify.email import Mail, PartlyRefused
from services.indexer.notify.message import MOST_NAMED, Message, Told, Undeliverable
from services.indexer.notify.webhook import Hook, Refused
from services.indexer.settings import IndexerSettings
from shared import clock, log, metrics, outgoing
from shared.cipher import Cipher
from shared.db.locks import CLASS, Lock
from shared.domain import severity
from shared.domain.notification import ATTEMPTS, Kind, Manner, QuietHours, hearers
from shared.errors import EventSecError
from shared.lifecycle import Stop
from shared.retry import Backoff

logger = log.get(__name__)

IDLE_SECONDS = 1.0
ROUND = 20
"""Messages that one process sends at once; half of them at most of one organization, two of one kind to one target."""
MOST_OF_ORGANIZATION, MOST_OF_TARGET = ROUND // 2, 2
MOST_TOGETHER = 10_000
"""Rows that one statement changes: one message tells of so many, and so many are put off at once."""
PUT_OFF = timedelta(minutes=5)
"""After what is wrong with one message before it is even tried, so that it holds up no other."""
MAX_ERROR = 500
MISTAKE = "an error of EventSec's own: the log of the indexers tells it with the id of this notification"
ON_THE_WAY = (Refused, httpx.HTTPError, httpx.InvalidURL, aiosmtplib.SMTPException, OSError, EventSecError)
"""What the network, the receiver or the settings did; the words of anything else are for us alone."""
COALESCE = timedelta(seconds=60)
"""Where no route says otherwise."""

# Twelve attempts within 13 to 25 hours.
AGAIN = Backoff(first=60.0, most=8 * 3600.0)

# Of the heads that are due, the longest due first; what travels with a head is not looked at by itself, nor what has
# had its share of the round.
DUE = """
    SELECT id, organization_id, kind, channel_id, user_id, severity, attempts FROM notifications n
    WHERE status = 'pending' AND sent_with_id IS NULL AND due_at <= now() AND organization_id <> ALL ($1::uuid[])
      AND NOT EXISTS (SELECT 1 FROM unnest($2::text[], $3::uuid[]) AS served (kind, target)
                      WHERE served.kind = n.kind AND served.target = coalesce(n.channel_id, n.user_id))
    ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
# JSON's null is what an API of an older version writes for no quiet hours.
ROUTES = """
    SELECT min_severity, nullif(quiet_hours, 'null') AS quiet_hours, coalesce_seconds FROM notification_routes
    WHERE organization_id = $1 AND $2 = ANY (kinds) AND disabled_at IS NULL
      AND (channel_id = $3 OR user_id = $4)
"""
OF_TARGET = "organization_id = $1 AND kind = $2 AND (channel_id = $3 OR user_id = $4)"
WAITING = f"status = 'pending' AND sent_with_id IS NULL AND due_at <= now() AND {OF_TARGET}"
LAST = f"""
    SELECT greatest(
        (SELECT max(sent_at) FROM notifications WHERE sent_at > now() - $5::interval AND {OF_TARGET}),
        (SELECT max(updated_at) FROM notifications
         WHERE status = 'pending' AND attempts > 0 AND sent_with_id IS NULL AND {OF_TARGET}))
"""
HOLD = f"""
    UPDATE notifications SET due_at = $5 WHERE id = ANY (ARRAY(
        SELECT id FROM notifications WHERE {WAITING} AND attempts = 0 AND severity <= $6 LIMIT $7))
"""
# What a message carries since its first attempt leaves with it, so the gravest of that decides.
WORST = "SELECT max(severity) FROM notifications WHERE id = $1 OR sent_with_id = $1"
HOLD_ONE = "UPDATE notifications SET due_at = $2, last_error = coalesce($3, last_error) WHERE id = $1"
TOGETHER = f"""
    SELECT id FROM notifications WHERE {WAITING} AND attempts = 0 AND severity >= $5
    ORDER BY id LIMIT $6 FOR UPDATE SKIP LOCKED
"""
# The head first, then in the order in which things happened: the same at each attempt. Only those that are named.
TAKE = """
    WITH taken AS (
        UPDATE notifications
        SET attempts = attempts + 1, due_at = now() + $3::interval,
            sent_with_id = CASE WHEN id <> $1::uuid THEN $1::uuid END
        WHERE status = 'pending' AND (id = $1 OR sent_with_id = $1 OR id = ANY ($2::uuid[]))
        RETURNING id, kind, severity, subject, content, object_kind, object_id, created_at, reached)
    SELECT *, count(*) OVER () AS total, max(severity) OVER () AS worst FROM taken ORDER BY id <> $1, id LIMIT $4
"""
TARGET = """
    SELECT c.kind, c.settings, c.secret, c.disabled_at IS NULL AS active FROM notification_channels c WHERE c.id = $1
"""
PERSON = """
    SELECT u.email FROM users u JOIN memberships m ON m.user_id = u.id
    WHERE u.id = $1 AND m.organization_id = $2 AND u.disabled_at IS NULL AND m.role = ANY ($3::text[])
"""
SENT = """
    UPDATE notifications SET status = CASE WHEN id = $1 THEN 'sent' ELSE 'coalesced' END, sent_at = now(),
                             last_error = $2
    WHERE (id = $1 OR sent_with_id = $1) AND status = 'pending'
"""
# Of an attempt that another process has taken over meanwhile, that one tells.
FAILED = """
    UPDATE notifications SET status = $3, due_at = $4, last_error = $5,
                             reached = CASE WHEN id = $1 THEN reached || $6::text[] ELSE reached END
    WHERE (id = $1 OR sent_with_id = $1) AND status = 'pending' AND attempts = $2
"""


@dataclass(frozen=True)
class Attempt:
    """One message on its way, for the `number`-th time, to a channel or a person, but for whom it has `reached`."""

    message: Message
    number: int
    reached: Sequence[str]
    channel: asyncpg.Record | None
    email: str | None

    @property
    def means(self) -> str:
        """What it travels by."""
        return str(self.channel["kind"]) if self.channel is not None else "email"


class Notifier:
    """Sends what is due; any number of them share the work."""

    def __init__(self, pool: asyncpg.Pool, settings: IndexerSettings) -> None:
        self._pool = pool
        self._public_url = settings.public_url
        self._allow = settings.outgoing_allow
        self._timeout = settings.notify_timeout_seconds
        self._lease = timedelta(seconds=2 * settings.notify_timeout_seconds + 30)
        self._cipher = Cipher(settings.secret_keys.get_secret_value().split(","))
        self._mail = Mail(
            settings.smtp_host,
            settings.smtp_port,
            settings.smtp_tls,
            settings.smtp_user,
            settings.smtp_password.get_secret_value() if settings.smtp_password is not None else None,
            settings.smtp_from,
            settings.notify_timeout_seconds,
        )

    async def run(self, stop: Stop) -> None:
        """Send for ever: at once while there is something, else look every second."""
        async with outgoing.client(self._allow, self._timeout) as client:
            while not stop.requested:
                sent = 0
                try:
                    sent = await self.send_due(client)
                except Exception:  # the loop outlives any failure, the rows are still there
                    metrics.BACKGROUND_FAILURES.labels("notifier").inc()
                    logger.exception("notifier_failed")
                if not sent and await stop.sleep(IDLE_SECONDS):
                    return

    async def send_due(self, client: httpx.AsyncClient) -> int:
        """Try what is due, up to 20 messages at once; how many."""
        attempts = await self._take()
        endings = await asyncio.gather(*(self._try(attempt, client) for attempt in attempts), return_exceptions=True)
        for ending in endings:
            if isinstance(ending, BaseException):
                raise ending
        return len(attempts)

    async def _take(self) -> list[Attempt]:
        attempts: list[Attempt] = []
        async with self._pool.acquire() as connection, connection.transaction():
            # So that two processes do not split what belongs together.
            await connection.execute("SELECT pg_advisory_xact_lock($1, $2)", CLASS, Lock.NOTIFY)
            await confidence.keep(connection)
            share = _Share()
            for _ in range(ROUND):
                head = await connection.fetchrow(DUE, *share.served)
                if head is None:
                    break
                attempt = await self._take_one(connection, head)
                share.count(head, taken=attempt is not None)
                if attempt is not None:
                    attempts.append(attempt)
        return attempts

    async def _take_one(self, connection: Connection, head: asyncpg.Record) -> Attempt | None:
        """The head on its way; None when it has to wait. What is wrong with one is put off, and noted in its row."""
        try:
            async with connection.transaction():
                rows = await self._take_with(connection, head)
                return await self._attempt(connection, head, rows) if rows is not None else None
        except Exception:  # where the connection is gone, saying so fails as well, and ends the round
            logger.exception("notification_not_taken", notification_id=head["id"])
            await connection.execute(HOLD_ONE, head["id"], clock.now() + PUT_OFF, MISTAKE)
            return None

    async def _take_with(self, connection: Connection, head: asyncpg.Record) -> Sequence[asyncpg.Record] | None:
        """The head and what goes with it, taken; None when they have to wait, which their `due_at` then says."""
        now = clock.now()
        target = head["organization_id"], head["kind"], head["channel_id"], head["user_id"]
        routes = await connection.fetch(ROUTES, *target)
        worst = await connection.fetchval(WORST, head["id"]) if head["attempts"] else head["severity"]
        manner = _manner(head["kind"], worst, routes)
        quiet = manner.quiet_until(now)
        # What is milder is of no more routes, and so held at least as long; what is graver may be of another.
        if quiet is not None and worst < severity.CRITICAL:
            if head["attempts"]:
                await connection.execute(HOLD_ONE, head["id"], quiet, None)
            else:
                await connection.execute(HOLD, *target, quiet, worst, MOST_TOGETHER)
            return None
        others: list[UUID] = []
        if not head["attempts"] and manner.coalesce:
            last = await connection.fetchval(LAST, *target, manner.coalesce)
            if last is not None and last + manner.coalesce > now:
                await connection.execute(HOLD, *target, last + manner.coalesce, worst, MOST_TOGETHER)
                return None
            least = _least_told(head["kind"], routes, now)
            others = [row["id"] for row in await connection.fetch(TOGETHER, *target, least, MOST_TOGETHER)]
        taken: Sequence[asyncpg.Record] = await connection.fetch(TAKE, head["id"], others, self._lease, MOST_NAMED)
        return taken

    async def _attempt(self, connection: Connection, head: asyncpg.Record, rows: Sequence[asyncpg.Record]) -> Attempt:
        message = Message(
            head["id"],
            head["organization_id"],
            [_told(row) for row in rows],
            self._public_url,
            total=rows[0]["total"],
            worst=rows[0]["worst"],
        )
        number, reached = head["attempts"] + 1, rows[0]["reached"]
        if head["channel_id"] is not None:
            return Attempt(message, number, reached, await connection.fetchrow(TARGET, head["channel_id"]), None)
        roles = hearers(Kind(head["kind"]))
        email = await connection.fetchval(PERSON, head["user_id"], head["organization_id"], roles)
        return Attempt(message, number, reached, None, email)

    async def _try(self, attempt: Attempt, client: httpx.AsyncClient) -> None:
        try:
            remark = await self._send(attempt, client)
        except Undeliverable as error:
            await self._give_up(attempt, str(error))
        except PartlyRefused as error:
            await self._again(attempt, str(error)[:MAX_ERROR], error.reached)
        except ON_THE_WAY as error:
            await self._again(attempt, _in_words(error))
        except Exception:  # whatever it is, the next attempt may go better
            logger.exception("notification_not_sent", notification_id=attempt.message.id)
            await self._again(attempt, MISTAKE)
        else:
            await self._pool.execute(SENT, attempt.message.id, remark)
            self._tell(attempt, "sent")

    async def _send(self, attempt: Attempt, client: httpx.AsyncClient) -> str | None:
        channel = attempt.channel
        if channel is None:
            if attempt.email is None:
                raise Undeliverable("the person is disabled, no member any longer, or may not see it")
            return await self._mail.send(attempt.message, [attempt.email])
        if not channel["active"]:
            raise Undeliverable("the channel is disabled")
        settings = orjson.loads(channel["settings"])
        if channel["kind"] == "email":
            return await self._mail.send(attempt.message, settings["to"], attempt.reached)
        kept = orjson.loads(self._cipher.decrypt(channel["secret"]))
        await Hook(kept["url"], settings["format"], kept["key"]).send(attempt.message, client)
        return None

    async def _again(self, attempt: Attempt, error: str, reached: Sequence[str] = ()) -> None:
        if attempt.number >= ATTEMPTS:
            await self._give_up(attempt, error, reached)
            return
        due = clock.now() + timedelta(seconds=AGAIN.pause(attempt.number - 1))
        await self._pool.execute(FAILED, attempt.message.id, attempt.number, "pending", due, error, reached)
        self._tell(attempt, "again", error)

    async def _give_up(self, attempt: Attempt, error: str, reached: Sequence[str] = ()) -> None:
        await self._pool.execute(FAILED, attempt.message.id, attempt.number, "failed", clock.now(), error, reached)
        self._tell(attempt, "failed", error)

    def _tell(self, attempt: Attempt, ending: str, error: str | None = None) -> None:
        metrics.NOTIFICATIONS.labels(attempt.means, ending).inc()
        message = attempt.message
        logger.info(
            "notification_tried",
            notification_id=message.id,
            ending=ending,
            attempt=attempt.number,
            told=message.total,
            error=error,
        )


class _Share:
    """What of one round each organization and each target has had."""

    def __init__(self) -> None:
        self._organizations: Counter[UUID] = Counter()
        self._targets: Counter[tuple[str, UUID]] = Counter()

    def count(self, head: asyncpg.Record, *, taken: bool) -> None:
        """One that was looked at; one that has to wait, and others with it, is none of its organization's share."""
        self._organizations[head["organization_id"]] += taken
        self._targets[head["kind"], head["channel_id"] or head["user_id"]] += 1

    @property
    def served(self) -> tuple[list[UUID], list[str], list[UUID]]:
        """Organizations, and kinds with targets, that get no more of this round: the parameters of DUE."""
        organizations = [one for one, count in self._organizations.items() if count >= MOST_OF_ORGANIZATION]
        targets = [one for one, count in self._targets.items() if count >= MOST_OF_TARGET]
        return organizations, [kind for kind, _ in targets], [target for _, target in targets]


def _in_words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:MAX_ERROR]


def _manner(kind: str, grade: int, routes: Sequence[asyncpg.Record]) -> Manner:
    """How those of the target's routes that want this kind at this severity want it."""
    if kind == Kind.CHANNEL_TEST:
        return Manner((), timedelta(0))
    fit = [row for row in routes if row["min_severity"] <= grade]
    quiet = tuple(QuietHours.read(orjson.loads(kept)) if (kept := row["quiet_hours"]) else None for row in fit)
    seconds = [timedelta(seconds=row["coalesce_seconds"]) for row in fit]
    return Manner(quiet, min(seconds, default=COALESCE))


def _least_told(kind: str, routes: Sequence[asyncpg.Record], now: datetime) -> int:
    """The least severity that, like all above it, no quiet hours hold back now."""
    least = severity.CRITICAL
    while least > severity.INFORMATIONAL and _manner(kind, least - 1, routes).quiet_until(now) is None:
        least -= 1
    return least


def _told(row: asyncpg.Record) -> Told:
    content: dict[str, Any] = orjson.loads(row["content"])
    created: datetime = row["created_at"]
    return Told(
        row["id"], row["kind"], row["severity"], row["subject"], content, row["object_kind"], row["object_id"], created
    )
