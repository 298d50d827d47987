"""`python -m services.api.audit verify FILE`: checks an exported chain, with no server and no network."""

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from shared.domain.audit import Chain, Link

_IDS = ("id", "organization_id", "actor_id", "object_id")


def main(arguments: Sequence[str] | None = None) -> int:
    """The program; exit status 1 when the chain is broken or cut off, 2 when the file is no export of ours."""
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
    end = _follow(chain, file)
    if chain.broken is not None:
        where = f"at place {chain.broken.sequence}, entry {chain.broken.id or 'none'}"
        sys.stdout.write(f"broken {where}: {chain.broken.reason}\n")
        return 1
    if end != {"entries": chain.sequence, "head": chain.head.hex()}:
        sys.stdout.write(f"cut off after {chain.sequence} entries: the line with their number is not at its end\n")
        return 1
    if head is not None and chain.head.hex() != head.lower():
        sys.stdout.write(f"whole, {_entries(chain)}, but its end is not the one given: {chain.head.hex()}\n")
        return 1
    sys.stdout.write(f"whole, {_entries(chain)}, head {chain.head.hex()}\n")
    return 0


def _entries(chain: Chain) -> str:
    """How many there are, and how many of them could not be checked."""
    if not chain.withheld:
        return f"{chain.sequence} entries"
    return f"{chain.sequence} entries, of them {chain.withheld} withheld and taken on their hash alone"


def _follow(chain: Chain, file: Path) -> dict[str, Any] | None:
    """Check each line of the export; its last one, None where that is an entry or a seal without one."""
    end = None
    with file.open("rb") as lines:
        for line in lines:
            held: dict[str, Any] = orjson.loads(line)
            end = held if "entries" in held else None
            if end is None and "id" in held:
                chain.follow([_link(held)])
            elif end is None and held.get("withheld") is True:
                chain.withhold(held["sequence"], bytes.fromhex(held["hash"]))
            elif end is None:
                chain.missing(held["sequence"])
    return end


def _link(held: dict[str, Any]) -> Link:
    entry = held | {name: UUID(held[name]) for name in _IDS if held[name] is not None}
    entry["created_at"] = datetime.fromisoformat(held["created_at"])
    return Link(entry, held["sequence"], bytes.fromhex(held["hash"]))


if __name__ == "__main__":
    sys.exit(main())
