"""`python -m deploy.secrets [--dir FOLDER]`: makes what an installation keeps secret, a file for each.

What is there already stays as it is, so it may run again at any time. `EVENTSEC_SECRETS_DIR` leads compose to the
folder. A password is changed by writing into its file; a file put in its place does not reach a running container.
"""

import argparse
import base64
import os
import secrets
import string
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

FOLDER = Path(__file__).with_name("secrets")

# Containers read their files as users of their own, who are nobody on the host. So each file may be read by all, and
# the folder lets only its owner in: on the host nobody else gets to it, in a container only what was given to it is.
FOLDER_MODE, FILE_MODE = 0o700, 0o644

_KINDS = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "-_")


def password() -> str:
    """256 bits that need no quoting anywhere, with a character of each kind, as OpenSearch's rules ask."""
    while True:
        made = secrets.token_urlsafe(32)
        if all(set(made) & set(kind) for kind in _KINDS):
            return made


def key() -> str:
    """A key of EVENTSEC_SECRET_KEYS."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


SECRETS: dict[str, Callable[[], str]] = {
    "postgres_password": password,
    "postgres_ingest_password": password,
    "postgres_indexer_password": password,
    "postgres_api_password": password,
    "rabbitmq_password": password,
    "rabbitmq_ingest_password": password,
    "rabbitmq_indexer_password": password,
    "rabbitmq_api_password": password,
    "opensearch_password": password,
    "secret_keys": key,
    "admin_password": password,
}


def make(folder: Path) -> list[str]:
    """Make those that are missing; returns their names. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(FOLDER_MODE)
    return [name for name, maker in SECRETS.items() if _made(folder / name, maker)]


def _made(file: Path, maker: Callable[[], str]) -> bool:
    """True when the file was not there. Whole or not at all, for nobody overwrites half a secret later."""
    if file.exists():
        return False
    part = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        part.write_text(maker() + "\n", encoding="ascii")
        part.chmod(FILE_MODE)
        os.link(part, file)
    except FileExistsError:
        return False
    finally:
        part.unlink(missing_ok=True)
    return True


def main(arguments: Sequence[str] | None = None) -> int:
    """The program; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m deploy.secrets", description=__doc__)
    parser.add_argument("--dir", type=Path, default=FOLDER, metavar="FOLDER", help="where (default deploy/secrets)")
    folder: Path = parser.parse_args(arguments).dir
    try:
        new = make(folder)
    except OSError as error:
        sys.stderr.write(f"deploy.secrets: {folder}: {error.strerror}\n")
        return 1
    for name in SECRETS:
        sys.stdout.write(f"{'new ' if name in new else 'kept'}  {folder / name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
