"""`python -m services.api.audit verify FILE`: checks an exported chain, with no server and no network."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from shared.domain.audit import Chain, Link

_IDS = ("id", "organization_id", "actor_id", "object_id")


def main(arguments: Sequence[str] | None = None) -> int:
    """The program; exit status 1 when the chain is broken, 2 when the file is no export of ours."""
    parser = argparse.ArgumentParser(prog="python -m services.api.audit", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    verify = commands.add_parser("verify", help="follow the chain to its end, or to where it breaks")
    verify.add_argument("file", type=Path, help="what GET /api/v1/audit/export gave")
    verify.add_argument("--head", help="the hash that the last entry is known to have had, in hex")
    options = parser.parse_args(arguments)
    try:
        return _verify(options.file, options.head)
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.stderr.write(f"audit: {options.file} is no export of ours ({type(error).__name__})\n")
        return 2


def _verify(file: Path, head: str | None) -> int:
    chain = Chain()
    chain.follow(_links(file))
    if chain.broken is not None:
        where = f"at place {chain.broken.sequence}, entry {chain.broken.id}"
        sys.stdout.write(f"broken {where}: {chain.broken.reason}\n")
        return 1
    if head is not None and chain.head.hex() != head.lower():
        sys.stdout.write(f"whole, {chain.sequence} entries, but its end is not the one given: {chain.head.hex()}\n")
        return 1
    sys.stdout.write(f"whole, {chain.sequence} entries, head {chain.head.hex()}\n")
    return 0


def _links(file: Path) -> Iterator[Link]:
    with file.open("rb") as lines:
        for line in lines:
            held: dict[str, Any] = orjson.loads(line)
            entry = held | {name: UUID(held[name]) for name in _IDS if held[name] is not None}
            entry["created_at"] = datetime.fromisoformat(held["created_at"])
            yield Link(entry, held["sequence"], bytes.fromhex(held["hash"]))


if __name__ == "__main__":
    sys.exit(main())
