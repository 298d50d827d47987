"""`python -m deploy.backup COMMAND`: back up Postgres, the truth, and the files of evidence; and put both back.

Needs Python and PostgreSQL's client programs, or a way to the server's own:
  --postgres-exec "docker compose -f deploy/compose.yaml exec -T postgres" --postgres-url postgresql://eventsec@/eventsec
OpenSearch is not backed up: it is filled anew from what is restored. See docs/production.md.
"""

import argparse
import os
import shlex
import signal
import sys
from pathlib import Path
from types import FrameType

from deploy.backup import postgres, shelf, work
from deploy.backup.errors import BackupError
from deploy.backup.evidence import Files
from deploy.backup.postgres import Client

DONE, FAILED, NOT_ALL = 0, 1, 3
AFTER = """Next, with OpenSearch's old indices gone, if there are any:
  python -m shared.migrations                      # where the backup is of an older version
  python -m shared.search.migrate
  python -m services.indexer.stores repair         # fills the indices from the rows; services may run meanwhile
Then start the services. In containers `docker compose up --wait` does the first two and starts them: repair comes last.
docs/production.md has it for both.
"""


def take(options: argparse.Namespace) -> int:
    """`take`."""
    files, bucket = _files(options), bool(os.environ.get("EVENTSEC_EVIDENCE_S3_URL"))
    backup = work.take(_client(options), options.to, files, bucket=bucket, tell=work.Teller())
    sys.stdout.write(f"{backup}\n")
    manifest = shelf.read(backup)
    for what, keys in (("missing", manifest.missing), ("changed", manifest.changed)):
        if keys:
            sys.stderr.write(f"backup: {len(keys)} files of evidence are {what}, such as {keys[0]}\n")
    return NOT_ALL if manifest.missing or manifest.changed else DONE


def verify(options: argparse.Namespace) -> int:
    """`verify`: no database is asked, but pg_restore reads the dump."""
    client = postgres.client_of(options.postgres_url or "", options.postgres_exec)
    work.verify(client, options.backup, work.Teller())
    return DONE


def restore(options: argparse.Namespace) -> int:
    """`restore`."""
    work.restore(_client(options), options.backup, _files(options), replace=options.force_replace, tell=work.Teller())
    sys.stderr.write(AFTER)
    return DONE


def list_(options: argparse.Namespace) -> int:
    """`list`."""
    for backup in shelf.backups(options.shelf):
        try:
            manifest = shelf.read(backup)
            rows = sum(manifest.rows.values())
            said = f"{manifest.version} at {manifest.revision}, {rows:,} rows, {manifest.bytes:,} bytes"
        except BackupError:
            said = "cannot be read"
        sys.stdout.write(f"{backup.name}  {said}\n")
    return DONE


def prune(options: argparse.Namespace) -> int:
    """`prune`."""
    with shelf.alone(options.shelf):
        for backup in shelf.prune(options.shelf, options.keep):
            sys.stdout.write(f"{backup.name}  removed\n")
    return DONE


def parser() -> argparse.ArgumentParser:
    """The command line."""
    root = argparse.ArgumentParser(
        prog="python -m deploy.backup", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = root.add_subparsers(dest="command", required=True)
    command = commands.add_parser("take", help="take a backup into a new folder, and print its path")
    command.add_argument("--to", type=Path, required=True, metavar="DIR", help="folder of all backups")
    _add_postgres(command)
    _add_evidence(command)
    command.set_defaults(action=take)
    command = commands.add_parser("verify", help="read every byte of a backup, and compare with its manifest")
    command.add_argument("backup", type=Path)
    _add_postgres(command)
    command.set_defaults(action=verify)
    command = commands.add_parser("restore", help="put a backup into an empty database, and compare")
    command.add_argument("backup", type=Path)
    command.add_argument("--force-replace", action="store_true", help="give up what is in the database now")
    _add_postgres(command)
    _add_evidence(command)
    command.set_defaults(action=restore)
    command = commands.add_parser("list", help="what there is, the oldest first")
    command.add_argument("shelf", type=Path, metavar="DIR")
    command.set_defaults(action=list_)
    command = commands.add_parser("prune", help="remove all but the newest, and what is no whole backup")
    command.add_argument("shelf", type=Path, metavar="DIR")
    command.add_argument("--keep", type=_positive, required=True, metavar="N")
    command.set_defaults(action=prune)
    return root


def _add_postgres(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--postgres-url",
        help="the login that owns the tables (EVENTSEC_POSTGRES_URL); as --postgres-exec sees it; verify needs none",
    )
    command.add_argument(
        "--postgres-exec", type=shlex.split, default=[], help="what to put before psql, pg_dump, pg_restore"
    )


def _add_evidence(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--evidence", metavar="DIR", help="its folder (EVENTSEC_EVIDENCE_FOLDER); without it none is copied"
    )
    command.add_argument("--evidence-exec", type=shlex.split, default=[], help="what to put before tar")


def _positive(said: str) -> int:
    number = int(said)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _client(options: argparse.Namespace) -> Client:
    url = options.postgres_url or os.environ.get("EVENTSEC_POSTGRES_URL")
    if not url:
        raise BackupError("say which database: --postgres-url or EVENTSEC_POSTGRES_URL")
    return postgres.client_of(url, options.postgres_exec, _password("EVENTSEC_POSTGRES_PASSWORD"))


def _password(variable: str) -> str | None:
    """Of the login, where it stands beside the URL, in a file or not."""
    if (file := os.environ.get(f"{variable}_FILE")) is None:
        return os.environ.get(variable)
    try:
        return Path(file).read_text(encoding="utf-8").rstrip()
    except (OSError, ValueError):
        raise BackupError(f"{variable}_FILE cannot be read: {file}") from None


def _files(options: argparse.Namespace) -> Files | None:
    folder = options.evidence or os.environ.get("EVENTSEC_EVIDENCE_FOLDER")
    bucket = os.environ.get("EVENTSEC_EVIDENCE_S3_URL")
    return Files(folder, options.evidence_exec) if folder and not bucket else None


def _stop(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)


def main(arguments: list[str] | None = None) -> int:
    """The program; returns its exit status: 3 where a backup was taken, and evidence is not as its rows say."""
    options = parser().parse_args(arguments)
    os.umask(0o077)
    signal.signal(signal.SIGTERM, _stop)
    try:
        return int(options.action(options))
    except BackupError as error:
        sys.stderr.write(f"backup: {error}\n")
        return FAILED


if __name__ == "__main__":
    sys.exit(main())
