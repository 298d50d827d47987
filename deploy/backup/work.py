"""Taking a backup, proving that one is whole, and putting one back."""

import sys
import time
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from deploy.backup import evidence, postgres, shelf
from deploy.backup.errors import BackupError
from deploy.backup.evidence import Files
from deploy.backup.postgres import Client, Session
from deploy.backup.shelf import DUMP, EVIDENCE, Manifest
from shared.migrations.revisions import known_revisions
from shared.migrations.roles import ensure_role

ROOT = Path(__file__).parents[2]
ROLES = ("eventsec_ingest", "eventsec_indexer", "eventsec_api")

BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
REVISION = "SELECT coalesce((SELECT version_num FROM alembic_version), '')"
# Partitions are counted through the table that they belong to.
TABLES = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname
"""
FILES = "SELECT id, encode(sha256, 'hex') FROM evidence WHERE removed_at IS NULL ORDER BY id"
ANYTHING = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename IS NOT NULL
"""
# What a comparison had seen when the backup was taken, says nothing of the documents there are now.
FORGET = """
    DELETE FROM public.process_controls
    WHERE key IN ('job:drift', 'job:repair') AND value ->> 'finished_at' IS NULL
"""
EMPTY = "DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC"


class Teller:
    """Says what is being done and how long it has taken so far."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self, words: str) -> None:
        sys.stderr.write(f"[{time.monotonic() - self._began:7.1f} s] {words}\n")


def take(client: Client, place: Path, files: Files | None, *, bucket: bool, tell: Callable[[str], None]) -> Path:
    """Take a backup; its path. The files of evidence come after the rows, so that every row has its file.

    Raises BackupError; then nothing is left that looks like one.
    """
    started = datetime.now(UTC)
    with shelf.alone(place), shelf.fresh(place, started) as draft:
        with postgres.session(client) as session:
            server = _suits(client, session)
            session.ask(BEGIN)
            snapshot = session.value("SELECT pg_export_snapshot()")
            manifest = Manifest(
                version=version(),
                revision=session.value(REVISION),
                server=server,
                dumped_by=f"pg_dump {_pg_dump(client)}",
                started_at=_iso(started),
            )
            if manifest.revision not in known_revisions():
                raise BackupError(
                    f"the schema is at {manifest.revision or 'nothing'}, which this version does not know"
                )
            tell(f"dumping the database at {manifest.revision}")
            with shelf.Writer(draft, DUMP) as writer:
                postgres.dump(client, snapshot, writer)
                manifest.files.append(writer.close())
            tell(f"dumped, {manifest.bytes:,} bytes; counting the rows of the same snapshot")
            manifest.rows = count(session)
            wanted = {row[0]: row[1] for row in session.ask(FILES)}
        if files is not None:
            _copy(files, place, draft, wanted, manifest)
            tell(f"copied evidence, {len(manifest.files) - 1} files")
        manifest.evidence = "copied" if files is not None else "bucket" if bucket else "none"
        manifest.ended_at = _iso(datetime.now(UTC))
        shelf.write(draft, manifest)
    tell(f"taken: {sum(manifest.rows.values()):,} rows, {len(manifest.files)} files, {manifest.bytes:,} bytes")
    return draft.with_suffix("")


def verify(client: Client, backup: Path, tell: Callable[[str], None]) -> Manifest:
    """Every byte is as it was written, and pg_restore can read the dump. Raises BackupError."""
    manifest = shelf.read(backup)
    if damages := shelf.damages(backup, manifest.files):
        raise BackupError("\n".join([f"{backup} is damaged:", *damages[:20]]))
    entries = postgres.listed(client, backup / DUMP)
    if manifest.revision not in known_revisions():
        raise BackupError(f"{backup} has the schema {manifest.revision}: a newer version than this must restore it")
    tell(f"whole: {len(manifest.files)} files, {manifest.bytes:,} bytes, {entries} entries in the dump")
    return manifest


def restore(client: Client, backup: Path, files: Files | None, *, replace: bool, tell: Callable[[str], None]) -> None:
    """Put a backup into a database that is empty, or is emptied first, and compare with its manifest.

    All of it is one transaction: what is there is given up only when the new is whole. Raises BackupError; the
    database is then as it was, unless it is evidence that could not be put back.
    """
    manifest = verify(client, backup, tell)
    with postgres.session(client) as session:
        if (others := session.value(OTHERS)) != "0":
            raise BackupError(f"{others} other sessions are connected to this database: stop all services first")
        occupied = session.value(ANYTHING) != "0"
        if occupied and not replace:
            raise BackupError("the database is not empty; --force-replace gives up what is in it")
        session.ask("BEGIN")
        if occupied:
            session.ask(EMPTY)
            tell("emptied the database, for us alone as yet")
        for role in ROLES:
            session.ask(ensure_role(role))
        postgres.restore(client, session, backup / DUMP)
        tell("restored the database")
        if wrong := _differences(manifest.rows, count(session)):
            raise BackupError("\n".join(["what is restored is not what was backed up:", *wrong]))
        if "process_controls" in manifest.rows:
            session.ask(FORGET)
        session.ask("COMMIT")
        tell(f"counted: {sum(manifest.rows.values()):,} rows in {len(manifest.rows)} tables, as in the backup")
        session.ask("ANALYZE")
    if manifest.evidence == "copied" and files is not None:
        tell(f"put back {evidence.put_back(files, backup, manifest)} files of evidence")
    elif manifest.evidence == "copied":
        tell("files of evidence were left out: say where they go with --evidence")


def count(session: Session) -> dict[str, int]:
    """Rows by table."""
    tables = [name for (name,) in session.ask(TABLES)]
    counts = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM public.\"{name}\"" for name in tables)  # noqa: S608 - of its catalogue
    return {name: int(rows) for name, rows in session.ask(counts)}


def version() -> str:
    """Of the product, as the checkout says."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def _suits(client: Client, session: Session) -> str:
    """The server's version. Raises BackupError where pg_dump is older: it would refuse, or leave something out."""
    server = session.value("SHOW server_version_num")
    if _pg_dump(client) < int(server) // 10000:
        raise BackupError(
            f"pg_dump {_pg_dump(client)} is older than the server, {int(server) // 10000}: "
            "install newer client programs, or use the server's own with --postgres-exec"
        )
    return f"{int(server) // 10000}.{int(server) % 10000}"


def _pg_dump(client: Client) -> int:
    return postgres.major(*client.command("pg_dump"))


def _copy(files: Files, place: Path, draft: Path, wanted: dict[str, str], manifest: Manifest) -> None:
    """The files of these rows, and which of them are not what their rows say."""
    before = next(reversed(shelf.readable(place)), None)
    known = shelf.read(before).files if before is not None else []
    came = evidence.copy(files, draft, wanted, before, known)
    hashes = {file.path: file.sha256 for file in came}
    paths = {key: f"{EVIDENCE}/{evidence.place_of(key)}" for key in wanted}
    manifest.files += came
    manifest.missing = [key for key, path in paths.items() if path not in hashes]
    manifest.changed = [key for key, path in paths.items() if hashes.get(path, wanted[key]) != wanted[key]]


def _differences(wanted: dict[str, int], found: dict[str, int]) -> list[str]:
    return [
        f"{table}: {found.get(table, 'none')} rows, {wanted.get(table, 'none')} in the backup"
        for table in sorted(wanted.keys() | found.keys())
        if wanted.get(table) != found.get(table)
    ]


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
